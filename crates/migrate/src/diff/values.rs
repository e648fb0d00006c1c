//! Values that go from an enum: who may still hold them, and which other value takes their place.

use std::collections::BTreeSet;

use model::name::{PG_CATALOG, literal};
use model::object::{Enum, Object};
use model::{Expr, Kind, Name, Path, QName, Schema, Type};

use super::rename::{changes, renamed_type};
use super::ties::Ties;
use super::{Rename, again, renamed};

/// A value that is there before and not after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostValue {
    /// The type by its last name.
    pub ty: Path,
    pub value: Name,
    /// Columns that stay and whose rows may hold it.
    pub columns: Vec<Path>,
    /// What says it in the second schema all the same: a default, a check, an index, a view, a function.
    pub said: Vec<Path>,
}

/// The values that enums lose, and that no rename gives a new name or lets go on as another value.
pub fn lost_values(before: &Schema, after: &Schema, renames: &[Rename]) -> Vec<LostValue> {
    let now = renamed(before, renames);
    let mut found = Vec::new();
    for old in now.enums() {
        let ty = Path::object(Kind::Enum, &old.name);
        let Some(Object::Enum(new)) = after.object(&ty) else { continue };
        let replaced = replaced(old, new, &pending(before, renames));
        let lost = old.values.iter().filter(|value| !new.values.contains(value));
        for value in lost.filter(|value| replaced.iter().all(|(from, _)| from != *value)) {
            let columns = columns_of(&now, &old.name);
            let columns = columns.into_iter().filter(|column| after.contains(column)).collect();
            found.push(LostValue { said: said(after, &ty, value), ty: ty.clone(), value: value.clone(), columns });
        }
    }
    found
}

/// The columns whose rows may go over to another value, by their first paths.
pub fn replaced_columns(before: &Schema, after: &Schema, renames: &[Rename]) -> Vec<Path> {
    let last: BTreeSet<QName> = pending(before, renames)
        .iter()
        .filter_map(|rename| match rename {
            Rename::Value { ty, .. } if after.object(ty).is_some() => Some(ty.qname()),
            _ => None,
        })
        .collect();
    let of_type = |path: &Path| last.contains(&renamed_type(path, renames).qname());
    let types = before.enums().map(|ty| Path::object(Kind::Enum, &ty.name)).filter(of_type);
    types.flat_map(|ty| columns_of(before, &ty.qname())).collect()
}

/// The renames of values that no ALTER TYPE does, because the new name is another value's: rows go over to that one.
/// Each by the last name of its type.
pub(super) fn pending(before: &Schema, renames: &[Rename]) -> Vec<Rename> {
    let left = changes(before, renames).left;
    let last = left.into_iter().filter_map(|rename| match rename {
        Rename::Value { ty, from, to } => Some(Rename::Value { ty: renamed_type(&ty, renames), from, to }),
        Rename::Object { .. } | Rename::Attribute { .. } => None,
    });
    last.collect()
}

/// Values of the old enum that the new one does not have, with those that take their place there. The new one may be
/// lent another name for a while.
pub(super) fn replaced(old: &Enum, new: &Enum, renames: &[Rename]) -> Vec<(Name, Name)> {
    let of_type = renames.iter().filter_map(|rename| match rename {
        Rename::Value { ty, from, to } if [&old.name, &new.name].contains(&&ty.qname()) => {
            Some((from.clone(), to.clone()))
        }
        _ => None,
    });
    let goes =
        |(from, to): &(Name, Name)| old.values.contains(from) && !new.values.contains(from) && new.values.contains(to);
    of_type.filter(goes).collect()
}

/// The text with the values replaced; of an array, in each of its elements.
pub(super) fn replace(text: Expr, ty: &Type, replaced: &[(Name, Name)]) -> Expr {
    let string = |value: &Name| Expr::String(value.clone());
    match ty {
        _ if replaced.is_empty() => text,
        Type::Array(_) => replaced.iter().fold(text, |text, (from, to)| {
            let function = QName { schema: PG_CATALOG, name: "array_replace".into() };
            Expr::call(QName { schema: Name::default(), ..function }, vec![text, string(from), string(to)])
        }),
        _ => Expr::Case {
            operand: Some(Box::new(text.clone())),
            arms: replaced.iter().map(|(from, to)| (string(from), string(to))).collect(),
            otherwise: Some(Box::new(text)),
        },
    }
}

/// The columns of tables whose type is made of this one: itself, arrays, domains and composite types over it.
fn columns_of(schema: &Schema, ty: &QName) -> Vec<Path> {
    let mut made_of = BTreeSet::from([ty.clone()]);
    let names = |made_of: &BTreeSet<QName>, ty: &Type| ty.user_defined().is_some_and(|name| made_of.contains(name));
    loop {
        let count = made_of.len();
        for (path, object) in schema.objects() {
            let holds = match object {
                Object::Domain(domain) => names(&made_of, &domain.base),
                Object::Composite(composite) => {
                    composite.attributes.iter().any(|attribute| names(&made_of, &attribute.ty))
                }
                Object::Range(range) => names(&made_of, &range.subtype),
                _ => false,
            };
            if holds {
                made_of.insert(path.qname());
            }
        }
        if made_of.len() == count {
            break;
        }
    }
    let columns = schema.tables().flat_map(|table| table.columns.iter().map(|column| (&table.name, column)));
    let holding = columns.filter(|(_, column)| names(&made_of, &column.ty));
    holding.map(|(table, column)| Path::column(table, column.name.clone())).collect()
}

/// Whatever names the type, or a column of it, and says the value.
fn said(schema: &Schema, ty: &Path, value: &Name) -> Vec<Path> {
    let columns: BTreeSet<Path> = columns_of(schema, &ty.qname()).into_iter().collect();
    let ties = Ties::of(schema);
    let mut holders: BTreeSet<&Path> = ties.to(ty).collect();
    holders.extend(columns.iter().flat_map(|column| ties.to(column)));
    holders.extend(&columns);
    let word = literal(value);
    let says = |holder: &&&Path| {
        let made = again(schema, schema, holder);
        made.iter().any(|change| {
            write::sql::postgres::change(schema, change).iter().any(|statement| statement.contains(&word))
        })
    };
    holders.iter().filter(says).map(|holder| (*holder).clone()).collect()
}
