//! What a database holds: one struct per kind of object, values only.

mod aggregate;
mod constraint;
mod grant;
mod index;
mod named;
mod routine;
mod sequence;
mod table;
mod trigger;
mod types;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use aggregate::Aggregate;
pub use constraint::{Constraint, ConstraintKind, Deferrable, Exclude, Excluded, ForeignKey, Key, RefAction};
pub use grant::{DefaultPrivileges, Grant, Grantee};
pub use index::{Index, IndexKey};
pub use named::{EventTrigger, Extension, Named, Namespace, Publication, PublishedTable, Role, Statistics};
pub use routine::{Argument, ArgumentMode, Body, Parallel, Returns, Routine, RoutineKind, Volatility, signature};
pub use sequence::{Sequence, bounds};
pub use table::{
    Column, ForeignTable, Generated, Identity, NotNull, PartitionBy, PartitionKey, PartitionOf, PartitionStrategy,
    Persistence, ReplicaIdentity, RowSecurity, Table,
};
pub use trigger::{Enabled, Event, Level, Policy, PolicyCommand, Rule, Timing, Trigger, TriggerConstraint};
pub use types::{Attribute, Composite, Domain, DomainCheck, Enum, Range};
pub use view::View;

use crate::name::Name;

/// Storage parameters and other `name = value` options, by name.
pub type Options = BTreeMap<Name, Name>;

/// Any object that a CREATE statement makes. The path under which it is kept tells where it lives.
///
/// Tables, views, routines and the like stand by themselves in a [`Schema`](crate::Schema); columns, constraints,
/// indexes, triggers, rules and policies are kept inside their table or view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Namespace(Namespace),
    Extension(Extension),
    Role(Role),
    Table(Arc<Table>),
    View(Arc<View>),
    Sequence(Sequence),
    Enum(Arc<Enum>),
    Domain(Arc<Domain>),
    Composite(Arc<Composite>),
    Range(Range),
    Routine(Arc<Routine>),
    Aggregate(Aggregate),
    EventTrigger(EventTrigger),
    Statistics(Statistics),
    Publication(Publication),
    DefaultPrivileges(DefaultPrivileges),
    /// Known by name and text only: casts, operators, text search objects, foreign servers, …
    Named(Named),
    Column(Box<Column>),
    Constraint(Box<Constraint>),
    Index(Box<Index>),
    Trigger(Box<Trigger>),
    Rule(Box<Rule>),
    Policy(Box<Policy>),
}
