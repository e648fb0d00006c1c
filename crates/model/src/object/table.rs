use std::sync::Arc;

use super::{Constraint, ConstraintKind, ForeignKey, Index, Key, Options, Policy, Rule, Sequence, Trigger};
use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};
use crate::ty::Type;

/// A table of any sort: ordinary, partitioned, a partition, foreign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: QName,
    pub persistence: Persistence,
    /// Shared with the other snapshots of the table: a change copies the columns it touches.
    pub columns: Vec<Arc<Column>>,
    pub constraints: Vec<Constraint>,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub rules: Vec<Rule>,
    pub policies: Vec<Policy>,
    pub partition_by: Option<PartitionBy>,
    pub partition_of: Option<PartitionOf>,
    pub inherits: Vec<QName>,
    /// `CREATE TABLE … OF type`
    pub of_type: Option<QName>,
    pub foreign: Option<ForeignTable>,
    pub row_security: RowSecurity,
    pub replica_identity: ReplicaIdentity,
    pub options: Options,
    pub tablespace: Option<Name>,
    pub access_method: Option<Name>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persistence {
    #[default]
    Permanent,
    Unlogged,
    Temporary,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: Name,
    pub ty: Type,
    pub collation: Option<QName>,
    pub default: Option<Expr>,
    pub not_null: Option<NotNull>,
    pub identity: Option<Box<Identity>>,
    pub generated: Option<Box<Generated>>,
    /// `PLAIN`, `EXTERNAL`, `EXTENDED` or `MAIN`, when it is not the type's default.
    pub storage: Option<Name>,
    pub compression: Option<Name>,
    /// `SET STATISTICS n`
    pub statistics: Option<i32>,
    /// `n_distinct` and its like; options of a foreign table's column.
    pub options: Options,
    /// It came from the parent table, partitioned table or type, not from a statement about this one.
    pub inherited: bool,
}

/// A NOT NULL constraint. It has a catalog entry and a name of its own since 18; before, only the fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotNull {
    /// The name that a statement gave it; `None` leaves it to the database.
    pub name: Option<Name>,
    /// `NOT VALID` (18)
    pub not_valid: bool,
    pub no_inherit: bool,
}

/// `GENERATED … AS IDENTITY`, with the sequence behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// ALWAYS, or BY DEFAULT when false.
    pub always: bool,
    /// Its name is empty in a change whose statement left it to the database.
    pub sequence: Sequence,
}

/// `GENERATED ALWAYS AS (…)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub expr: Expr,
    /// STORED, or VIRTUAL (18) when false.
    pub stored: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionBy {
    pub strategy: PartitionStrategy,
    pub keys: Vec<PartitionKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionStrategy {
    Range,
    List,
    Hash,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionKey {
    pub expr: Expr,
    pub collation: Option<QName>,
    pub opclass: Option<QName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionOf {
    pub parent: QName,
    /// `FOR VALUES FROM … TO …`, `FOR VALUES IN …`, `FOR VALUES WITH …` or `DEFAULT`.
    pub bound: Sql,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignTable {
    pub server: Name,
    pub options: Options,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSecurity {
    pub enabled: bool,
    /// Policies hold for the owner too.
    pub forced: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplicaIdentity {
    #[default]
    Default,
    Full,
    Nothing,
    Index(Name),
}

impl Column {
    pub fn new(name: impl Into<Name>, ty: Type) -> Column {
        Column {
            name: name.into(),
            ty,
            collation: None,
            default: None,
            not_null: None,
            identity: None,
            generated: None,
            storage: None,
            compression: None,
            statistics: None,
            options: Options::new(),
            inherited: false,
        }
    }

    pub fn is_nullable(&self) -> bool {
        self.not_null.is_none()
    }
}

impl Table {
    pub fn new(name: QName) -> Table {
        Table {
            name,
            persistence: Persistence::Permanent,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            rules: Vec::new(),
            policies: Vec::new(),
            partition_by: None,
            partition_of: None,
            inherits: Vec::new(),
            of_type: None,
            foreign: None,
            row_security: RowSecurity::default(),
            replica_identity: ReplicaIdentity::Default,
            options: Options::new(),
            tablespace: None,
            access_method: None,
        }
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name).map(|column| &**column)
    }

    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name).map(Arc::make_mut)
    }

    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.name == name)
    }

    pub fn constraint_mut(&mut self, name: &str) -> Option<&mut Constraint> {
        self.constraints.iter_mut().find(|constraint| constraint.name == name)
    }

    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    pub fn index_mut(&mut self, name: &str) -> Option<&mut Index> {
        self.indexes.iter_mut().find(|index| index.name == name)
    }

    pub fn primary_key(&self) -> Option<&Key> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => Some(key),
            _ => None,
        })
    }

    /// Foreign keys with the constraint that carries each.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
        self.constraints.iter().filter_map(|constraint| Some((constraint, constraint.as_foreign_key()?)))
    }

    /// Check constraints with their expressions.
    pub fn checks(&self) -> impl Iterator<Item = (&Constraint, &Expr)> {
        self.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Check(expr) => Some((constraint, expr)),
            _ => None,
        })
    }

    /// What makes rows unique: primary keys, unique constraints and unique indexes over plain columns without a
    /// predicate, each as its set of columns.
    pub fn unique_keys(&self) -> impl Iterator<Item = Vec<&Name>> {
        let constraints =
            self.constraints.iter().filter_map(Constraint::as_key).map(|key| key.columns.iter().collect());
        let indexes = self.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
        constraints.chain(indexes.filter_map(|index| index.key_columns().into_iter().collect::<Option<Vec<_>>>()))
    }

    pub fn is_partitioned(&self) -> bool {
        self.partition_by.is_some()
    }
}
