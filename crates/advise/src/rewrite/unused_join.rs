//! A join with a table of which nothing is used.

use model::query::{JoinCondition, JoinKind, Source};
use model::{Name, Span};

use super::edits::Edits;
use super::level::Level;
use super::meaning::{has_policies, is_required, reference, said, unique_sets};
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused-join",
    says: "An inner join with a table of which nothing is used goes, where a foreign key promises the row and a key \
           that it is the only one. PostgreSQL leaves out such LEFT JOINs by itself, and never inner ones.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    if !level.is_plain() {
        return;
    }
    let [Source::Join(last)] = &level.query.from[..] else { return };
    let mut join = &**last;
    // Any join of the chain whose right side is a table.
    loop {
        if let Some((gone, conditions)) = unused(level, join)
            && let Some(sql) = Edits::of(level.placed).remove(gone).text()
        {
            offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
        }
        match &join.left {
            Source::Join(left) => join = left,
            _ => return,
        }
    }
}

fn unused(level: &Level<'_>, join: &model::query::Join) -> Option<(Span, Vec<String>)> {
    let (Source::Table(right), JoinCondition::On(on)) = (&join.right, &join.condition) else { return None };
    let at = level.bounds.iter().position(|bound| bound.span.start == right.span.start)?;
    let table = level.bounds[at].table.filter(|table| !has_policies(table))?;
    let mut pairs: Vec<(Name, Name)> = Vec::new();
    let mut from = None;
    for part in on.conjuncts() {
        let (left, right) = equal(part)?;
        let (own, other) = match level.column(left)? {
            (found, _) if found == at => (left, right),
            _ => (right, left),
        };
        let ((own_at, own), (other_at, other)) = (level.column(own)?, level.column(other)?);
        if own_at != at || other_at == at || from.is_some_and(|from| from != other_at) {
            return None;
        }
        from = Some(other_at);
        pairs.push((other.name.clone(), own.name.clone()));
    }
    let is_used = level.uses(at, &[on]);
    let referring = &level.bounds[from?];
    let source = referring.table?;
    let targets: Vec<&Name> = pairs.iter().map(|(_, target)| target).collect();
    let key = unique_sets(level.schema, table).into_iter().any(|key| key.iter().all(|own| targets.contains(&own)));
    if is_used || !key {
        return None;
    }
    let conditions = match join.kind {
        JoinKind::Inner => {
            let (constraint, _) = reference(source, table, &pairs)?;
            let required = pairs.iter().all(|(own, _)| is_required(level.schema, source, own));
            if !required || referring.optional {
                return None;
            }
            vec![said(constraint), format!("nothing of {} is used", level.bounds[at].name)]
        }
        JoinKind::Left => {
            vec![
                "one row at most is joined, and none is left out".to_owned(),
                format!("nothing of {} is used", level.bounds[at].name),
            ]
        }
        _ => return None,
    };
    Some((clause(level, join)?, conditions))
}

/// `JOIN table ON …`: what is behind the left side.
fn clause(level: &Level<'_>, join: &model::query::Join) -> Option<Span> {
    let end = join.span.end;
    let left = match &join.left {
        Source::Table(table) => table.span.end,
        Source::Join(join) => join.span.end,
        Source::Subquery { span, .. } => span.end,
        _ => return None,
    };
    let text = level.placed.text.get(left as usize..end as usize)?;
    let start = left + (text.len() - text.trim_start().len()) as u32;
    let word = level.placed.text.get(start as usize..)?.get(..4)?.to_ascii_uppercase();
    // A closing parenthesis in between belongs to something that is not understood here.
    matches!(word.as_str(), "JOIN" | "INNE" | "LEFT").then_some(Span { start, end })
}
