use std::collections::BTreeSet;

use model::object::{Constraint, ConstraintKind, Object, Table};
use model::{Aspect, Change, Expr, Kind, LockMode, Migration, QName};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::{losses, ups};
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// Dropping a constraint lets in rows that it kept out, and adding it again will fail on them; keep it, or put the new rule beside it first.
    ///
    /// From the commit on nothing checks the rows, and what comes in meanwhile must be found and mended before the constraint
    /// can come back. The drop takes ACCESS EXCLUSIVE, for a foreign key on both tables.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint CONSTRAINT orders_customer REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// -- next migration
    /// ALTER TABLE orders DROP CONSTRAINT orders_customer;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL CONSTRAINT users_email UNIQUE);
    /// -- next migration
    /// ALTER TABLE users DROP CONSTRAINT IF EXISTS users_email;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CONSTRAINT total_positive CHECK (total > 0));
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT total_not_negative CHECK (total >= 0) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT total_not_negative;
    /// ALTER TABLE orders DROP CONSTRAINT total_positive;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT status_set;
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN status SET NOT NULL;
    /// ALTER TABLE orders DROP CONSTRAINT status_set;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, nick text CONSTRAINT users_nick UNIQUE);
    /// -- next migration
    /// ALTER TABLE users DROP CONSTRAINT users_nick;
    /// ALTER TABLE users DROP COLUMN nick;
    /// ```
    "M031", note, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let losses = losses(migrations, &[Kind::Constraint]);
    if losses.is_empty() {
        return;
    }
    let replaced: BTreeSet<(u32, QName, &'static str)> = ups(migrations)
        .flat_map(|migration| &migration.steps)
        .flat_map(|step| {
            step.changes.iter().filter_map(|change| brings(change).map(|(t, k)| (step.place.file.0, t, k)))
        })
        .collect();
    let gone: BTreeSet<_> = ups(migrations)
        .flat_map(|migration| &migration.steps)
        .flat_map(|step| step.changes.iter().filter_map(|change| takes(change).map(|path| (step.place.file.0, path))))
        .collect();
    for loss in losses {
        let table = loss.path.qname();
        let Some(before) = loss.step.before.table(&table) else { continue };
        let Some(constraint) = before.constraint(&loss.path.part) else { continue };
        let (kind, lost) = guarantee(constraint);
        let file = loss.place.file.0;
        let goes_along = gone.contains(&(file, model::Path::table(&table)))
            || constraint
                .columns()
                .iter()
                .any(|column| gone.contains(&(file, model::Path::column(&table, column.clone()))));
        if goes_along
            || says_not_null(before, constraint)
            || is_said_again(before, constraint)
            || replaced.contains(&(file, table.clone(), kind))
        {
            continue;
        }
        let draft = findings
            .here(loss.place, format!("from here on {table} takes rows that {} kept out", constraint.name))
            .about(loss.path.clone())
            .words("DROP CONSTRAINT")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(lost)
            .locks(&table, LockMode::AccessExclusive);
        match constraint.as_foreign_key() {
            Some(key) if key.table != table => draft.locks(&key.table, LockMode::AccessExclusive),
            _ => draft,
        };
    }
}

/// A guarantee of the same kind on the table.
fn brings(change: &Change) -> Option<(QName, &'static str)> {
    let Change::Create { path, object } = change else { return None };
    match object {
        Object::Constraint(constraint) => Some((path.qname(), guarantee(constraint).0)),
        Object::Index(index) if index.unique => Some((path.qname(), "unique")),
        _ => None,
    }
}

/// What the file takes away as a whole, or makes something else of.
fn takes(change: &Change) -> Option<model::Path> {
    match change {
        Change::Drop { path, .. } if matches!(path.kind, Kind::Table | Kind::Column) => Some(path.clone()),
        Change::Alter { path, aspect: Aspect::Type { .. } } => Some(path.clone()),
        _ => None,
    }
}

fn guarantee(constraint: &Constraint) -> (&'static str, String) {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => ("unique", format!("nothing keeps ({}) unique", comma(&key.columns))),
        ConstraintKind::Unique(key) => ("unique", format!("nothing keeps ({}) unique", comma(&key.columns))),
        ConstraintKind::ForeignKey(key) => {
            ("reference", format!("({}) may point at rows of {} that are not there", comma(&key.columns), key.table))
        }
        ConstraintKind::Check(condition) => {
            let text = condition.to_string();
            let text = if text.len() > 60 { "its condition".to_string() } else { text };
            ("check", format!("nothing checks {text} any more"))
        }
        ConstraintKind::Exclude(_) => ("exclusion", "nothing keeps rows from overlapping".to_string()),
    }
}

/// Another constraint says the same.
fn is_said_again(table: &Table, constraint: &Constraint) -> bool {
    table.constraints.iter().any(|other| {
        let same = match (&other.kind, &constraint.kind) {
            (ConstraintKind::ForeignKey(other), ConstraintKind::ForeignKey(key)) => {
                (&other.columns, &other.table, &other.targets) == (&key.columns, &key.table, &key.targets)
            }
            _ => match (other.as_key(), constraint.as_key()) {
                (Some(other), Some(key)) => other.columns == key.columns,
                _ => other.kind == constraint.kind,
            },
        };
        other.name != constraint.name && other.valid && same
    })
}

/// The column says the same.
fn says_not_null(table: &Table, constraint: &Constraint) -> bool {
    match &constraint.kind {
        ConstraintKind::Check(Expr::Test { operand, test }) if test == "IS NOT NULL" => {
            operand.as_column().and_then(|name| table.column(name)).is_some_and(|column| !column.is_nullable())
        }
        _ => false,
    }
}
