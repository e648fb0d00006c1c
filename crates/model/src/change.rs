//! Changes: the closed vocabulary of what can happen to a schema.
//!
//! A statement is read into changes, a diff gives changes, a fix is a list of changes. How a statement does them
//! (concurrently, in which transaction) belongs to the [`Step`](crate::step::Step).

use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};
use crate::object::*;
use crate::path::Path;
use crate::ty::Type;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new object. Where the statement left the name to the database, the path's last word is empty.
    Create {
        path: Path,
        object: Object,
    },
    /// `CREATE OR REPLACE`: the object takes the place of one with the same path, if there is one.
    Replace {
        path: Path,
        object: Object,
    },
    Drop {
        path: Path,
        cascade: bool,
    },
    Rename {
        path: Path,
        to: Name,
    },
    /// `SET SCHEMA`
    Move {
        path: Path,
        to: Name,
    },
    Alter {
        path: Path,
        aspect: Aspect,
    },
}

/// What about an object changes. Each holds the whole new state of that aspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aspect {
    // Any object.
    Comment(Option<Name>),
    Owner(Name),
    Grant(Grant),
    /// The privileges go away; `grantable` means only the grant option does.
    Revoke(Grant),
    /// `ALTER … DEPENDS ON EXTENSION` and other facts that no part of the model keeps.
    Other(Sql),
    /// Storage parameters and options: set these; `None` resets.
    Options(Vec<(Name, Option<Name>)>),
    Tablespace(Name),

    // Columns.
    Type {
        ty: Type,
        collation: Option<QName>,
    },
    Default(Option<Expr>),
    NotNull(Option<NotNull>),
    Identity(Option<Box<Identity>>),
    /// A new generation expression, or none: the column becomes an ordinary one.
    Generated(Option<Box<Generated>>),
    Storage(Option<Name>),
    Compression(Option<Name>),
    ColumnStatistics(Option<i32>),

    // Constraints.
    /// `VALIDATE CONSTRAINT`
    Validate,
    Deferrable(Deferrable),
    Enforced(bool),
    NoInherit(bool),

    // Tables.
    Persistence(Persistence),
    RowSecurity(RowSecurity),
    ReplicaIdentity(ReplicaIdentity),
    Inherit(QName),
    NoInheritFrom(QName),
    AttachPartition {
        partition: QName,
        bound: Sql,
    },
    DetachPartition {
        partition: QName,
    },
    OfType(Option<QName>),
    AccessMethod(Name),
    /// The index by which CLUSTER orders the table.
    ClusterOn(Option<Name>),

    // Indexes.
    /// The index of a partition becomes part of this one.
    AttachIndex(QName),
    KeyStatistics {
        key: u16,
        target: Option<i32>,
    },

    // Triggers, rules, event triggers.
    Enabled(Enabled),

    // Views.
    ViewDefault {
        column: Name,
        default: Option<Expr>,
    },

    // Sequences.
    Sequence(Box<Sequence>),

    // Types.
    AddValue {
        value: Name,
        before: Option<Name>,
        after: Option<Name>,
    },
    RenameValue {
        from: Name,
        to: Name,
    },
    AddAttribute(Attribute),
    DropAttribute(Name),
    RenameAttribute {
        from: Name,
        to: Name,
    },
    SetAttribute(Attribute),
    AddDomainCheck(DomainCheck),
    DropDomainCheck(Name),
    RenameDomainCheck {
        from: Name,
        to: Name,
    },
    ValidateDomainCheck(Name),

    // Routines: the whole routine after ALTER FUNCTION.
    Routine(Box<Routine>),

    // Policies, publications, statistics, roles, extensions: the whole object after the ALTER.
    Policy(Box<Policy>),
    Publication(Box<Publication>),
    StatisticsTarget(Option<i32>),
    Role(Box<Role>),
    Version(Option<Name>),
}

impl Change {
    /// What the change is about.
    pub fn path(&self) -> &Path {
        match self {
            Change::Create { path, .. }
            | Change::Replace { path, .. }
            | Change::Drop { path, .. }
            | Change::Rename { path, .. }
            | Change::Move { path, .. }
            | Change::Alter { path, .. } => path,
        }
    }

    pub fn alter(path: Path, aspect: Aspect) -> Change {
        Change::Alter { path, aspect }
    }

    pub fn set_type(column: Path, ty: Type) -> Change {
        Change::alter(column, Aspect::Type { ty, collation: None })
    }

    pub fn drop(path: Path) -> Change {
        Change::Drop { path, cascade: false }
    }

    pub fn add_index(table: &QName, index: Index) -> Change {
        Change::Create { path: Path::index(table, index.name.clone()), object: Object::Index(Box::new(index)) }
    }

    pub fn add_constraint(table: &QName, constraint: Constraint) -> Change {
        Change::Create {
            path: Path::constraint(table, constraint.name.clone()),
            object: Object::Constraint(Box::new(constraint)),
        }
    }

    pub fn add_column(table: &QName, column: Column) -> Change {
        Change::Create { path: Path::column(table, column.name.clone()), object: Object::Column(Box::new(column)) }
    }
}
