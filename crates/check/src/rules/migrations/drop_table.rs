use model::{Change, Kind, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::listed;

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
        let Change::Drop { path, cascade } = change else { continue };
        // A name that nobody saw being made may be one that IF EXISTS only guards against.
        let gone = step.how.if_exists && !step.before.contains(path);
        if path.kind != Kind::Table || gone || !step.existed(path) {
            continue;
        }
        let referencing = step.before.referencing(&path.qname());
        let draft = findings
            .here(place, format!("code that still uses {path} fails, and its rows are lost"))
            .about(path.clone())
            .words("DROP TABLE")
            .sized(&path.qname(), Work::Lose);
        if *cascade && !referencing.is_empty() {
            let names = referencing.iter().map(|(table, constraint)| format!("{} of {}", constraint.name, table.name));
            draft.why(format!("CASCADE also drops {}", listed(names)));
        }
    }
}
