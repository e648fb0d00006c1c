use model::{Change, Kind, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Dropping a column breaks the release that still reads it and cannot be undone; stop using it first, and drop it one release later.
    ///
    /// While the new release rolls out the old one runs beside it, and its queries (also `SELECT *` bound to a list of
    /// fields, and every INSERT of an ORM that still knows the column) fail at once. The values are gone with the commit.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, nickname text);
    /// -- next migration
    /// ALTER TABLE users DROP COLUMN nickname;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// ALTER TABLE users ADD COLUMN nickname text;
    /// ALTER TABLE users DROP COLUMN nickname;
    /// ```
    ///
    /// **How to fix.** Make sure that no released code names the column, then silence this with
    /// `-- palladio: ignore[drop-column] unused since release 42`.
    "M010", Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Drop { path, .. } = change else { continue };
        let table = path.qname();
        if path.kind != Kind::Column || !step.table_existed(&table) || !step.existed(path) {
            continue;
        }
        findings
            .here(place, format!("code that still reads {path} fails"))
            .about(path.clone())
            .words("DROP COLUMN")
            .why("its values are lost");
    }
}
