use model::step::{Action, Maintenance};
use model::{Aspect, Change, Kind, LockMode, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// The whole table is copied while nobody may touch it; use a tool that copies in the background, or do it in a maintenance window.
    ///
    /// `VACUUM FULL`, `CLUSTER`, `SET LOGGED`, `SET UNLOGGED`, `SET ACCESS METHOD` and `SET TABLESPACE` write the table and its
    /// indexes anew under ACCESS EXCLUSIVE, and need as much room again. pg_repack and pg_squeeze do it with a short lock.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// VACUUM FULL orders;
    /// ```
    /// ```sql,bad
    /// CREATE UNLOGGED TABLE imports (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE imports SET LOGGED;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// VACUUM orders;
    /// ```
    "M016", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let maintained = match &step.action {
        Action::Maintain { what: Maintenance::VacuumFull, target } => Some(("VACUUM FULL", target)),
        Action::Maintain { what: Maintenance::Cluster, target } => Some(("CLUSTER", target)),
        _ => None,
    };
    if let Some((words, target)) = maintained {
        let table = target.as_ref().map(|path| path.qname());
        if table.as_ref().is_none_or(|table| step.table_existed(table)) {
            let name = table.as_ref().map_or("each table of the database".to_string(), ToString::to_string);
            let edits = if words == "VACUUM FULL" { findings.replace(step.place, words, "VACUUM") } else { Vec::new() };
            let draft = findings.here(step.place, format!("nobody can use {name} while it is copied")).words(words);
            let draft = draft.unsafe_edit("let the space be used again, without giving it back", edits);
            if let Some(table) = table {
                draft
                    .label(format!("ACCESS EXCLUSIVE on {table}"))
                    .locks(&table, LockMode::AccessExclusive)
                    .rewrites(&table)
                    .sized(&table, Work::Rewrite);
            }
        }
    }
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect } = change else { continue };
        let table: QName = path.qname();
        let before = step.before.table(&table);
        let copies = match aspect {
            Aspect::Persistence(to) => before.is_none_or(|table| table.persistence != *to),
            Aspect::AccessMethod(to) => {
                before.is_none_or(|table| table.access_method.as_deref().unwrap_or("heap") != to.as_str())
            }
            Aspect::Tablespace(to) => before.is_none_or(|table| table.tablespace.as_ref() != Some(to)),
            _ => false,
        };
        let partitioned = before.is_some_and(|table| table.is_partitioned());
        if copies && !partitioned && path.kind == Kind::Table && step.table_existed(&table) {
            findings
                .here(place, format!("nobody can use {table} while it is copied"))
                .about(path.clone())
                .label(format!("ACCESS EXCLUSIVE on {table}"))
                .locks(&table, LockMode::AccessExclusive)
                .rewrites(&table)
                .sized(&table, Work::Rewrite);
        }
    }
}
