//! `left(name, 3) = 'abc'` as `LIKE 'abc%'`.

use model::expr::Call;
use model::{Expr, Type};

use super::edits::Edits;
use super::level::Level;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "prefix-like",
    says: "`left(name, 3) = 'abc'` and its like become `name LIKE 'abc%'`, which an index with `text_pattern_ops` (any \
           index under the collation C) answers as a range.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (span, part) in level.conjuncts() {
        let Some((column, prefix)) = begins(part) else { continue };
        let fits = level.column(column).is_some_and(|(_, found)| matches!(found.ty, Type::Text | Type::Varchar(_)));
        if !fits || !level.is_plainly_collated(column) || prefix.is_empty() {
            continue;
        }
        let pattern = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_") + "%";
        let like = format!("{column} LIKE {}", model::name::literal(&pattern));
        let Some(sql) = Edits::of(level.placed).replace(span, like).text() else { continue };
        let conditions = vec![
            format!("as many letters are compared as '{prefix}' has"),
            format!("{column} is text of a deterministic collation"),
        ];
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
    }
}

/// A column, and what it begins with.
fn begins(part: &Expr) -> Option<(&Expr, &str)> {
    match part {
        Expr::Call(call) => match (function(call)?, &call.args[..]) {
            ("starts_with", [column, Expr::String(prefix)]) => Some((column, prefix)),
            _ => None,
        },
        Expr::Binary { op, left, right } if op == "=" => equal(left, right).or_else(|| equal(right, left)),
        Expr::Binary { op, left, right } if op == "~" => match &**right {
            // Letters and digits mean themselves in every pattern.
            Expr::String(pattern) => {
                let rest = pattern.strip_prefix('^')?;
                rest.chars().all(|letter| letter.is_alphanumeric() || letter == ' ').then_some((&**left, rest))
            }
            _ => None,
        },
        _ => None,
    }
}

fn equal<'e>(cut: &'e Expr, value: &'e Expr) -> Option<(&'e Expr, &'e str)> {
    let Expr::Call(call) = cut else { return None };
    match (function(call)?, &call.args[..], value.without_casts()) {
        ("left", [column, Expr::Number(count)], Expr::String(prefix)) => has(prefix, count).then_some((column, prefix)),
        ("substr" | "substring", [column, Expr::Number(one), Expr::Number(count)], Expr::String(prefix)) => {
            (one == "1" && has(prefix, count)).then_some((column, prefix))
        }
        ("strpos", [column, Expr::String(prefix)], Expr::Number(one)) => (one == "1").then_some((column, prefix)),
        _ => None,
    }
}

fn function(call: &Call) -> Option<&str> {
    matches!(call.function.schema.as_str(), "" | "pg_catalog").then_some(call.function.name.as_str())
}

fn has(prefix: &str, count: &str) -> bool {
    count.parse() == Ok(prefix.chars().count())
}
