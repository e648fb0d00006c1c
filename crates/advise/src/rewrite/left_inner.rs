//! A LEFT JOIN that never leaves a row without its partner.

use model::query::{Join, JoinCondition, JoinKind, Source};
use model::{Name, Span};

use super::edits::Edits;
use super::level::Level;
use super::meaning::{has_policies, is_required, reference, said};
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "left-inner",
    says: "LEFT JOIN along a foreign key that is NOT NULL becomes JOIN: the planner may then start at either table. \
           It does that by itself where WHERE refuses the missing row, but knows nothing of foreign keys.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    let [Source::Join(last)] = &level.query.from[..] else { return };
    let mut chain = vec![&**last];
    while let Some(Source::Join(left)) = chain.last().map(|join| &join.left) {
        chain.push(left);
    }
    if !chain.iter().all(|join| matches!(join.kind, JoinKind::Inner | JoinKind::Left | JoinKind::Cross)) {
        return;
    }
    for join in chain {
        let Some(why) = always(level, join) else { continue };
        let Some(words) = words(level, join) else { continue };
        let Some(sql) = Edits::of(level.placed).replace(words, "JOIN").text() else { continue };
        offers.push(Offer { rule: RULE.name, sql, conditions: vec![why], caveat: None, proof: Proof::Rows });
    }
}

/// Why every row has its partner.
fn always(level: &Level<'_>, join: &Join) -> Option<String> {
    let (JoinKind::Left, Source::Table(right), JoinCondition::On(on)) = (join.kind, &join.right, &join.condition)
    else {
        return None;
    };
    let at = level.bounds.iter().position(|bound| bound.span.start == right.span.start)?;
    let target = level.bounds[at].table.filter(|table| !has_policies(table))?;
    let mut pairs: Vec<(Name, Name)> = Vec::new();
    let mut from = None;
    for part in on.conjuncts() {
        let (left, right) = equal(part)?;
        let (left, right) = (level.column(left)?, level.column(right)?);
        let ((own_at, own), (_, other)) = if left.0 == at { (right, left) } else { (left, right) };
        if own_at == at || from.is_some_and(|from| from != own_at) || left.0 != at && right.0 != at {
            return None;
        }
        from = Some(own_at);
        pairs.push((own.name.clone(), other.name.clone()));
    }
    let referring = &level.bounds[from?];
    let table = referring.table.filter(|_| !referring.optional)?;
    let (constraint, _) = reference(table, target, &pairs)?;
    let required = pairs.iter().all(|(own, _)| is_required(level.schema, table, own));
    required.then(|| said(constraint))
}

/// `LEFT OUTER JOIN`
fn words(level: &Level<'_>, join: &Join) -> Option<Span> {
    let left = match &join.left {
        Source::Table(table) => table.span.end,
        Source::Join(join) => join.span.end,
        Source::Subquery { span, .. } => span.end,
        Source::Function { .. } | Source::Other(_) => return None,
    };
    let Source::Table(right) = &join.right else { return None };
    let text = level.placed.text.get(left as usize..right.span.start as usize)?.to_ascii_uppercase();
    let start = text.len() - text.trim_start().len();
    let end = text.find("JOIN")? + "JOIN".len();
    let plain = text[start..end].split_whitespace().all(|word| matches!(word, "LEFT" | "OUTER" | "JOIN"));
    (plain && text[start..].starts_with("LEFT")).then_some(Span { start: left + start as u32, end: left + end as u32 })
}
