use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, is_editable, repeated};
use crate::rule::Check;

rule! {
    /// A LIKE without a wildcard is a comparison; write `=`.
    ///
    /// An index of an ordinary collation serves `=` and not LIKE, so that every row is read for what one look-up would find.
    /// It is most often a `%` that was forgotten.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@example.com';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// DELETE FROM users WHERE email NOT LIKE 'keep' AND id > 5;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@%' OR email LIKE 'a_c' OR email LIKE $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email ILIKE 'Info@example.com';
    /// ```
    "Q029", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for expr in expressions(level) {
            let Expr::Binary { op, right, .. } = expr else { continue };
            let (words, plain) = match op.as_str() {
                "LIKE" => ("LIKE", "="),
                "NOT LIKE" => ("NOT LIKE", "<>"),
                _ => continue,
            };
            let Expr::String(pattern) = right.without_casts() else { continue };
            if pattern.contains(['%', '_', '\\']) {
                continue;
            }
            let edits = if is_editable(found) { findings.replace(found.place, words, plain) } else { Vec::new() };
            findings
                .here(found.place, format!("'{pattern}' has no wildcard"))
                .span(level.span)
                .words(words)
                .why(format!("this is {plain}, which an index serves"))
                .edit("compare", edits);
        }
    }
}
