use model::{Aspect, Change, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Renaming an enum value breaks the release that still writes the old one; add the new value, move over, and leave the old one.
    ///
    /// Old and new code run side by side while a release rolls out. From the commit on the old name is "invalid input value
    /// for enum", and rows that were read before come back with a word that the old code does not know.
    ///
    /// ```sql,bad
    /// CREATE TYPE status AS ENUM ('new', 'shiped');
    /// -- next migration
    /// ALTER TYPE status RENAME VALUE 'shiped' TO 'shipped';
    /// ```
    /// ```sql,bad
    /// CREATE SCHEMA shop;
    /// CREATE TYPE shop.size AS ENUM ('s', 'm');
    /// CREATE TABLE shirts (id bigint PRIMARY KEY, size shop.size);
    /// -- next migration
    /// ALTER TYPE shop.size RENAME VALUE 's' TO 'small';
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'shiped');
    /// -- next migration
    /// ALTER TYPE status ADD VALUE 'shipped';
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'shiped');
    /// ALTER TYPE status RENAME VALUE 'shiped' TO 'shipped';
    /// ```
    "M036", fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::RenameValue { from, to } } = change else { continue };
        if step.existed(path) {
            let add = format!("ALTER TYPE {path} ADD VALUE {}", model::name::literal(to));
            let movable = step.changes.len() == 1 && !step.conditional;
            let edits = if movable { vec![findings.rewrite(step.place, &add)] } else { Vec::new() };
            findings
                .here(place, format!("code that writes '{from}' to a {path} fails"))
                .about(path.clone())
                .words("RENAME VALUE")
                .why(format!("rows that hold it are read as '{to}' at once, also by the old release"))
                .unsafe_edit("add the new value beside the old one", edits);
        }
    }
}
