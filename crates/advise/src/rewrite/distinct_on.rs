//! The first row of each group by its number, as DISTINCT ON.

use model::query::{Distinct, Source, TargetValue};
use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Level, refs};
use super::meaning::{is_known, keys};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "distinct-on",
    says: "`row_number() OVER (PARTITION BY … ORDER BY …)` of which only 1 is kept becomes DISTINCT ON: rows are not \
           numbered to be thrown away. The same only where the order leaves no two rows equal.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    let [Source::Subquery { query, lateral: false, .. }] = &level.query.from[..] else { return };
    let inner = Level::of(level.schema, level.placed, query, level.outer, super::level::Position::Derived);
    if let Some(inner) = inner
        && let Some(offer) = rewritten(level, &inner)
    {
        offers.push(offer);
    }
}

fn rewritten(level: &Level<'_>, inner: &Level<'_>) -> Option<Offer> {
    let table = inner.bounds.get(inner.only_source()?)?.table?;
    if !inner.is_bare() || !inner.query.ctes.is_empty() || level.query.write.is_some() || level.query.set.is_some() {
        return None;
    }
    let (numbered, call, number) = inner.query.targets.iter().find_map(|target| match &target.value {
        TargetValue::Expr(Expr::Call(call)) if call.function.name == "row_number" => {
            Some((target, call, target.alias.as_ref()?))
        }
        _ => None,
    })?;
    let rest: Vec<_> = inner.query.targets.iter().filter(|target| !std::ptr::eq(*target, numbered)).collect();
    let plain = rest.iter().all(|target| match &target.value {
        TargetValue::Expr(value) => is_known(value),
        TargetValue::Star(_) => true,
    });
    if !plain || rest.is_empty() {
        return None;
    }
    let (by, order, named) = window(&call.over.as_ref()?.to_string())?;
    let key = keys(level.schema, table).into_iter().find(|key| key.iter().all(|own| named.contains(own)))?;
    if !named.iter().all(|name| table.column(name).is_some()) {
        return None;
    }
    let (at, first) = level.conjuncts().into_iter().enumerate().find_map(|(at, (_, part))| {
        let Expr::Binary { op, left, right } = part else { return None };
        let is_number = matches!(&**left, Expr::Column(column) if column.name == *number);
        let one = matches!((op.as_str(), &**right), ("=" | "<=", Expr::Number(one)) if one == "1")
            || matches!((op.as_str(), &**right), ("<", Expr::Number(two)) if two == "2");
        (is_number && one).then_some((at, part))
    })?;
    // The number is used for nothing else.
    let star = level.query.targets.iter().any(|target| matches!(target.value, TargetValue::Star(_)));
    let used = level.query.expressions().into_iter().flat_map(Expr::conjuncts).any(|part| {
        let mut unknown = false;
        part.walk(&mut |part| unknown |= matches!(part, Expr::Text(_) | Expr::Subquery(_)));
        !std::ptr::eq(part, first) && (unknown || refs(part).iter().any(|column| column.name == *number))
    });
    if star || used || level.query.distinct != Distinct::No && matches!(level.query.distinct, Distinct::On(_)) {
        return None;
    }
    let items: Vec<&str> = rest.iter().map(|target| level.at(target.span)).collect();
    let from = inner.clauses.from?;
    let end = inner.clauses.filter.as_ref().map_or(from.end, |filter| filter.clause.end);
    let edits = Edits::of(level.placed)
        .replace(inner.clauses.select?, format!("SELECT DISTINCT ON ({by}) {}", items.join(", ")))
        .insert(end, format!(" ORDER BY {by}, {order}"));
    let sql = level.without(&[at], edits)?.text()?;
    let shown: Vec<String> = key.iter().map(ToString::to_string).collect();
    let conditions =
        vec![format!("({}) is a key of {}: the order leaves no two rows equal", shown.join(", "), table.name)];
    Some(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows })
}

/// The keys of `(PARTITION BY … ORDER BY …)`, and the columns in both; none where they are more than columns.
fn window(over: &str) -> Option<(String, String, Vec<Name>)> {
    let inside = over.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    let (by, order) = inside.strip_prefix("PARTITION BY ")?.split_once(" ORDER BY ")?;
    let mut named = Vec::new();
    for key in by.split(',').chain(order.split(',')) {
        let mut words = key.split_whitespace();
        let column = words.next()?;
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '.');
        let known = words.all(|word| matches!(word, "ASC" | "DESC" | "NULLS" | "FIRST" | "LAST"));
        if !known || !column.chars().all(plain) {
            return None;
        }
        named.push(column.rsplit('.').next()?.into());
    }
    Some((by.trim().to_owned(), order.trim().to_owned(), named))
}
