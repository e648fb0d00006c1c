//! Partitions: what the parent makes by itself, and when a partition has to be made first and attached then.
//!
//! `CREATE TABLE … PARTITION OF` gives the partition the parent's columns, keys and indexes under names that the
//! database chooses. Where the model's names or columns are others, the partition is made as a table of its own with
//! everything explicit and attached afterwards: ATTACH takes over what matches, under the name that it has.

use model::name::LONGEST;
use model::object::{Constraint, ConstraintKind, Index, PartitionOf, Table};
use model::{Name, Schema};

use super::sequence::chosen;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Birth {
    /// `PARTITION OF`
    FromParent,
    /// A table, then `ATTACH PARTITION`.
    Attached,
}

pub(super) fn birth(schema: &Schema, table: &Table, partition: &PartitionOf) -> Birth {
    // A change may speak of a table that nobody made.
    let Some(parent) = schema.table(&partition.parent) else { return Birth::FromParent };
    // Without columns of its own it has the parent's, whatever those are.
    let same = (table.columns.is_empty() || same_columns(table, parent))
        && table.constraints.iter().filter(|constraint| constraint.inherited).all(|key| has_chosen_name(table, key))
        && table
            .indexes
            .iter()
            .filter(|index| is_made_by_parent(schema, index))
            .all(|index| has_chosen_index_name(table, index));
    if same { Birth::FromParent } else { Birth::Attached }
}

/// Whether the index becomes part of a parent's index when its table becomes a partition. Below an index that does not
/// reach every partition, each part is made and attached by itself.
pub(super) fn is_made_by_parent(schema: &Schema, index: &Index) -> bool {
    match &index.attached_to {
        Some(above) => schema.index(above).is_none_or(|(_, above)| above.valid),
        None => index.inherited,
    }
}

fn same_columns(table: &Table, parent: &Table) -> bool {
    table.columns.len() == parent.columns.len()
        && table.columns.iter().zip(&parent.columns).all(|(own, theirs)| {
            own.name == theirs.name
                && own.ty == theirs.ty
                && own.collation == theirs.collation
                && own.default == theirs.default
                && own.generated == theirs.generated
                && own.not_null == theirs.not_null
                && (own.identity.is_none() || theirs.identity.is_some())
        })
}

fn has_chosen_name(table: &Table, constraint: &Constraint) -> bool {
    let own = &table.name.name;
    match &constraint.kind {
        ConstraintKind::PrimaryKey(_) => constraint.name == clipped(own, "pkey"),
        ConstraintKind::Unique(key) => {
            constraint.name == named_after(own, key.columns.iter().chain(&key.include), "key")
        }
        ConstraintKind::Exclude(exclude) => {
            let columns: Option<Vec<&Name>> =
                exclude.elements.iter().map(|element| element.key.expr.as_column()).collect();
            columns.is_some_and(|columns| constraint.name == named_after(own, columns.into_iter(), "excl"))
        }
        ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => true,
    }
}

fn has_chosen_index_name(table: &Table, index: &Index) -> bool {
    let keys: Option<Vec<&Name>> = index.key_columns().into_iter().collect();
    let chosen = keys.map(|keys| named_after(&table.name.name, keys.into_iter().chain(&index.include), "idx"));
    chosen.is_some_and(|chosen| chosen == index.name)
}

/// `ChooseIndexName` of PostgreSQL, for a name that nothing else has.
fn named_after<'a>(table: &str, columns: impl Iterator<Item = &'a Name>, label: &str) -> Name {
    let columns = columns.map(|column| column.as_str()).collect::<Vec<_>>().join("_");
    // Columns are joined only up to a limit; a name beyond it is not guessed.
    if columns.len() >= LONGEST { Name::default() } else { chosen(table, &columns, label) }
}

fn clipped(table: &str, label: &str) -> Name {
    if table.len() + label.len() + 1 > LONGEST { Name::default() } else { format!("{table}_{label}").into() }
}
