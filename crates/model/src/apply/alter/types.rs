//! ALTER TYPE: the values of enums, the attributes of composite types.

use std::sync::Arc;

use super::need_free;
use crate::apply::create::add_column;
use crate::apply::drop::drop;
use crate::apply::rename::rename;
use crate::apply::work::{Outcome, Work, exists, invalid, missing};
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::object::{Attribute, Column, Composite, Enum, Object};
use crate::path::Path;
use crate::ty::Type;

pub(super) fn add_value(
    work: &mut Work,
    path: &Path,
    value: &Name,
    before: Option<&Name>,
    after: Option<&Name>,
) -> Outcome {
    let values = &mut enum_mut(work, path)?.values;
    if values.contains(value) {
        return Err(exists(Path { part: value.clone(), ..path.clone() }));
    }
    let position_of = |neighbour: &Name| {
        let position = values.iter().position(|known| known == neighbour);
        position.ok_or_else(|| invalid(format!("\"{neighbour}\" is not an existing enum label")))
    };
    let position = match (before, after) {
        (Some(before), _) => position_of(before)?,
        (None, Some(after)) => position_of(after)? + 1,
        (None, None) => values.len(),
    };
    values.insert(position, value.clone());
    Ok(())
}

pub(super) fn rename_value(work: &mut Work, path: &Path, from: &Name, to: &Name) -> Outcome {
    let values = &mut enum_mut(work, path)?.values;
    if values.contains(to) {
        return Err(exists(Path { part: to.clone(), ..path.clone() }));
    }
    match values.iter_mut().find(|value| *value == from) {
        Some(value) => *value = to.clone(),
        None => return Err(invalid(format!("\"{from}\" is not an existing enum label"))),
    }
    rename_in_defaults(work, &path.qname(), from, to)
}

/// A database keeps the value and not its name: a default says the new one from now on.
fn rename_in_defaults(work: &mut Work, ty: &QName, from: &Name, to: &Name) -> Outcome {
    let says = |column: &Column| {
        let of_type = column.ty.user_defined() == Some(ty) && !matches!(column.ty, Type::Array(_));
        of_type && column.default.as_ref().is_some_and(|default| literal(default) == Some(from))
    };
    let users: Vec<(QName, Name)> = work
        .schema
        .tables()
        .flat_map(|table| {
            table.columns.iter().filter(|own| says(own)).map(|own| (table.name.clone(), own.name.clone()))
        })
        .collect();
    for (table, column) in users {
        if let Some(column) = work.table_mut(&table)?.column_mut(&column) {
            column.default = column.default.take().map(|default| with_literal(default, to));
        }
    }
    Ok(())
}

fn literal(expr: &Expr) -> Option<&Name> {
    match expr {
        Expr::String(text) => Some(text),
        Expr::Cast { operand, .. } => literal(operand),
        _ => None,
    }
}

fn with_literal(expr: Expr, text: &Name) -> Expr {
    match expr {
        Expr::Cast { operand, ty } => Expr::Cast { operand: Box::new(with_literal(*operand, text)), ty },
        _ => Expr::String(text.clone()),
    }
}

pub(super) fn add_attribute(work: &mut Work, path: &Path, attribute: &Attribute) -> Outcome {
    let composite = composite_mut(work, path)?;
    need_free(composite.attributes.iter().map(|known| &known.name), &path.qname(), &attribute.name)?;
    composite.attributes.push(attribute.clone());
    for table in typed(work, path) {
        let mut column = Column { inherited: true, ..Column::new(attribute.name.clone(), attribute.ty.clone()) };
        column.collation.clone_from(&attribute.collation);
        add_column(work, &table, &column)?;
    }
    Ok(())
}

/// The tables that are of this type: what it gets or loses they get or lose (ALTER TYPE … CASCADE).
fn typed(work: &Work, ty: &Path) -> Vec<QName> {
    let of = ty.qname();
    let tables = work.schema.tables().filter(|table| table.of_type.as_ref() == Some(&of));
    tables.map(|table| table.name.clone()).collect()
}

pub(super) fn drop_attribute(work: &mut Work, path: &Path, name: &Name) -> Outcome {
    attribute_mut(work, path, name)?;
    composite_mut(work, path)?.attributes.retain(|attribute| attribute.name != *name);
    work.schema.comments.remove_mut(&Path::column(&path.qname(), name.clone()));
    for table in typed(work, path) {
        drop(work, &Path::column(&table, name.clone()), true)?;
    }
    Ok(())
}

pub(super) fn rename_attribute(work: &mut Work, path: &Path, from: &Name, to: &Name) -> Outcome {
    let composite = composite_mut(work, path)?;
    need_free(composite.attributes.iter().map(|known| &known.name), &path.qname(), to)?;
    attribute_mut(work, path, from)?.name = to.clone();
    let column = |name: &Name| Path::column(&path.qname(), name.clone());
    if let Some(comment) = work.schema.comments.get(&column(from)).cloned() {
        work.schema.comments.remove_mut(&column(from));
        work.schema.comments.insert_mut(column(to), comment);
    }
    for table in typed(work, path) {
        rename(work, &Path::column(&table, from.clone()), to)?;
    }
    Ok(())
}

pub(super) fn set_attribute(work: &mut Work, path: &Path, attribute: &Attribute) -> Outcome {
    *attribute_mut(work, path, &attribute.name)? = attribute.clone();
    for table in typed(work, path) {
        if let Some(column) = work.table_mut(&table)?.column_mut(&attribute.name) {
            column.ty = attribute.ty.clone();
            column.collation.clone_from(&attribute.collation);
        }
    }
    Ok(())
}

fn enum_mut<'a>(work: &'a mut Work, path: &Path) -> Outcome<&'a mut Enum> {
    match work.object_mut(path)? {
        Object::Enum(ty) => Ok(Arc::make_mut(ty)),
        _ => Err(invalid(format!("{path} is not an enum"))),
    }
}

fn composite_mut<'a>(work: &'a mut Work, path: &Path) -> Outcome<&'a mut Composite> {
    match work.object_mut(path)? {
        Object::Composite(ty) => Ok(Arc::make_mut(ty)),
        _ => Err(invalid(format!("{path} is not a composite type"))),
    }
}

fn attribute_mut<'a>(work: &'a mut Work, path: &Path, name: &Name) -> Outcome<&'a mut Attribute> {
    let found = composite_mut(work, path)?.attributes.iter_mut().find(|attribute| attribute.name == *name);
    found.ok_or_else(|| missing(Path::column(&path.qname(), name.clone())))
}
