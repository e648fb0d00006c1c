//! Which share of a table a condition keeps, from the statistics of its columns.

use model::Expr;
use model::stats::TableStats;

/// As the planner would: parts are independent of each other, and what is not understood keeps a third.
pub(crate) fn of(condition: &Expr, stats: &TableStats) -> f64 {
    condition.conjuncts().into_iter().map(|part| part_of(part, stats)).product()
}

const UNKNOWN: f64 = 1.0 / 3.0;

fn part_of(part: &Expr, stats: &TableStats) -> f64 {
    match part {
        Expr::Binary { op, left, right } if op == "=" => equal(left, &literal(right), stats),
        Expr::Binary { op, left, right } if op == "<>" => 1.0 - equal(left, &literal(right), stats),
        Expr::In { operand, list, negated } => {
            let found: f64 = list.iter().map(|item| equal(operand, &literal(item), stats)).sum();
            if *negated { (1.0 - found).max(0.0) } else { found.min(1.0) }
        }
        Expr::Test { operand, test } => {
            let nulls = operand.as_column().and_then(|name| stats.columns.get(name)).map_or(0.1, |known| known.nulls);
            match test.as_str() {
                "IS NULL" => nulls,
                "IS NOT NULL" => 1.0 - nulls,
                "IS TRUE" => equal(operand, "t", stats),
                "IS FALSE" => equal(operand, "f", stats),
                _ => UNKNOWN,
            }
        }
        Expr::Column(_) => equal(part, "t", stats),
        Expr::Unary { op, operand } if op == "NOT" => match &**operand {
            Expr::Column(_) => equal(operand, "f", stats),
            inner => (1.0 - part_of(inner, stats)).max(0.0),
        },
        Expr::Binary { op, left, right } if op == "OR" => {
            let (left, right) = (part_of(left, stats), part_of(right, stats));
            left + right - left * right
        }
        _ => UNKNOWN,
    }
}

/// The text of a constant as the database writes it among common values.
fn literal(value: &Expr) -> String {
    match value.without_casts() {
        Expr::String(text) | Expr::Number(text) => text.to_string(),
        Expr::Bool(true) => "t".to_owned(),
        Expr::Bool(false) => "f".to_owned(),
        other => other.to_string(),
    }
}

/// The share of rows that have this value: a common one as statistics say, another as those that are left.
pub(crate) fn equal(column: &Expr, value: &str, stats: &TableStats) -> f64 {
    let Some(known) = column.as_column().and_then(|name| stats.columns.get(name)) else { return 0.01 };
    if let Some(share) = among(&known.common, value) {
        return share;
    }
    let common: f64 = known.common.iter().map(|(_, share)| share).sum();
    let others = (known.distinct - known.common.len() as f64).max(1.0);
    ((1.0 - common - known.nulls) / others).clamp(0.0, 1.0)
}

/// The share of rows with this constant where it is among the common values.
pub(crate) fn common(column: &Expr, value: &Expr, stats: &TableStats) -> Option<f64> {
    among(&stats.columns.get(column.as_column()?)?.common, &literal(value))
}

fn among(common: &[(String, f64)], value: &str) -> Option<f64> {
    common.iter().find(|(common, _)| common.trim_end() == value.trim_end()).map(|(_, share)| *share)
}
