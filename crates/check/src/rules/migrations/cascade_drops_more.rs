use std::collections::BTreeSet;

use model::object::Object;
use model::{Change, Kind, Migration, Path, Schema, Step, apply};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::words::{counted, listed};

rule! {
    /// CASCADE drops more than the statement names; drop the others by name, or leave CASCADE out and see what is refused.
    ///
    /// Whatever depends on the thing goes without a word: foreign keys of other tables, views, views on those views. Which
    /// ones, the text of the migration does not say, and on another database it may be others.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE VIEW customer_ids AS SELECT id FROM customers;
    /// -- next migration
    /// DROP TABLE customers CASCADE;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE VIEW totals AS SELECT total FROM orders;
    /// -- next migration
    /// ALTER TABLE orders DROP COLUMN total CASCADE;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// -- next migration
    /// DROP TABLE customers CASCADE;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// -- next migration
    /// DROP TABLE customers CASCADE;
    /// DROP TABLE orders CASCADE;
    /// ```
    "M032", known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let named: BTreeSet<&Path> =
            migration.steps.iter().flat_map(|step| &step.changes).filter_map(dropped).collect();
        for step in &migration.steps {
            check_step(step, &named, findings);
        }
    }
}

/// What the migration names somewhere is meant.
fn check_step(step: &Step, named: &BTreeSet<&Path>, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Drop { path, cascade: true } = change else { continue };
        if !step.existed(path) || !step.before.contains(path) {
            continue;
        }
        let more: Vec<Path> = dropped_with(&step.before, change)
            .into_iter()
            .filter(|other| !named.contains(other) && !goes_anyway(&step.before, named, path, other))
            .filter(|other| step.existed(other))
            .collect();
        if more.is_empty() {
            continue;
        }
        const SHOWN: usize = 4;
        let mut names: Vec<String> = more.iter().take(SHOWN).map(shown).collect();
        if more.len() > SHOWN {
            names.push(counted(more.len() - SHOWN, "other thing", "other things"));
        }
        findings
            .here(place, format!("this also drops {}", listed(names)))
            .about(path.clone())
            .words("CASCADE")
            .why("the statement does not name them, and whoever uses them is not asked");
    }
}

fn dropped(change: &Change) -> Option<&Path> {
    match change {
        Change::Drop { path, .. } => Some(path),
        _ => None,
    }
}

/// Everything that goes with the drop, on this database.
fn dropped_with(schema: &Schema, change: &Change) -> Vec<Path> {
    let mut after = schema.clone();
    apply(&mut after, change).map(|effects| effects.dropped).unwrap_or_default()
}

/// It would go without CASCADE too: the parts of the thing, the sequence of a column, the partitions of a table, the
/// index of a column; or the statement names its owner.
fn goes_anyway(schema: &Schema, named: &BTreeSet<&Path>, path: &Path, other: &Path) -> bool {
    let owner = other.qname();
    let owned = match other.kind {
        Kind::Sequence => schema.sequence(&owner).is_some_and(|sequence| sequence.owned_by.is_some()),
        Kind::Index | Kind::Rule | Kind::Trigger => true,
        Kind::Table => schema.table(&owner).is_some_and(|table| table.partition_of.is_some()),
        Kind::Column => is_table(schema, path),
        Kind::Constraint => {
            let columns = schema.table(&owner).and_then(|table| table.constraint(&other.part)).map(|it| it.columns());
            let mut columns = columns.into_iter().flatten().map(|column| Path::column(&owner, column));
            columns.any(|column| named.contains(&column)) || (path.qname() == owner && path.kind != Kind::Constraint)
        }
        // What an extension brought is the extension.
        _ => path.kind == Kind::Extension,
    };
    let of_named = || named.iter().any(|named| named.kind == Kind::Table && named.qname() == owner);
    owned || (other.kind.is_part() && of_named())
}

fn is_table(schema: &Schema, path: &Path) -> bool {
    matches!(schema.object(path), Some(Object::Table(_)))
}

fn shown(path: &Path) -> String {
    match path.kind {
        Kind::Constraint => format!("{} of {}", path.part, path.qname()),
        Kind::View | Kind::MaterializedView => format!("the view {path}"),
        _ => path.to_string(),
    }
}
