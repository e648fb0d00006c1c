use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, is_editable, levels};
use crate::rule::Check;

rule! {
    /// NULL in the list of NOT IN makes the condition never true, and in that of IN it finds nothing; ask with `IS NULL`.
    ///
    /// `x NOT IN (1, NULL)` asks whether x is neither 1 nor something unknown, which nobody can say, so no row comes back.
    /// `x IN (1, NULL)` finds the 1 and never a NULL.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, status text);
    /// -- queries
    /// SELECT id FROM users WHERE status NOT IN ('lost', NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, status text);
    /// -- queries
    /// SELECT id FROM users WHERE status IN ('lost', NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, status text);
    /// -- queries
    /// SELECT id FROM users WHERE status IN ('lost', 'NULL') OR status IS NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, status text);
    /// -- queries
    /// SELECT id FROM users WHERE status NOT IN ('lost', coalesce($1, ''));
    /// ```
    "Q028", error, known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        for expr in expressions(level) {
            let Expr::In { operand, list, negated } = expr else { continue };
            if !list.iter().any(|item| *item.without_casts() == Expr::Null) {
                continue;
            }
            let (message, meant) = match negated {
                true => (format!("{operand} NOT IN (…, NULL) is never true"), format!("{operand} IS NOT NULL")),
                false => (
                    format!("the NULL in this list finds no row where {operand} is NULL"),
                    format!("{operand} IS NULL"),
                ),
            };
            let edits = if is_editable(found) { findings.replace(found.place, ", NULL", "") } else { Vec::new() };
            findings
                .here(found.place, message)
                .span(level.span)
                .words("NULL")
                .why(format!("what is meant is {meant}"))
                .unsafe_edit("leave NULL out of the list", edits);
        }
    }
}
