use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, is_editable, levels};
use crate::rule::Check;

rule! {
    /// A comparison with NULL is never true; use `IS NULL` or `IS NOT NULL`.
    ///
    /// `x = NULL` and `x <> NULL` are both unknown for every x, so a WHERE with one of them returns nothing.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, deleted_at timestamptz);
    /// -- queries
    /// SELECT id FROM users WHERE deleted_at = NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, deleted_at timestamptz);
    /// -- queries
    /// SELECT id FROM users WHERE deleted_at IS NULL;
    /// ```
    "Q008", error, known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        for expr in expressions(level) {
            let Expr::Binary { op, left, right } = expr else { continue };
            let compares = matches!(op.as_str(), "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" | "LIKE" | "NOT LIKE");
            let other = match (left.without_casts(), right.without_casts()) {
                (Expr::Null, _) => right,
                (_, Expr::Null) => left,
                _ => continue,
            };
            if !compares {
                continue;
            }
            let meant = if matches!(op.as_str(), "<>" | "!=") { "IS NOT NULL" } else { "IS NULL" };
            let signs = op.chars().map(|sign| sign.to_string()).collect::<Vec<_>>().join(" ");
            let comparable = is_editable(found) && matches!(op.as_str(), "=" | "<>" | "!=") && **right == Expr::Null;
            let edits =
                if comparable { findings.replace(found.place, &format!("{signs} NULL"), meant) } else { Vec::new() };
            findings
                .here(found.place, format!("{expr} is never true"))
                .span(level.span)
                .words("NULL")
                .why(format!("what is meant is {other} {meant}"))
                .unsafe_edit("ask for NULL", edits);
        }
    }
}
