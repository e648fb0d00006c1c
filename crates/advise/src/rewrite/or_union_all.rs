//! `WHERE a = 1 OR b = 2` as two queries, each with an index of its own.

use std::collections::BTreeSet;

use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Level, Position, refs};
use super::meaning::{is_calm, is_known};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "or-union-all",
    says: "`a = 1 OR b = 2` over different columns becomes `UNION ALL` of both, the second without the rows of the \
           first: each side can use its own index, in a join too.",
    offer,
};

/// More sides than this are a list that is better kept.
const MOST: usize = 3;

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    let whole = level.position == Position::Whole && level.query.ctes.is_empty();
    if !whole
        || !is_calm(level.query)
        || !level.is_bare()
        || !level.query.targets.iter().all(|target| is_row_wise(&target.value))
    {
        return;
    }
    for (span, part) in level.conjuncts() {
        let sides = sides(part);
        if !(2..=MOST).contains(&sides.len()) || !sides.iter().all(|side| is_known(side)) || !differ(level, &sides) {
            continue;
        }
        let mut branches = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            let mut condition = parenthesized(side);
            for before in &sides[..at] {
                condition += &format!(" AND ({before}) IS NOT TRUE");
            }
            branches.extend(Edits::of(level.placed).replace(span, condition).text());
        }
        let conditions = vec!["a row that a side before it gives is left out by `IS NOT TRUE`".to_owned()];
        let sql = branches.join("\nUNION ALL\n");
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
    }
}

fn is_row_wise(value: &model::query::TargetValue) -> bool {
    match value {
        model::query::TargetValue::Star(_) => true,
        model::query::TargetValue::Expr(expr) => is_known(expr),
    }
}

fn parenthesized(side: &Expr) -> String {
    match side {
        Expr::Binary { op, .. } if op == "OR" => format!("({side})"),
        _ => side.to_string(),
    }
}

fn sides(part: &Expr) -> Vec<&Expr> {
    match part {
        Expr::Binary { op, left, right } if op == "OR" => {
            let mut found = sides(left);
            found.extend(sides(right));
            found
        }
        other => vec![other],
    }
}

/// Each side asks for other columns: conditions on one column are one look into its index already.
fn differ(level: &Level<'_>, sides: &[&Expr]) -> bool {
    let asked = |side: &Expr| -> BTreeSet<(Name, Name)> {
        let named = |column: &model::expr::ColumnRef| Some((level.bound(column)?.name.clone(), column.name.clone()));
        refs(side).into_iter().filter_map(named).collect()
    };
    let asked: Vec<_> = sides.iter().map(|side| asked(side)).collect();
    asked.iter().all(|one| !one.is_empty())
        && (0..asked.len()).all(|at| asked[at + 1..].iter().all(|other| asked[at].is_disjoint(other)))
}
