use model::query::{Distinct, FoundQuery};
use model::Schema;

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// DISTINCT ON without ORDER BY keeps any row of each group; say which one comes first.
    ///
    /// Which row stays is left to the plan, and changes with the table's size, a vacuum or a parallel scan. The order must
    /// begin with the keys of DISTINCT ON and go on with what decides among the rows of one group.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
    /// -- queries
    /// SELECT DISTINCT ON (user_id) user_id, id FROM orders;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
    /// -- queries
    /// SELECT DISTINCT ON (user_id) user_id, placed_at FROM orders ORDER BY user_id;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
    /// -- queries
    /// SELECT DISTINCT ON (user_id) user_id, id FROM orders ORDER BY user_id, placed_at DESC;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
    /// -- queries
    /// SELECT DISTINCT ON (user_id) user_id FROM orders;
    /// ```
    "Q025", known, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        let Distinct::On(keys) = &level.distinct else { continue };
        // What is returned is the same in every row of the group.
        let says_more = level.targets.iter().any(|target| match &target.value {
            model::query::TargetValue::Star(_) => true,
            model::query::TargetValue::Expr(expr) => !keys.contains(expr),
        });
        if level.order_by.len() > keys.len() || !says_more {
            continue;
        }
        let ordered = level.order_by.iter().any(|order| !keys.contains(&order.expr));
        if ordered {
            continue;
        }
        findings
            .here(found.place, format!("which row stays for each {} is left to the plan", comma(keys)))
            .span(level.span)
            .words("DISTINCT ON")
            .why("another plan keeps another row, with the same data");
    }
}
