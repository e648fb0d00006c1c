use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::repeated;
use crate::rule::Check;

rule! {
    /// A condition in HAVING speaks of single rows, so they are grouped first and thrown away after; write it in WHERE.
    ///
    /// HAVING is for what is known only of the group, such as a count. WHERE comes before the grouping, can use an index, and
    /// leaves less to group. PostgreSQL moves the condition itself only where no grouping set and no volatile function stands
    /// in the way; a reader has to do it each time.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT status, count(*) FROM orders GROUP BY status HAVING status = 'open';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT user_id FROM orders GROUP BY user_id HAVING count(*) > 5 AND user_id > 1000;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT status, count(*) FROM orders WHERE status = 'open' GROUP BY status;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT user_id, max(status) FROM orders GROUP BY user_id HAVING count(*) > 5;
    /// ```
    "Q022", note, known, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let parts = level.having.iter().flat_map(|having| having.conjuncts());
        let Some(part) = parts.into_iter().find(|part| is_of_rows(part)) else { continue };
        findings
            .here(found.place, format!("{part} is known before the rows are grouped"))
            .span(level.span)
            .words("HAVING")
            .why("in WHERE it leaves fewer rows to group, and may use an index");
    }
}

/// It names columns, and calls nothing that might be an aggregate.
fn is_of_rows(part: &Expr) -> bool {
    let mut plain = true;
    part.walk(&mut |expr| plain &= !matches!(expr, Expr::Call(_) | Expr::Subquery(_) | Expr::Text(_)));
    plain && !part.columns().is_empty()
}
