//! UNION of rows that are never the same.

use std::collections::BTreeMap;

use model::query::SetOp;
use model::{Expr, Name};

use super::distinct_key::distinct;
use super::edits::Edits;
use super::level::Level;
use super::meaning::{differ, keys};
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "union-all",
    says: "UNION becomes UNION ALL where no row can come twice: no side has a row twice, and a constant or a condition \
           keeps both apart. Nothing is hashed or sorted to find what cannot be there.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    let Some(set) = &level.query.set else { return };
    if set.all || set.op != SetOp::Union {
        return;
    }
    let side = |query| Level::of(level.schema, level.placed, query, level.outer, super::level::Position::Part);
    let (Some(left), Some(right)) = (side(&set.left), side(&set.right)) else { return };
    let has_rows = |side: &Level<'_>| side.is_plain() && side.query.set.is_none();
    if !has_rows(&left) || !has_rows(&right) {
        return;
    }
    let Some(apart) = apart(&left, &right) else { return };
    let (Some(first), Some(second)) = (distinct(&left), distinct(&right)) else { return };
    let Some(operator) = level.clauses.operator else { return };
    let Some(sql) = Edits::of(level.placed).replace(operator, "UNION ALL").text() else { return };
    let conditions = [vec![apart], first, second].concat();
    offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
}

/// Why no row of one side is one of the other.
fn apart(left: &Level<'_>, right: &Level<'_>) -> Option<String> {
    let (first, second) = (left.values()?, right.values()?);
    let constant = first.iter().zip(&second).position(|((_, one), (_, other))| differ(one, other));
    if let Some(at) = constant {
        return Some(format!("item {} says which side a row is of", at + 1));
    }
    // One table, its key at the same places, and conditions of which a row meets one at most.
    let table = left.bounds.get(left.only_source()?)?.table?;
    let other = right.bounds.get(right.only_source()?)?.table?;
    let places = |level: &Level<'_>, values: &[(model::Span, &Expr)]| -> BTreeMap<Name, usize> {
        let named = values
            .iter()
            .enumerate()
            .filter_map(|(at, (_, value))| level.column(value).map(|(_, column)| (column.name.clone(), at)));
        named.collect()
    };
    let (own, others) = (places(left, &first), places(right, &second));
    let same = |column: &Name| own.contains_key(column) && own.get(column) == others.get(column);
    if table.name != other.name || !keys(left.schema, table).iter().any(|key| key.iter().all(same)) {
        return None;
    }
    let (own, others) = (equals(left), equals(right));
    let (column, _) =
        own.iter().find(|(column, value)| others.get(*column).is_some_and(|other| differ(value, other)))?;
    Some(format!("{}.{column} is not the same on both sides", table.name))
}

fn equals<'a>(level: &Level<'a>) -> BTreeMap<Name, &'a Expr> {
    let mut found = BTreeMap::new();
    for (_, part) in level.conjuncts() {
        let Some((left, right)) = equal(part) else { continue };
        for (own, value) in [(left, right), (right, left)] {
            if let Some((_, column)) = level.column(own) {
                found.insert(column.name.clone(), value);
            }
        }
    }
    found
}
