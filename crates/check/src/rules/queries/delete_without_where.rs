use model::Schema;
use model::query::{FoundQuery, QueryKind};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, repeated};
use crate::rule::Check;

rule! {
    /// A DELETE without WHERE empties the table; say which rows are meant.
    ///
    /// It is most often a WHERE that was forgotten. Where every row is meant, `TRUNCATE` does it without reading the table
    /// and leaves nothing to vacuum, and `WHERE true` says so without the lock of TRUNCATE.
    ///
    /// ```sql,bad
    /// CREATE TABLE sessions (id bigint PRIMARY KEY);
    /// -- queries
    /// DELETE FROM sessions;
    /// ```
    /// ```sql,good
    /// CREATE TABLE sessions (id bigint PRIMARY KEY);
    /// -- queries
    /// DELETE FROM sessions WHERE id = $1;
    /// ```
    "Q002", fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let Some(write) = level.write.as_ref().filter(|_| level.kind == QueryKind::Delete) else { continue };
        if level.filter.is_none() && level.from.is_empty() {
            let whole = is_editable(found) && std::ptr::eq(level, &found.query) && write.returning.is_empty();
            let edits = if whole { vec![findings.append(found.place, "WHERE true")] } else { Vec::new() };
            findings
                .here(found.place, format!("this deletes every row of {}", write.table))
                .span(level.span)
                .words("DELETE")
                .why("the rows stay in the file until vacuum, and every one of them is locked until the commit")
                .unsafe_edit("say that every row is meant", edits);
        }
    }
}
