use model::expr::SubqueryKind;
use model::query::{FoundQuery, TargetValue};
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, levels};
use crate::rule::Check;

rule! {
    /// Counting all rows to learn whether there is one reads too many; use EXISTS.
    ///
    /// `count(*)` reads every row that matches; `EXISTS` stops at the first.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id FROM users WHERE (SELECT count(*) FROM orders WHERE user_id = users.id) > 0;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id FROM users WHERE EXISTS (SELECT FROM orders WHERE user_id = users.id);
    /// ```
    "Q012", known, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        for expr in expressions(level) {
            let Expr::Binary { op, left, right } = expr else { continue };
            let (Expr::Subquery(subquery), Expr::Number(number)) = (&**left, &**right) else { continue };
            let asks = matches!((op.as_str(), number.as_str()), (">" | "=" | "<>" | "!=", "0") | (">=" | "<", "1"));
            let counts = match subquery.query.targets.as_slice() {
                [target] => {
                    matches!(&target.value, TargetValue::Expr(Expr::Call(call)) if call.function.name == "count" && call.over.is_none())
                }
                _ => false,
            };
            let grouped = !subquery.query.group_by.is_empty() || subquery.query.having.is_some();
            if asks && counts && !grouped && subquery.kind == SubqueryKind::Scalar {
                findings
                    .here(found.place, "all rows are counted to learn whether there is one")
                    .span(subquery.query.span)
                    .words("count")
                    .why("EXISTS stops at the first row");
            }
        }
    }
}
