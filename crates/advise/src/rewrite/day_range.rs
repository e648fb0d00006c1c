//! `placed_at::date = …` as a range of the column itself.

use model::{Expr, Type};

use super::edits::Edits;
use super::level::Level;
use super::parts::turned;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "day-range",
    says: "`placed_at::date = …`, `date_trunc('month', placed_at) = …` and days BETWEEN become a half-open range of \
           the column, which an index on it can answer. For `timestamp`; the day of a `timestamptz` hangs on the zone \
           of the session, and where clocks are turned back it is no single range.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (span, part) in level.conjuncts() {
        let Some((range, caveat)) = range(level, part) else { continue };
        let Some(sql) = Edits::of(level.placed).replace(span, range).text() else { continue };
        let conditions = vec!["the column is a timestamp without time zone".to_owned()];
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat, proof: Proof::Rows });
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// `::date`, which gives a date
    Date,
    /// `date_trunc('day', …)`, which gives a timestamp
    Day,
    Month,
    Year,
}

/// The range, and what has to be known of parameters.
fn range(level: &Level<'_>, part: &Expr) -> Option<(String, Option<String>)> {
    match part {
        Expr::Binary { op, left, right } => {
            let (cut, op, bound) = match cut(level, left) {
                Some(cut) => (cut, op.as_str(), &**right),
                None => (self::cut(level, right)?, turned(op)?, &**left),
            };
            let (column, unit) = cut;
            let (from, next) = bounds(unit, bound)?;
            let text = match op {
                "=" => format!("{column} >= {from} AND {column} < {next}"),
                ">=" => format!("{column} >= {from}"),
                "<" => format!("{column} < {from}"),
                ">" => format!("{column} >= {next}"),
                "<=" => format!("{column} < {next}"),
                _ => return None,
            };
            Some((text, open(&[bound])))
        }
        Expr::Between { operand, low, high, negated: false, symmetric: false } => {
            let (column, unit) = cut(level, operand)?;
            let ((from, _), (_, next)) = (bounds(unit, low)?, bounds(unit, high)?);
            Some((format!("{column} >= {from} AND {column} < {next}"), open(&[low, high])))
        }
        _ => None,
    }
}

/// A column of a timestamp that is cut down to its day, month or year.
fn cut<'e>(level: &Level<'_>, expr: &'e Expr) -> Option<(&'e Expr, Unit)> {
    let (column, unit) = match expr {
        Expr::Cast { operand, ty: Type::Date } => (&**operand, Unit::Date),
        Expr::Call(call) if matches!(call.function.schema.as_str(), "" | "pg_catalog") && call.over.is_none() => {
            match (call.function.name.as_str(), &call.args[..]) {
                ("date", [column]) => (column, Unit::Date),
                ("date_trunc", [Expr::String(unit), column]) => match unit.as_str() {
                    "day" => (column, Unit::Day),
                    "month" => (column, Unit::Month),
                    "year" => (column, Unit::Year),
                    _ => return None,
                },
                _ => return None,
            }
        }
        _ => return None,
    };
    let (_, found) = level.column(column)?;
    matches!(found.ty, Type::Timestamp { zone: false, .. }).then_some((column, unit))
}

/// The start of the unit, and that of the next one; none where the value is not the start of one.
fn bounds(unit: Unit, value: &Expr) -> Option<(String, String)> {
    match (unit, value.without_casts()) {
        (Unit::Date, Expr::Parameter(parameter)) => {
            Some((format!("{parameter}::date"), format!("{parameter}::date + 1")))
        }
        (unit, Expr::String(text)) => {
            let (month, day) = date(text)?;
            let starts = match unit {
                Unit::Date | Unit::Day => true,
                Unit::Month => day == 1,
                Unit::Year => day == 1 && month == 1,
            };
            let length = match unit {
                Unit::Date | Unit::Day => "1",
                Unit::Month => "interval '1 month'",
                Unit::Year => "interval '1 year'",
            };
            starts.then(|| (format!("date '{text}'"), format!("date '{text}' + {length}")))
        }
        _ => None,
    }
}

/// Month and day of `2026-01-31`; anything else may be `infinity`, or read in the style of the session.
fn date(text: &str) -> Option<(u8, u8)> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) || year == "0000" {
        return None;
    }
    Some((month.parse().ok()?, day.parse().ok()?))
}

fn open(values: &[&Expr]) -> Option<String> {
    let open = values.iter().any(|value| matches!(value.without_casts(), Expr::Parameter(_)));
    open.then(|| "not for the date `infinity`".to_owned())
}
