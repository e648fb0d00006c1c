use super::{IndexKey, Options};
use crate::expr::Expr;
use crate::name::{Name, QName};

/// A table constraint. NOT NULL is an aspect of the column ([`NotNull`](super::NotNull)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Empty in a change whose statement left the name to the database; never empty in a schema.
    pub name: Name,
    pub kind: ConstraintKind,
    pub deferrable: Deferrable,
    /// False after `NOT VALID`, until it is validated.
    pub valid: bool,
    /// False for `NOT ENFORCED` (18).
    pub enforced: bool,
    /// `NO INHERIT`
    pub no_inherit: bool,
    /// It came from the parent table or partitioned table, not from a statement about this one.
    pub inherited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    PrimaryKey(Key),
    Unique(Key),
    ForeignKey(ForeignKey),
    Check(Expr),
    Exclude(Exclude),
}

/// The columns of a primary key or unique constraint, and the index behind it, which has the constraint's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    pub columns: Vec<Name>,
    pub include: Vec<Name>,
    pub nulls_not_distinct: bool,
    /// `WITHOUT OVERLAPS` on the last column (18).
    pub without_overlaps: bool,
    pub options: Options,
    pub tablespace: Option<Name>,
    /// In a change: `USING INDEX name`, which the constraint takes over.
    pub using_index: Option<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    pub columns: Vec<Name>,
    pub table: QName,
    /// The columns referred to. Left out in a change, they become the primary key's.
    pub targets: Vec<Name>,
    pub on_delete: RefAction,
    pub on_update: RefAction,
    /// The column list of `SET NULL (…)` or `SET DEFAULT (…)`; empty means all.
    pub set_columns: Vec<Name>,
    pub match_full: bool,
    /// `PERIOD` on the last column (18).
    pub period: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefAction {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclude {
    pub method: Name,
    pub elements: Vec<Excluded>,
    pub include: Vec<Name>,
    pub predicate: Option<Expr>,
    pub options: Options,
    pub tablespace: Option<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    pub key: IndexKey,
    pub operator: Name,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    #[default]
    No,
    InitiallyImmediate,
    InitiallyDeferred,
}

impl Constraint {
    pub fn new(name: impl Into<Name>, kind: ConstraintKind) -> Constraint {
        Constraint {
            name: name.into(),
            kind,
            deferrable: Deferrable::No,
            valid: true,
            enforced: true,
            no_inherit: false,
            inherited: false,
        }
    }

    pub fn as_foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// The columns of a primary key or unique constraint.
    pub fn as_key(&self) -> Option<&Key> {
        match &self.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key),
            _ => None,
        }
    }

    /// A constraint that owns an index of its name.
    pub fn has_index(&self) -> bool {
        matches!(self.kind, ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_))
    }

    /// The columns it speaks of, in order, without repeats.
    pub fn columns(&self) -> Vec<Name> {
        let mut columns: Vec<Name> = match &self.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                key.columns.iter().chain(&key.include).cloned().collect()
            }
            ConstraintKind::ForeignKey(key) => key.columns.clone(),
            ConstraintKind::Check(expr) => expr.columns().into_iter().cloned().collect(),
            ConstraintKind::Exclude(exclude) => {
                let keys = exclude.elements.iter().flat_map(|element| element.key.expr.columns());
                let predicate = exclude.predicate.iter().flat_map(|predicate| predicate.columns());
                keys.chain(&exclude.include).chain(predicate).cloned().collect()
            }
        };
        let mut seen = std::collections::BTreeSet::new();
        columns.retain(|column| seen.insert(column.clone()));
        columns
    }
}
