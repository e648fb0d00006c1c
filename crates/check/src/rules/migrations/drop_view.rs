use model::{Kind, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::losses;
use crate::rule::Check;

rule! {
    /// Dropping a view breaks the release that still reads it; stop reading it first, and drop it one release later.
    ///
    /// While the new release rolls out the old one runs beside it, and every query on the view fails at once. Reports and
    /// other services read views more often than tables, and their queries stand in no repository of yours.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
    /// -- next migration
    /// DROP VIEW open_orders;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE MATERIALIZED VIEW totals AS SELECT sum(total) AS total FROM orders;
    /// -- next migration
    /// DROP MATERIALIZED VIEW IF EXISTS totals;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
    /// -- next migration
    /// DROP VIEW open_orders;
    /// CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'open';
    /// ```
    /// ```sql,good
    /// DROP VIEW IF EXISTS open_orders;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// ```
    "M027", Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for loss in losses(migrations, &[Kind::View, Kind::MaterializedView]) {
        let words = if loss.path.kind == Kind::View { "DROP VIEW" } else { "DROP MATERIALIZED VIEW" };
        findings
            .here(loss.place, format!("whoever still reads {} fails", loss.path))
            .about(loss.path.clone())
            .words(words)
            .why("the old release runs until the new one has replaced it everywhere");
    }
}
