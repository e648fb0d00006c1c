use model::query::FoundQuery;
use model::{Edit, Expr, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, is_editable, levels, resolve};
use crate::rule::Check;

rule! {
    /// BETWEEN two days ends at the first moment of the last one, so that day is left out; ask for less than the day after.
    ///
    /// `'2024-01-31'` compared with a time is midnight: of 31 January only that instant is in. The month's last day is missing
    /// in the sum, and nobody sees it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz, total numeric);
    /// -- queries
    /// SELECT sum(total) FROM orders WHERE placed_at BETWEEN '2024-01-01' AND '2024-01-31';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp, total numeric);
    /// -- queries
    /// SELECT o.total FROM orders o WHERE o.placed_at BETWEEN date '2024-01-01' AND date '2024-01-31';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz, total numeric);
    /// -- queries
    /// SELECT sum(total) FROM orders WHERE placed_at >= '2024-01-01' AND placed_at < '2024-02-01';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_on date, seen_at timestamptz);
    /// -- queries
    /// SELECT id FROM orders WHERE placed_on BETWEEN '2024-01-01' AND '2024-01-31'
    ///     AND seen_at BETWEEN '2024-01-01' AND '2024-01-31 23:59:59.999999';
    /// ```
    "Q018", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        for expr in expressions(level) {
            let Expr::Between { operand, low, high, negated: false, symmetric: false } = expr else { continue };
            let Expr::String(day) = high.without_casts() else { continue };
            let Some((_, column)) = resolve(schema, level, operand) else { continue };
            let is_time = matches!(column.ty, Type::Timestamp { .. }) && matches!(**operand, Expr::Column(_));
            if !is_time || !is_day(day) {
                continue;
            }
            let edits = if is_editable(found) { by_half_open(findings, found, operand, low, day) } else { Vec::new() };
            findings
                .here(found.place, format!("of {day} only midnight is in"))
                .span(level.span)
                .words("BETWEEN")
                .why(format!("{} has a time, and a day alone is its first moment", column.name))
                .unsafe_edit("end before the day after", edits);
        }
    }
}

/// `2024-01-31`
fn is_day(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

fn by_half_open(findings: &Findings<'_>, found: &FoundQuery, operand: &Expr, low: &Expr, day: &str) -> Vec<Edit> {
    let (Expr::String(first), column) = (low, operand.to_string()) else { return Vec::new() };
    let words = format!("{} BETWEEN '{first}' AND '{day}'", column.replace('.', " . "));
    let text = format!("({column} >= '{first}' AND {column} < date '{day}' + 1)");
    findings.replace(found.place, &words, &text)
}
