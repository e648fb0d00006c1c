use model::Schema;
use model::query::{FoundQuery, QueryKind};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, repeated};
use crate::rule::Check;

rule! {
    /// An UPDATE without WHERE changes every row; say which rows are meant.
    ///
    /// It locks and rewrites all of the table in one transaction, and is most often a WHERE that was forgotten. Where every
    /// row is meant, `WHERE true` says so.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
    /// -- queries
    /// UPDATE users SET active = false;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
    /// -- queries
    /// UPDATE users SET active = false WHERE id = $1;
    /// ```
    "Q001", fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let Some(write) = level.write.as_ref().filter(|_| level.kind == QueryKind::Update) else { continue };
        if level.filter.is_none() && level.from.is_empty() {
            let whole = is_editable(found) && std::ptr::eq(level, &found.query) && write.returning.is_empty();
            let edits = if whole { vec![findings.append(found.place, "WHERE true")] } else { Vec::new() };
            findings
                .here(found.place, format!("this changes every row of {}", write.table))
                .span(level.span)
                .words("UPDATE")
                .why("every row is locked and written anew in one transaction")
                .unsafe_edit("say that every row is meant", edits);
        }
    }
}
