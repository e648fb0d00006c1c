use std::collections::BTreeSet;

use model::object::{Column, Table};
use model::{Aspect, Change, Kind, Path, Schema, Severity, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, serial_sequence};
use crate::words::grouped;

rule! {
    /// A numbered key of type `integer` runs out at 2,147,483,647; make it `bigint`.
    ///
    /// The sequence also counts rows that were deleted, rolled back or skipped by `ON CONFLICT`. When it is used up every
    /// INSERT fails at once, and the change to `bigint` then rewrites the largest table of the database under an
    /// ACCESS EXCLUSIVE lock. With alignment the 4 bytes more often cost nothing.
    ///
    /// With statistics, a table that has used less than 0.1 % of its numbers is a note, and one that has used a quarter an
    /// error.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE countries (iso_number integer PRIMARY KEY);
    /// ```
    "T003", fix, Check::Table(check)
}

/// Percent of the numbers. Below the first the end is a thousand times the present away; above the second the change
/// takes longer to prepare than there may be time.
const FEW: f64 = 0.1;
const MANY: f64 = 25.0;

fn check(schema: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let Some([only]) = table.primary_key().map(|key| key.columns.as_slice()) else { return };
    let Some(column) = table.column(only) else { return };
    let sequence = serial_sequence(schema, table, column);
    let (ty, highest) = match column.ty {
        Type::SmallInt => ("smallint", i16::MAX.into()),
        Type::Integer => ("integer", i32::MAX),
        _ => return,
    };
    let (share, highest) = (100.0 / f64::from(highest), grouped(highest.into()));
    if column.inherited || (column.identity.is_none() && sequence.is_none()) {
        return;
    }
    let mut changes: Vec<Change> = Vec::new();
    if let Some(sequence) = sequence.and_then(|name| schema.sequence(name)) {
        let mut wide = sequence.clone();
        (wide.ty, wide.max) = (Type::BigInt, i64::MAX);
        let path = Path::object(Kind::Sequence, &sequence.name);
        changes.push(Change::alter(path, Aspect::Sequence(Box::new(wide))));
    }
    let mut widened = BTreeSet::new();
    widen(schema, table, column, &mut widened);
    changes.extend(widened.into_iter().map(|path| Change::set_type(path, Type::BigInt)));
    let rows = findings.rows(&table.name);
    let draft = findings
        .at_type(&column_path(table, column), format!("{}.{} can number {highest} rows", table.name, column.name))
        .label(format!("{ty} ends at {highest}"))
        .why("numbers of deleted and rolled-back rows are used up too")
        .unsafe_fix("make it bigint, and the columns that refer to it", changes);
    let Some(rows) = rows else { return };
    let used = rows * share;
    let draft = draft.why(match used {
        ..1.0 => format!("{} had {} rows in the statistics: less than 1 % of them", table.name, grouped(rows)),
        _ => format!("{} had {} rows in the statistics: {used:.0} % of them", table.name, grouped(rows)),
    });
    match used {
        ..FEW => draft.severity(Severity::Note),
        MANY.. => draft.severity(Severity::Error),
        _ => draft,
    };
}

/// The column and every foreign key column that holds its values.
fn widen(schema: &Schema, table: &Table, column: &Column, widened: &mut BTreeSet<Path>) {
    if !matches!(column.ty, Type::SmallInt | Type::Integer) || !widened.insert(column_path(table, column)) {
        return;
    }
    for (other, constraint) in schema.referencing(&table.name) {
        let key = constraint.as_foreign_key().expect("a referencing constraint is a foreign key");
        let pairs = key.columns.iter().zip(&key.targets).filter(|(_, target)| **target == column.name);
        for pointing in pairs.filter_map(|(name, _)| other.column(name)).filter(|column| !column.inherited) {
            widen(schema, other, pointing, widened);
        }
    }
}
