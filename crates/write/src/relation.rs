//! What a diagram asks about tables: which rows belong to which, how many of them, and what numbers itself.

use model::object::{Column, Constraint, ForeignKey, PartitionStrategy, RefAction, Table};
use model::{Expr, Name, Schema};

/// A foreign key as two ends of a line: many (or one) rows of `table` belong to one (or no) row of the other.
#[derive(Clone, Copy, Debug)]
pub struct Relation<'a> {
    pub table: &'a Table,
    pub constraint: &'a Constraint,
    pub key: &'a ForeignKey,
    /// A row can do without the other: one of its columns may be NULL.
    pub optional: bool,
    /// At most one row belongs to each of the other table.
    pub unique: bool,
}

/// The foreign keys of the drawn tables, in order.
pub fn relations(schema: &Schema) -> impl Iterator<Item = Relation<'_>> {
    drawn_tables(schema).flat_map(|table| {
        table.foreign_keys().map(move |(constraint, key)| Relation {
            table,
            constraint,
            key,
            optional: key.columns.iter().any(|name| table.column(name).is_some_and(Column::is_nullable)),
            unique: is_unique(table, &key.columns),
        })
    })
}

/// Partitions are where a table keeps its rows, not tables of their own, so diagrams leave them out.
pub fn drawn_tables(schema: &Schema) -> impl Iterator<Item = &Table> {
    schema.tables().filter(|table| table.partition_of.is_none())
}

/// How many partitions the table has by now.
pub fn partitions(schema: &Schema, table: &Table) -> usize {
    let parts = schema.tables().filter_map(|other| other.partition_of.as_ref());
    parts.filter(|part| part.parent == table.name).count()
}

/// No two rows can have the same values in these columns.
pub fn is_unique(table: &Table, columns: &[Name]) -> bool {
    table.unique_keys().any(|key| key.iter().all(|column| columns.contains(column)))
}

/// The column is (part of) the primary key.
pub fn in_primary_key(table: &Table, column: &Name) -> bool {
    table.primary_key().is_some_and(|key| key.columns.contains(column))
}

pub fn in_foreign_key(table: &Table, column: &Name) -> bool {
    table.foreign_keys().any(|(_, key)| key.columns.contains(column))
}

/// The database numbers the rows: an identity column, or a default from a sequence.
pub fn counts_up(column: &Column) -> bool {
    let from_sequence = |default: &Expr| match default.without_casts() {
        Expr::Call(call) => call.function.name == "nextval",
        _ => false,
    };
    column.identity.is_some() || column.default.as_ref().is_some_and(from_sequence)
}

/// What a foreign key does, in small letters.
pub fn action(action: RefAction) -> &'static str {
    match action {
        RefAction::NoAction => "no action",
        RefAction::Restrict => "restrict",
        RefAction::Cascade => "cascade",
        RefAction::SetNull => "set null",
        RefAction::SetDefault => "set default",
    }
}

/// What a foreign key does when the row it points at goes away or changes, as far as it does anything.
pub fn actions(key: &ForeignKey) -> impl Iterator<Item = (&'static str, &'static str)> {
    let said = [("delete", key.on_delete), ("update", key.on_update)].into_iter();
    said.filter(|(_, action)| *action != RefAction::NoAction).map(|(event, action)| (event, self::action(action)))
}

/// How rows find their partition, in small letters.
pub fn strategy(strategy: PartitionStrategy) -> &'static str {
    match strategy {
        PartitionStrategy::Range => "range",
        PartitionStrategy::List => "list",
        PartitionStrategy::Hash => "hash",
    }
}
