//! What several rules ask of partitions.

use std::collections::BTreeSet;

use model::object::{PartitionBy, PartitionStrategy, Table};
use model::{Expr, Name, QName, Schema};

/// A valid check names every column of the key. Whether it implies the bounds is for the database to prove; who writes
/// such a check knows why.
pub(crate) fn speaks_of(table: &Table, by: &PartitionBy) -> bool {
    let keys: BTreeSet<&Name> = by.keys.iter().flat_map(|key| key.expr.columns()).collect();
    let names = |condition: &Expr| {
        let named: BTreeSet<&Name> = condition.columns().into_iter().collect();
        keys.is_subset(&named)
    };
    table.checks().any(|(constraint, condition)| constraint.valid && names(condition))
}

/// The partition that takes what belongs into no other: its rows must not belong into a new one, and its constraint changes
/// with every other.
pub(crate) fn default_of<'s>(schema: &'s Schema, parent: &QName) -> Option<&'s Table> {
    let mut parts = schema.children(parent).filter_map(|part| schema.table(part));
    parts.find(|part| part.partition_of.as_ref().is_some_and(|of| of.bound.to_string().eq_ignore_ascii_case("DEFAULT")))
}

/// The condition that a partition's rows fulfil, as SQL: for one plain column and a bound of constants.
pub(crate) fn condition_of(by: &PartitionBy, bound: &str) -> Option<String> {
    let [key] = by.keys.as_slice() else { return None };
    let column = model::name::quoted(key.expr.as_column()?);
    match by.strategy {
        PartitionStrategy::Range => {
            let (from, to) = bound.strip_prefix("FOR VALUES FROM (")?.strip_suffix(')')?.split_once(") TO (")?;
            let open = |value: &str| value.contains(',') || value == "MINVALUE" || value == "MAXVALUE";
            (!open(from) && !open(to))
                .then(|| format!("{column} IS NOT NULL AND {column} >= {from} AND {column} < {to}"))
        }
        PartitionStrategy::List => {
            let values = bound.strip_prefix("FOR VALUES IN (")?.strip_suffix(')')?;
            (!values.to_uppercase().contains("NULL"))
                .then(|| format!("{column} IS NOT NULL AND {column} IN ({values})"))
        }
        PartitionStrategy::Hash => None,
    }
}
