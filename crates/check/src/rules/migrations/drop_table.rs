use model::{Change, Kind, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Dropping a table breaks the release that still uses it and cannot be undone; stop using it first, and drop it one release later.
    ///
    /// While the new release rolls out the old one runs beside it and fails at once. The rows are gone with the commit.
    /// Renaming the table first shows who still needs it, and the way back is another rename.
    ///
    /// ```sql,bad
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// -- next migration
    /// DROP TABLE coupons;
    /// ```
    /// ```sql,good
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// DROP TABLE coupons;
    /// ```
    "M011", Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Drop { path, .. } = change else { continue };
        // A name that nobody saw being made may be one that IF EXISTS only guards against.
        let gone = step.how.if_exists && !step.before.contains(path);
        if path.kind != Kind::Table || gone || !step.existed(path) {
            continue;
        }
        findings
            .here(place, format!("code that still uses {path} fails, and its rows are lost"))
            .about(path.clone())
            .words("DROP TABLE")
            .sized(&path.qname(), Work::Lose);
    }
}
