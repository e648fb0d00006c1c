use model::Step;
use model::query::QueryKind;
use model::step::Action;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// A migration writes every row of a table in one statement; do it in batches of a few thousand rows.
    ///
    /// Each row stays locked until the commit, so whoever wants to change one waits for all. The table doubles in size, vacuum
    /// can clean nothing meanwhile, and replicas lag by the whole change.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
    /// -- next migration
    /// UPDATE users SET active = true;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
    /// -- next migration
    /// UPDATE users SET active = true WHERE id BETWEEN 1 AND 5000;
    /// ```
    ///
    /// **How to fix.** Run `UPDATE … WHERE id BETWEEN … AND …` from a script that commits after each batch, outside of the
    /// migration.
    "M021", Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Query(query) = &step.action else { return };
    if findings.is_test(step.place) {
        return;
    }
    let Some(write) = &query.write else { return };
    let verb = match query.kind {
        QueryKind::Update => "changes",
        QueryKind::Delete => "deletes",
        _ => return,
    };
    if query.filter.is_none() && query.from.is_empty() && step.table_existed(&write.table) {
        findings
            .here(step.place, format!("this {verb} every row of {}", write.table))
            .words(if query.kind == QueryKind::Update { "UPDATE" } else { "DELETE" })
            .why("every row stays locked until the commit")
            .sized(&write.table, Work::Change);
    }
}
