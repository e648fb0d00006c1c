//! Keys that say the same inside one CREATE TABLE: PostgreSQL makes only one of them.

use model::object::{Constraint, ConstraintKind, Table};
use model::{Kind, Name};

use super::super::statement::PartPlace;

/// Leaves one of each; the primary key goes before the others, and else the first. What it lacks in name it takes from
/// those that go (`transformIndexConstraints` of PostgreSQL).
pub(super) fn merge(table: &mut Table, parts: &mut Vec<PartPlace>) {
    let mut at = 0;
    while at < table.constraints.len() {
        let own = &table.constraints[at];
        let wins = |(position, other): (usize, &Constraint)| {
            (position < at || is_primary(other)) && position != at && !is_primary(own) && same(other, own)
        };
        let Some(winner) = table.constraints.iter().enumerate().position(wins) else {
            at += 1;
            continue;
        };
        let place = part(table, parts, at);
        if table.constraints[winner].name.is_empty() {
            let name = own.name.clone();
            let named = part(table, parts, winner);
            if let Some(named) = named {
                parts[named].path.part = name.clone();
            }
            table.constraints[winner].name = name;
        }
        table.constraints.remove(at);
        if let Some(place) = place {
            parts.remove(place);
        }
    }
}

fn is_primary(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey(_))
}

fn same(one: &Constraint, other: &Constraint) -> bool {
    let kinds = match (&one.kind, &other.kind) {
        (ConstraintKind::Exclude(one), ConstraintKind::Exclude(other)) => {
            one.method == other.method
                && one.elements == other.elements
                && one.include == other.include
                && one.predicate == other.predicate
        }
        _ => match (one.as_key(), other.as_key()) {
            (Some(one), Some(other)) => {
                one.columns == other.columns
                    && one.include == other.include
                    && one.nulls_not_distinct == other.nulls_not_distinct
            }
            _ => false,
        },
    };
    kinds && one.deferrable == other.deferrable
}

/// The place of the constraint: by its name, or by its turn among those without one.
fn part(table: &Table, parts: &[PartPlace], at: usize) -> Option<usize> {
    let name = &table.constraints[at].name;
    let same_name = |other: &Name| other == name;
    let turn = table.constraints[..at].iter().filter(|other| same_name(&other.name)).count();
    let of_name = |(_, part): &(usize, &PartPlace)| part.path.kind == Kind::Constraint && same_name(&part.path.part);
    parts.iter().enumerate().filter(of_name).nth(turn).map(|(position, _)| position)
}
