use super::Deferrable;
use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub name: Name,
    pub timing: Timing,
    pub events: Vec<Event>,
    pub level: Level,
    /// `REFERENCING OLD TABLE AS …`
    pub old_table: Option<Name>,
    pub new_table: Option<Name>,
    pub when: Option<Expr>,
    pub function: QName,
    pub arguments: Vec<Name>,
    pub constraint: Option<TriggerConstraint>,
    pub enabled: Enabled,
    /// Made by the database for a partition when the parent's trigger was made.
    pub inherited: bool,
}

/// `CREATE CONSTRAINT TRIGGER`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerConstraint {
    pub from: Option<QName>,
    pub deferrable: Deferrable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    Before,
    After,
    InsteadOf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Insert,
    /// With its column list, empty when any column counts.
    Update(Vec<Name>),
    Delete,
    Truncate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Row,
    Statement,
}

/// When a trigger or rule fires, by `session_replication_role`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enabled {
    #[default]
    Origin,
    Disabled,
    Replica,
    Always,
}

/// `CREATE RULE`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: Name,
    /// `SELECT`, `INSERT`, `UPDATE` or `DELETE`
    pub event: Name,
    pub condition: Option<Expr>,
    pub instead: bool,
    /// The commands as text; `NOTHING` when there are none.
    pub actions: Sql,
    pub enabled: Enabled,
}

/// A row-level security policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: Name,
    pub permissive: bool,
    pub command: PolicyCommand,
    /// Empty means PUBLIC.
    pub roles: Vec<Name>,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyCommand {
    #[default]
    All,
    Select,
    Insert,
    Update,
    Delete,
}
