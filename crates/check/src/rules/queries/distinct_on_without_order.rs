use model::query::{Distinct, FoundQuery, TargetValue};
use model::{Expr, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{levels, plain_tables, resolve};
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
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
    /// -- queries
    /// SELECT DISTINCT ON (users.id) users.email FROM users JOIN orders ON orders.user_id = users.id;
    /// ```
    "Q025", known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        let Distinct::On(keys) = &level.distinct else { continue };
        // What is returned is the same in every row of the group.
        let says_more = level.targets.iter().any(|target| match &target.value {
            TargetValue::Star(_) => true,
            TargetValue::Expr(expr) => !keys.contains(expr),
        });
        if level.order_by.len() > keys.len() || !says_more {
            continue;
        }
        let ordered = level.order_by.iter().any(|order| !keys.contains(&order.expr));
        if ordered || plain_tables(level).is_none() || follows_from(schema, level, keys) {
            continue;
        }
        findings
            .here(found.place, format!("which row stays for each {} is left to the plan", comma(keys)))
            .span(level.span)
            .words("DISTINCT ON")
            .why("another plan keeps another row, with the same data");
    }
}

/// Every column that is returned belongs to a row that the keys name: of a table whose primary key is among them.
fn follows_from(schema: &Schema, level: &Query, keys: &[Expr]) -> bool {
    let keyed: Vec<_> = keys.iter().filter_map(|key| resolve(schema, level, key)).collect();
    level.targets.iter().all(|target| {
        let TargetValue::Expr(expr) = &target.value else { return false };
        let mut columns = Vec::new();
        expr.walk(&mut |part| {
            if let Expr::Column(_) = part {
                columns.push(part);
            }
        });
        columns.into_iter().all(|column| {
            let Some((table, _)) = resolve(schema, level, column) else { return false };
            let given = |name: &model::Name| keyed.iter().any(|(of, key)| of.name == table.name && key.name == *name);
            table.primary_key().is_some_and(|key| key.columns.iter().all(given))
        })
    })
}
