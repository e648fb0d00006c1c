use model::Step;
use model::step::Action;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::listed;

rule! {
    /// TRUNCATE in a migration empties a table that is in use; delete what is meant, and keep a way back.
    ///
    /// The rows are gone with the commit, and ACCESS EXCLUSIVE keeps everybody out until then. With `CASCADE` every table
    /// that refers to it is emptied too.
    ///
    /// ```sql,bad
    /// CREATE TABLE sessions (id bigint PRIMARY KEY);
    /// -- next migration
    /// TRUNCATE sessions;
    /// ```
    /// ```sql,good
    /// CREATE TABLE sessions (id bigint PRIMARY KEY);
    /// TRUNCATE sessions;
    /// ```
    "M020", Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Truncate { tables, cascade } = &step.action else { return };
    let Some(table) = tables.iter().find(|table| step.table_existed(table)) else { return };
    let draft = findings
        .here(step.place, format!("all rows of {} are lost", listed(tables)))
        .words("TRUNCATE")
        .sized(table, Work::Lose);
    let referencing = step.before.referencing(table);
    if *cascade && !referencing.is_empty() {
        draft.why(format!("CASCADE also empties {}", listed(referencing.iter().map(|(table, _)| &table.name))));
    }
}
