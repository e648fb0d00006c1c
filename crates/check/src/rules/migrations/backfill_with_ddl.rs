use std::collections::BTreeSet;

use model::query::{QueryKind, Source};
use model::step::{Action, Transaction};
use model::{Expr, LockMode, Migration, Name, QName, Query, Schema, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Rows are written while the transaction holds a lock that keeps everybody out of a table; commit the change of the schema first.
    ///
    /// ALTER TABLE takes ACCESS EXCLUSIVE for a moment only if the transaction ends. Here it is held until the last row is
    /// written: what needs milliseconds becomes an outage as long as the backfill.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN is_open boolean;
    /// UPDATE orders SET is_open = true WHERE status <> 'done';
    /// COMMIT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE TABLE old_orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders DROP COLUMN status;
    /// INSERT INTO orders (id) SELECT id FROM old_orders;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN is_open boolean;
    /// UPDATE orders SET is_open = true WHERE status <> 'done' AND id BETWEEN 1 AND 5000;
    /// ```
    /// ```sql,good
    /// CREATE TABLE plans (name text PRIMARY KEY, price integer);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE plans ADD COLUMN hidden boolean;
    /// UPDATE plans SET hidden = true WHERE name IN ('trial', 'staff');
    /// COMMIT;
    /// ```
    ///
    /// **How to fix.** Three migrations: the column, the rows in batches of a few thousand, and what the rows must fulfil
    /// (NOT NULL, a CHECK) at the end.
    "M025", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let sight = findings.sight();
    for migration in migrations.iter().filter(|migration| !migration.down) {
        // The first of several says it all.
        let mut said: BTreeSet<(Transaction, QName)> = BTreeSet::new();
        for (index, step) in migration.steps.iter().enumerate().filter(|(_, step)| step.transaction.is_open()) {
            let Some((word, written)) = writes_many(step) else { continue };
            let together = migration.steps[..index].iter().filter(|other| other.transaction == step.transaction);
            let mut locked: Vec<&QName> = together.flat_map(|other| sight.locked(other)).collect();
            // The table that is written is the one whose rows say how long it takes.
            locked.sort_by_key(|table| *table != written);
            let Some(table) = locked.into_iter().find(|table| step.before.table(table).is_some()) else { continue };
            if !said.insert((step.transaction, table.clone())) {
                continue;
            }
            let edits = findings.commit_before(step);
            let message = format!("{table} is locked while these rows are written");
            findings
                .here(step.place, message)
                .words(word)
                .label(format!("ACCESS EXCLUSIVE on {table} is held"))
                .locks(table, LockMode::AccessExclusive)
                .why(format!("an earlier statement keeps everybody out of {table} until the transaction ends"))
                .sized(written, Work::Change)
                .unsafe_edit("commit before the rows are written", edits);
        }
    }
}

/// The statement writes as many rows as the data has, not as many as the statement names.
fn writes_many(step: &Step) -> Option<(&'static str, &QName)> {
    let Action::Query(query) = &step.action else { return None };
    let table = &query.write.as_ref()?.table;
    let word = match query.kind {
        QueryKind::Update => "UPDATE",
        QueryKind::Delete => "DELETE",
        QueryKind::Insert => "INSERT",
        _ => return None,
    };
    let many = match query.kind {
        QueryKind::Insert => reads_rows(&step.before, query),
        _ => !names_its_rows(&step.before, table, query),
    };
    // A new table has only the rows that the migration gave it; an INSERT may fill it from an old one.
    let has_rows = query.kind == QueryKind::Insert || step.table_existed(table);
    (many && has_rows).then_some((word, table))
}

/// `INSERT … SELECT … FROM` a table.
fn reads_rows(schema: &Schema, query: &Query) -> bool {
    let mut reads = false;
    query.walk(&mut |level| {
        let tables = level.from.iter().any(|source| matches!(source, Source::Table(_) | Source::Join(_)));
        reads |= tables && !level.tables().iter().any(|table| names_its_rows(schema, &table.name, level));
    });
    reads
}

/// A condition gives the values of a column by which few rows can be found: of a key, or compared with constants.
fn names_its_rows(schema: &Schema, table: &QName, query: &Query) -> bool {
    let Some(table) = schema.table(table) else { return false };
    let in_key = |name: &Name| {
        table.constraints.iter().filter_map(|it| it.as_key()).any(|key| key.columns.contains(name))
            || table.indexes.iter().any(|index| index.unique && index.key_columns().contains(&Some(name)))
    };
    let is_key = |expr: &Expr| expr.without_casts().as_column().is_some_and(in_key);
    let given = |expr: &Expr| matches!(expr.without_casts(), Expr::Number(_) | Expr::String(_) | Expr::Parameter(_));
    let conditions = query.filter.iter().flat_map(|filter| filter.conjuncts());
    conditions.into_iter().any(|condition| match condition {
        Expr::Binary { op, left, right } if op == "=" => is_key(left) && given(right) || is_key(right) && given(left),
        Expr::In { operand, list, negated: false } => is_key(operand) && list.iter().all(given),
        Expr::Between { operand, low, high, negated: false, .. } => is_key(operand) && given(low) && given(high),
        _ => false,
    })
}
