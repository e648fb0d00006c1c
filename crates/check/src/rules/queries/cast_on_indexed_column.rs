use model::query::FoundQuery;
use model::{Edit, Expr, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{comparisons, has_index_on, is_editable, is_given, is_indexed, only_column, repeated};
use crate::rule::Check;

rule! {
    /// A cast of an indexed column hides the index from the query; cast the other side, or ask for a range.
    ///
    /// The index holds the column and not what it is cast to, so every row is read and cast. A number with a point does the
    /// same to an integer column: it is the column that becomes `numeric`.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz);
    /// CREATE INDEX orders_placed ON orders (placed_at);
    /// -- queries
    /// SELECT id FROM orders WHERE placed_at::date = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, number integer UNIQUE);
    /// -- queries
    /// SELECT id FROM orders WHERE number = 17.0;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- queries
    /// SELECT o.id FROM orders o WHERE o.id::text = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz, code varchar(20) UNIQUE);
    /// CREATE INDEX orders_placed ON orders (placed_at);
    /// -- queries
    /// SELECT id FROM orders WHERE placed_at >= $1::date AND placed_at < $1::date + 1 AND code::text = $2;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, number integer UNIQUE, weight integer);
    /// -- queries
    /// SELECT id FROM orders WHERE number = 17 AND weight::text = $1;
    /// ```
    "Q014", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for comparison in comparisons(level) {
            let Some((table, column)) = only_column(schema, level, comparison.side) else { continue };
            let to = match (comparison.side, comparison.other.without_casts()) {
                (Expr::Cast { operand, ty }, _)
                    if matches!(**operand, Expr::Column(_)) && !is_relabel(&column.ty, ty) =>
                {
                    ty.to_string()
                }
                (Expr::Column(_), Expr::Number(number))
                    if column.ty.is_integer() && number.contains(['.', 'e', 'E']) =>
                {
                    "numeric".to_string()
                }
                _ => continue,
            };
            if !is_indexed(table, &column.name) || has_index_on(table, comparison.side) {
                continue;
            }
            let edits =
                if is_editable(found) { by_range(findings, found, &column.ty, &comparison) } else { Vec::new() };
            findings
                .here(found.place, format!("the index on {} cannot find it as {to}", column.name))
                .span(level.span)
                .words(&column.name)
                .why(format!("every row of {} is read and cast", table.name))
                .edit("ask for a range of the column itself", edits);
        }
    }
}

/// The stored bytes are the same, and so is the index.
fn is_relabel(from: &Type, to: &Type) -> bool {
    let is_string = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(_));
    from == to
        || (is_string(from) && is_string(to))
        || from.without_modifiers() == to.without_modifiers()
        || matches!((from, to), (Type::Cidr, Type::Inet))
}

/// `at::date = x` is the range of that day.
fn by_range(
    findings: &Findings<'_>,
    found: &FoundQuery,
    from: &Type,
    comparison: &crate::queries::Comparison<'_>,
) -> Vec<Edit> {
    let Expr::Cast { operand, ty: Type::Date } = comparison.side else { return Vec::new() };
    if comparison.op != "=" || !matches!(from, Type::Timestamp { .. }) || !is_given(comparison.other) {
        return Vec::new();
    }
    let (column, day) = (operand.to_string(), comparison.other.without_casts().to_string());
    if matches!(comparison.other.without_casts(), Expr::Call(_)) || day.contains(' ') {
        return Vec::new();
    }
    let words = format!("{} : : date = {day}", column.replace('.', " . "));
    findings.replace(found.place, &words, &format!("({column} >= {day}::date AND {column} < {day}::date + 1)"))
}
