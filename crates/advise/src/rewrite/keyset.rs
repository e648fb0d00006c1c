//! OFFSET as a look behind the last row of the page before.

use model::query::Distinct;
use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Level, Position};
use super::meaning::{is_calm, is_constant, keys};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "keyset",
    says: "`ORDER BY … OFFSET n` becomes a comparison with the last row of the page before: rows that were shown are \
           not read again. The order gets a unique key at its end, for rows that are equal in it.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    offers.extend(rewritten(level));
}

fn rewritten(level: &Level<'_>) -> Option<Offer> {
    let query = level.query;
    let offset = query.offset.as_ref()?;
    let table = level.bounds.get(level.only_source()?)?.table?;
    let whole =
        level.position == Position::Whole && is_calm(query) && level.is_plain() && query.distinct == Distinct::No;
    let skips = is_constant(&offset.expr) && offset.expr != Expr::Number("0".into());
    let (order_by, limit) = (level.clauses.order_by?, level.clauses.limit?);
    if !whole || !skips || query.limit.is_none() {
        return None;
    }
    let descending = query.order_by.first()?.descending;
    let (mut order, mut conditions) = (Vec::<Name>::new(), Vec::new());
    for key in &query.order_by {
        let (_, column) = level.column(&key.expr)?;
        // ORDER BY means the name of an item before that of a column.
        let hidden = query.targets.iter().any(|target| {
            let of_column = match &target.value {
                model::query::TargetValue::Expr(value) => level.column(value).is_some_and(|(_, own)| own == column),
                model::query::TargetValue::Star(_) => true,
            };
            target.alias.as_ref() == Some(&column.name) && !of_column
        });
        if hidden || key.descending != descending {
            return None;
        }
        conditions.push(level.never_null(&key.expr)?);
        if !order.contains(&column.name) {
            order.push(column.name.clone());
        }
    }
    let key = keys(level.schema, table).into_iter().min_by_key(|key| missing(key, &order).len())?;
    let added = missing(&key, &order);
    conditions.push(format!("({}) is a key of {}", names(&key).join(", "), table.name));
    if !added.is_empty() {
        conditions.push(format!("rows that are equal in the order come by {}", names(&added).join(", ")));
    }
    order.extend(added.iter().cloned());
    let qualifier = &level.bounds[0].name;
    let column = |name: &Name| format!("{}.{}", model::name::quoted(qualifier), model::name::quoted(name));
    let shown: Vec<String> = order.iter().map(&column).collect();
    let direction = if descending { " DESC" } else { "" };
    let mut clause = level.at(order_by).to_owned();
    for name in &added {
        clause += &format!(", {}{direction}", column(name));
    }
    // The number of the OFFSET parameter would be left without a type.
    let mut next = last_parameter(&level.placed.query) + 1;
    let mut numbers = Vec::new();
    if let Expr::Parameter(own) = offset.expr.without_casts()
        && level.placed.text.matches(own.as_str()).count() == 1
    {
        numbers.extend(own.trim_start_matches('$').parse::<usize>().ok());
    }
    while numbers.len() < order.len() {
        numbers.push(next);
        next += 1;
    }
    let values: Vec<String> = numbers.iter().map(|number| format!("${number}")).collect();
    let op = if descending { "<" } else { ">" };
    let behind = match &shown[..] {
        [only] => format!("{only} {op} {}", values[0]),
        _ => format!("({}) {op} ({})", shown.join(", "), values.join(", ")),
    };
    let edits = || Edits::of(level.placed).replace(order_by, clause.clone()).remove(offset.span);
    let sql = level.and(edits(), &behind)?.text()?;
    let targets = level.clauses.targets?;
    let all = edits().remove(limit).insert(targets.start, format!("{}, ", shown.join(", "))).text()?;
    Some(Offer {
        rule: RULE.name,
        sql,
        conditions,
        caveat: Some(format!(
            "{} take the values of the last row of the page before; no page is reached by its number",
            values.join(", ")
        )),
        proof: Proof::Pages { all, keys: numbers },
    })
}

fn missing(key: &[Name], order: &[Name]) -> Vec<Name> {
    key.iter().filter(|column| !order.contains(column)).cloned().collect()
}

fn names(columns: &[Name]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// The greatest number of a parameter.
fn last_parameter(query: &model::Query) -> usize {
    let mut greatest = 0;
    query.walk(&mut |level| {
        for expr in level.expressions() {
            expr.walk(&mut |part| {
                if let Expr::Parameter(parameter) = part {
                    greatest = greatest.max(parameter.trim_start_matches('$').parse().unwrap_or(0));
                }
            });
        }
    });
    greatest
}
