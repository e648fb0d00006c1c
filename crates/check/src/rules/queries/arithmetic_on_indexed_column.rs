use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{comparisons, has_index_on, is_indexed, only_column, repeated};
use crate::rule::Check;

rule! {
    /// Arithmetic on an indexed column hides the index from the query; move the other operand to the other side.
    ///
    /// The index is sorted by the column, and PostgreSQL does not solve equations: `placed_at + '30 days' < now()` reads every
    /// row, `placed_at < now() - '30 days'` finds the first.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz);
    /// CREATE INDEX orders_placed ON orders (placed_at);
    /// -- queries
    /// SELECT id FROM orders WHERE placed_at + interval '30 days' < now();
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// -- queries
    /// SELECT total FROM orders WHERE id * 2 = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz);
    /// CREATE INDEX orders_placed ON orders (placed_at);
    /// -- queries
    /// SELECT id FROM orders WHERE placed_at < now() - interval '30 days';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, net numeric, tax numeric);
    /// CREATE INDEX orders_gross ON orders ((net * 2));
    /// CREATE INDEX orders_net ON orders (net);
    /// -- queries
    /// SELECT id FROM orders WHERE net * 2 > $1 AND tax * 2 > 1;
    /// ```
    "Q015", known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for comparison in comparisons(level) {
            let Expr::Binary { op, left, right } = comparison.side else { continue };
            let is_sum = matches!(op.as_str(), "+" | "-" | "*" | "/");
            let bare = |expr: &Expr| matches!(expr, Expr::Column(_));
            if !is_sum || !(bare(left) || bare(right)) {
                continue;
            }
            let Some((table, column)) = only_column(schema, level, comparison.side) else { continue };
            let plain = column.ty.is_integer() || is_ordered(&column.ty);
            if !plain || !is_indexed(table, &column.name) || has_index_on(table, comparison.side) {
                continue;
            }
            findings
                .here(found.place, format!("the index on {} cannot find {}", column.name, comparison.side))
                .span(level.span)
                .words(&column.name)
                .why(format!(
                    "every row of {} is read and computed; what is on the other side is computed once",
                    table.name
                ));
        }
    }
}

/// Types whose sums can be turned round.
fn is_ordered(ty: &model::Type) -> bool {
    use model::Type::{Date, Double, Numeric, Real, Timestamp};
    matches!(ty, Date | Timestamp { .. } | Numeric(_) | Real | Double)
}
