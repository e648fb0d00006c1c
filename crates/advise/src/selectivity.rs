//! Which share of a table a condition keeps, from the statistics of its columns.

use std::cmp::Ordering;

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
        Expr::Binary { op, left, right } if matches!(op.as_str(), "<" | "<=" | ">" | ">=") => {
            let upward = op.starts_with('>');
            let turned = range(right, &literal(left), !upward, stats);
            range(left, &literal(right), upward, stats).or(turned).unwrap_or(UNKNOWN)
        }
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

/// The share of rows whose value is above a constant, or below it: the common values there, and so much of the others
/// as the histogram has on that side.
fn range(column: &Expr, value: &str, upward: bool, stats: &TableStats) -> Option<f64> {
    let known = stats.columns.get(column.as_column()?)?;
    let wanted = if upward { Ordering::Greater } else { Ordering::Less };
    let mut found = 0.0;
    for (common, share) in &known.common {
        found += if compare(common, value)? == wanted { *share } else { 0.0 };
    }
    let common: f64 = known.common.iter().map(|(_, share)| share).sum();
    let others = (1.0 - common - known.nulls).max(0.0);
    if let [_, .., last] = &known.bounds[..] {
        compare(last, value)?;
        let below = known.bounds.iter().filter(|bound| compare(bound, value) == Some(Ordering::Less)).count() as f64;
        // Between two bounds, half of what is there.
        let parts = (known.bounds.len() - 1) as f64;
        let below = ((below - 0.5) / parts).clamp(0.0, 1.0);
        found += others * if upward { 1.0 - below } else { below };
    }
    Some(found.clamp(0.0, 1.0))
}

/// Numbers and dates as the database writes them; how text is sorted is for its collation to say.
fn compare(one: &str, other: &str) -> Option<Ordering> {
    let date = |text: &str| {
        text.len() >= 10 && text.as_bytes()[4] == b'-' && text.starts_with(|sign: char| sign.is_ascii_digit())
    };
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.partial_cmp(&other),
        _ if date(one) && date(other) => Some(one.cmp(other)),
        _ => None,
    }
}

/// The share of rows with this constant where it is among the common values.
pub(crate) fn common(column: &Expr, value: &Expr, stats: &TableStats) -> Option<f64> {
    among(&stats.columns.get(column.as_column()?)?.common, &literal(value))
}

fn among(common: &[(String, f64)], value: &str) -> Option<f64> {
    common.iter().find(|(common, _)| common.trim_end() == value.trim_end()).map(|(_, share)| *share)
}
