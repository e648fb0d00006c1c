use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::repeated;
use crate::rule::Check;

rule! {
    /// `ORDER BY random()` reads and sorts every row to pick a few; use TABLESAMPLE, or jump to a random key.
    ///
    /// No index can help, so the cost grows with the table and not with the LIMIT.
    ///
    /// ```sql,bad
    /// CREATE TABLE quotes (id bigint PRIMARY KEY, body text);
    /// -- queries
    /// SELECT id, body FROM quotes ORDER BY random() LIMIT 1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE quotes (id bigint PRIMARY KEY, body text);
    /// -- queries
    /// SELECT id, body FROM quotes WHERE id >= $1 ORDER BY id LIMIT 1;
    /// ```
    "Q007", known, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let random = |expr: &Expr| matches!(expr, Expr::Call(call) if matches!(call.function.name.as_str(), "random" | "gen_random_uuid"));
        if level.order_by.iter().any(|order| random(&order.expr)) && !level.from.is_empty() {
            findings
                .here(found.place, "every row is read and sorted to pick a few")
                .span(level.span)
                .words("ORDER BY")
                .why("no index can serve a random order: the cost grows with the table, not with the LIMIT");
        }
    }
}
