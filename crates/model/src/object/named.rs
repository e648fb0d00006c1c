use super::{Enabled, Options};
use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};

/// A schema of the database. `public` is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    pub name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub name: Name,
    pub schema: Option<Name>,
    pub version: Option<Name>,
}

/// A role as far as the sources name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: Name,
    /// `LOGIN`, `SUPERUSER`, `NOINHERIT`, `CONNECTION LIMIT 5`, … in capitals; passwords are not kept.
    pub options: Vec<Name>,
    /// Roles that this one is a member of.
    pub member_of: Vec<Name>,
}

/// `CREATE STATISTICS`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Empty in a change whose statement left the name to the database.
    pub name: QName,
    /// `ndistinct`, `dependencies`, `mcv`; empty means all of them.
    pub kinds: Vec<Name>,
    pub keys: Vec<Expr>,
    pub table: QName,
    pub target: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub name: Name,
    pub all_tables: bool,
    pub tables: Vec<PublishedTable>,
    pub schemas: Vec<Name>,
    pub options: Options,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedTable {
    pub table: QName,
    pub columns: Vec<Name>,
    pub filter: Option<Expr>,
}

impl Publication {
    /// Whether the table is a member: by its name, by its schema, or because all are.
    pub fn publishes(&self, table: &QName) -> bool {
        self.all_tables
            || self.schemas.contains(&table.schema)
            || self.tables.iter().any(|member| member.table == *table)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTrigger {
    pub name: Name,
    pub event: Name,
    /// `WHEN tag IN (…)`
    pub tags: Vec<Name>,
    pub function: QName,
    pub enabled: Enabled,
}

/// An object known by its name and its text: the CREATE statement, and the ALTER statements that changed it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub create: Sql,
    pub alters: Vec<Sql>,
}
