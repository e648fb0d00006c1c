use model::object::View;
use model::step::{Action, Maintenance};
use model::{LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Refreshing a materialized view locks its readers out; refresh it with `CONCURRENTLY`.
    ///
    /// `REFRESH MATERIALIZED VIEW` holds ACCESS EXCLUSIVE on the view while its query runs. `CONCURRENTLY` compares old and
    /// new rows instead and lets reads through; it needs a unique index over plain columns without a predicate.
    ///
    /// ```sql,bad
    /// CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;
    /// CREATE UNIQUE INDEX ON totals (id);
    /// -- next migration
    /// REFRESH MATERIALIZED VIEW totals;
    /// ```
    /// ```sql,good
    /// CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id;
    /// CREATE UNIQUE INDEX ON totals (id);
    /// -- next migration
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
    /// ```
    "M017", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Maintain { what: Maintenance::RefreshView, target: Some(path) } = &step.action else { return };
    // Nobody reads a view that is empty so far, and emptying one is a deed of its own.
    let view = step.before.view(&path.qname());
    if step.how.concurrently || step.how.no_data || !step.existed(path) || view.is_some_and(|view| !view.populated) {
        return;
    }
    let edits = match view.is_some_and(has_unique_index) {
        true => findings.insert_after(step.place, "MATERIALIZED VIEW", "CONCURRENTLY"),
        false => Vec::new(),
    };
    let draft = findings
        .here(step.place, format!("readers of {path} wait until its query is done"))
        .about(path.clone())
        .words("REFRESH MATERIALIZED VIEW")
        .label(format!("ACCESS EXCLUSIVE on {path}"))
        .locks(&path.qname(), LockMode::AccessExclusive);
    if edits.is_empty() {
        draft.why("CONCURRENTLY needs a unique index over plain columns of the view");
    } else {
        draft.edit("refresh it beside its readers", edits);
    }
}

fn has_unique_index(view: &View) -> bool {
    view.indexes.iter().any(|index| {
        index.unique && index.predicate.is_none() && index.keys.iter().all(|key| key.expr.as_column().is_some())
    })
}
