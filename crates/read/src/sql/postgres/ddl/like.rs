//! `LIKE other INCLUDING …` inside CREATE TABLE: a copy of what the other table has now.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::change::Aspect;
use model::object::{Column, ConstraintKind, Index, Object, Statistics, Table};
use model::{Change, Kind, Name, Path, QName, Type};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::statement::Placed;
use super::options::capitals;
use super::table::Making;

pub(super) fn column_names(cx: Context<'_>, clause: &ast::LikeClause) -> Vec<Name> {
    let source = clause.relation_name_ref().map(|source| cx.relation(&source));
    source.map(|source| columns_of(cx, &source).into_iter().map(|column| column.name).collect()).unwrap_or_default()
}

/// Adds to the table that is being made what the clause takes from the other.
pub(super) fn copy(making: &mut Making<'_>, clause: &ast::LikeClause) {
    let cx = making.cx;
    let Some(source) = clause.relation_name_ref().map(|source| cx.relation(&source)) else { return };
    let including = included(clause);
    let wants = |property: &str| including.contains(property);
    for column in columns_of(cx, &source) {
        let copied = copied(column, &wants);
        making.table.columns.push(Arc::new(copied));
    }
    let table = making.table.name.clone();
    let after = |change| Placed::new(cx, clause.syntax(), change);
    if let Some(other) = cx.schema().table(&source) {
        for constraint in &other.constraints {
            let taken = match constraint.kind {
                ConstraintKind::Check(_) => wants("CONSTRAINTS"),
                ConstraintKind::ForeignKey(_) => false,
                _ => wants("INDEXES"),
            };
            if taken {
                // A new table has no rows that could speak against it.
                let mut constraint = model::object::Constraint { inherited: false, valid: true, ..constraint.clone() };
                // A check keeps its name, an index gets one from the new table.
                if constraint.has_index() {
                    constraint.name = Name::default();
                }
                making.table.constraints.push(constraint);
            }
        }
        if wants("INDEXES") {
            let indexes = other.indexes.iter().cloned().map(|index| Index {
                name: Name::default(),
                attached_to: None,
                inherited: false,
                clustered: false,
                valid: true,
                ..index
            });
            making.after.extend(indexes.map(|index| after(Change::add_index(&table, index))));
        }
        if wants("COMMENTS") {
            making.after.extend(comments(cx, clause.syntax(), &source, other, &table));
        }
    }
    if wants("STATISTICS") {
        let all = cx.schema().of_kind(Kind::Statistics).filter_map(|object| match object {
            Object::Statistics(statistics) if statistics.table == source => Some(statistics),
            _ => None,
        });
        let unnamed = QName::new(table.schema.clone(), "");
        let copies = all.map(|one| Statistics { name: unnamed.clone(), table: table.clone(), ..one.clone() });
        let changes = copies.map(|one| Change::Create {
            path: Path::object(Kind::Statistics, &one.name),
            object: Object::Statistics(one),
        });
        making.after.extend(changes.map(after));
    }
}

/// The properties that the options leave included, by their key words.
fn included(clause: &ast::LikeClause) -> BTreeSet<&'static str> {
    const ALL: [&str; 9] = [
        "COMMENTS",
        "COMPRESSION",
        "CONSTRAINTS",
        "DEFAULTS",
        "GENERATED",
        "IDENTITY",
        "INDEXES",
        "STATISTICS",
        "STORAGE",
    ];
    let mut included = BTreeSet::new();
    for option in clause.like_options() {
        let (property, including) = match &option {
            ast::LikeOption::IncludingProperty(it) => (it.table_property(), true),
            ast::LikeOption::ExcludingProperty(it) => (it.table_property(), false),
        };
        let word = property.map(|property| capitals(property.syntax())).unwrap_or_default();
        for property in ALL.iter().filter(|property| word == "ALL" || word == **property) {
            if including {
                included.insert(*property)
            } else {
                included.remove(property)
            };
        }
    }
    included
}

/// The columns of a table, view or composite type; a view's are known by name only.
fn columns_of(cx: Context<'_>, source: &QName) -> Vec<Column> {
    if let Some(table) = cx.schema().table(source) {
        return table.columns.iter().map(|column| Column::clone(column)).collect();
    }
    if let Some(Object::Composite(composite)) = cx.schema().object(&Path::object(Kind::Composite, source)) {
        let attributes = composite.attributes.iter();
        let column = |attribute: &model::object::Attribute| Column {
            collation: attribute.collation.clone(),
            ..Column::new(attribute.name.clone(), attribute.ty.clone())
        };
        return attributes.map(column).collect();
    }
    let names = cx.columns_of(source).unwrap_or_default();
    names.iter().map(|name| Column::new(name.clone(), Type::builtin("unknown"))).collect()
}

fn copied(column: Column, wants: &dyn Fn(&str) -> bool) -> Column {
    let identity = column.identity.filter(|_| wants("IDENTITY")).map(|mut identity| {
        identity.sequence.name = QName::new("", "");
        identity.sequence.owned_by = None;
        identity
    });
    Column {
        default: column.default.filter(|_| wants("DEFAULTS")),
        generated: column.generated.filter(|_| wants("GENERATED")),
        storage: column.storage.filter(|_| wants("STORAGE")),
        compression: column.compression.filter(|_| wants("COMPRESSION")),
        identity,
        statistics: None,
        inherited: false,
        options: Default::default(),
        ..column
    }
}

/// The comments of columns and of constraints that keep their names.
fn comments(cx: Context<'_>, node: &SyntaxNode, source: &QName, other: &Table, table: &QName) -> Vec<Placed> {
    let columns = other.columns.iter().map(|column| (Kind::Column, &column.name));
    let checks = other.constraints.iter().filter(|constraint| !constraint.has_index());
    let checks = checks.map(|constraint| (Kind::Constraint, &constraint.name));
    let comment = |(kind, name): (Kind, &Name)| {
        let text = cx.schema().comment(&Path::part(kind, source, name.clone()))?.clone();
        let change = Change::alter(Path::part(kind, table, name.clone()), Aspect::Comment(Some(text)));
        Some(Placed::new(cx, node, change))
    };
    columns.chain(checks).filter_map(comment).collect()
}
