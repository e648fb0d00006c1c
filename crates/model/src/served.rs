//! Which index finds the rows that a foreign key asks for, and which stands in for another.

use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::name::Name;
use crate::object::{Constraint, Index, ReplicaIdentity, Table};

/// An index whose first keys are these columns in any order, over every row that has a value in them.
pub fn is_served(table: &Table, columns: &[Name]) -> bool {
    is_served_by(table, columns, |_| true)
}

/// The foreign key for which the index is the only one, of it and of those that stay.
pub fn served_by_none_but<'t>(
    table: &'t Table,
    index: &Index,
    stays: impl Fn(&Index) -> bool,
) -> Option<&'t Constraint> {
    table.constraints.iter().find(|constraint| {
        let key = constraint.as_foreign_key();
        key.is_some_and(|key| {
            is_served_by(table, &key.columns, |other| other.name == index.name || stays(other))
                && !is_served_by(table, &key.columns, |other| other.name != index.name && stays(other))
        })
    })
}

fn is_served_by(table: &Table, columns: &[Name], counts: impl Fn(&Index) -> bool) -> bool {
    let wanted: BTreeSet<&Name> = columns.iter().collect();
    let leads = |keys: &mut dyn Iterator<Item = Option<&Name>>| {
        keys.take(wanted.len()).collect::<Option<BTreeSet<_>>>().is_some_and(|first| first == wanted)
    };
    let by_key =
        |constraint: &Constraint| constraint.as_key().is_some_and(|key| leads(&mut key.columns.iter().map(Some)));
    let by_index = |index: &Index| {
        let method = matches!(index.method.as_str(), "btree" | "hash");
        let covers = index.predicate.as_ref().is_none_or(|predicate| {
            predicate.conjuncts().iter().all(|part| {
                matches!(part, Expr::Test { operand, test } if test == "IS NOT NULL"
                    && operand.as_column().is_some_and(|column| wanted.contains(column)))
            })
        });
        method && covers && leads(&mut index.key_columns().into_iter())
    };
    table.constraints.iter().any(by_key) || table.indexes.iter().any(|index| counts(index) && by_index(index))
}

/// Made by a statement of its own, and ready.
pub fn is_own(index: &Index) -> bool {
    !index.inherited && index.attached_to.is_none() && index.valid
}

/// The same keys over the same rows: one does what the other does, and a unique one more than that.
pub fn does_all_of(kept: &Index, index: &Index) -> bool {
    let promises = (kept.unique, kept.nulls_not_distinct) == (index.unique, index.nulls_not_distinct) || !index.unique;
    promises
        && (&kept.method, &kept.keys, &kept.include, &kept.predicate)
            == (&index.method, &index.keys, &index.include, &index.predicate)
}

/// The longer B-tree begins with the keys of the other one, or has the same and more columns beside them.
pub fn extends(longer: &Index, index: &Index) -> bool {
    let is_plain = |index: &Index| index.method == "btree" && is_own(index);
    let has = |column| longer.include.contains(column) || longer.key_columns().contains(&Some(column));
    is_plain(longer)
        && is_plain(index)
        && longer.predicate == index.predicate
        && (longer.keys.len(), longer.include.len()) > (index.keys.len(), index.include.len())
        && longer.keys.starts_with(&index.keys)
        && index.include.iter().all(has)
}

/// Something besides queries leans on it.
pub fn is_leaned_on(table: &Table, index: &Index) -> bool {
    index.clustered || table.replica_identity == ReplicaIdentity::Index(index.name.clone())
}
