use model::step::{Action, Maintenance};
use model::{Kind, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Rebuilding an index stops writes to its table, and reads that would use it; rebuild it with `CONCURRENTLY`.
    ///
    /// `REINDEX` holds SHARE on the table and ACCESS EXCLUSIVE on the index until the build ends. `CONCURRENTLY`
    /// (PostgreSQL 12) builds a second index beside the old one; it cannot run inside a transaction.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// REINDEX TABLE orders;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// REINDEX TABLE CONCURRENTLY orders;
    /// ```
    "M018", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Maintain { what: Maintenance::Reindex, target } = &step.action else { return };
    if step.how.concurrently
        || target.as_ref().is_some_and(|path| !step.existed(path) || !step.table_existed(&path.qname()))
    {
        return;
    }
    let can = findings.dialect().index.reindex_concurrently.at(findings.settings.version);
    let edits = match can && !step.transaction.is_open() {
        true => ["REINDEX TABLE", "REINDEX INDEX", "REINDEX SCHEMA"]
            .iter()
            .flat_map(|words| findings.insert_after(step.place, words, "CONCURRENTLY"))
            .collect(),
        false => Vec::new(),
    };
    let name = target.as_ref().map_or("every table of the database".to_string(), ToString::to_string);
    let draft = findings
        .here(step.place, format!("writes wait while {name} is indexed anew"))
        .words("REINDEX")
        .label("SHARE on the table, ACCESS EXCLUSIVE on the index")
        .edit("rebuild it beside the old one", edits);
    if let Some(path) = target.as_ref().filter(|path| matches!(path.kind, Kind::Table | Kind::Index)) {
        draft.locks(&path.qname(), LockMode::Share);
    }
}
