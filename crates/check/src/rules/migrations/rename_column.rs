use model::{Change, Kind, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Renaming a column breaks every query of the release that is still running; add the new one, keep both in step, and drop the old one later.
    ///
    /// Old and new code run side by side while a release rolls out, and one of the two names is always missing. There is
    /// no moment at which both work.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, mail text);
    /// -- next migration
    /// ALTER TABLE users RENAME COLUMN mail TO email;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, mail text);
    /// -- next migration
    /// ALTER TABLE users ADD COLUMN email text;
    /// ```
    "M012", Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Rename { path, .. } = change else { continue };
        let owner = path.qname();
        let is_table = step.before.view(&owner).is_none();
        if path.kind == Kind::Column && is_table && step.table_existed(&owner) && step.existed(path) {
            findings
                .here(place, format!("queries that name {path} fail"))
                .about(path.clone())
                .words("RENAME")
                .why(format!("the old release asks for {} until the new one has replaced it everywhere", path.part));
        }
    }
}
