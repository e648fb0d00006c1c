//! Objects that stand by themselves, beside tables, views, types and routines.

use std::collections::BTreeMap;

use model::{Path, object};
use schemars::JsonSchema;
use serde::Serialize;

use super::routine::enabled;
use super::table::persistence;
use super::{About, Privileges, Reference, options, privileges, text, texts};

/// A schema of the database.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Namespace {
    pub name: String,
    #[serde(flatten)]
    pub about: About,
}

/// An extension that is installed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Extension {
    pub name: String,
    pub schema: Option<String>,
    pub version: Option<String>,
    #[serde(flatten)]
    pub about: About,
}

/// A role as far as the sources name it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Role {
    pub name: String,
    /// `LOGIN`, `SUPERUSER`, …
    pub options: Vec<String>,
    pub member_of: Vec<String>,
    #[serde(flatten)]
    pub about: About,
}

/// A source of numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sequence {
    #[serde(flatten)]
    pub id: Reference,
    #[serde(flatten)]
    pub numbers: Numbers,
    /// The column that it goes away with.
    pub owned_by: Option<ColumnReference>,
    /// `permanent`, `unlogged` or `temporary`
    pub persistence: &'static str,
    #[serde(flatten)]
    pub about: About,
}

/// Which numbers a sequence gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Numbers {
    #[serde(rename = "type")]
    pub ty: String,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cache: i64,
    pub cycle: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnReference {
    pub table: Reference,
    pub column: String,
}

/// What runs when the schema changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventTrigger {
    pub name: String,
    pub event: String,
    /// The commands it fires for; empty means all.
    pub tags: Vec<String>,
    pub function: Reference,
    /// `origin`, `disabled`, `replica` or `always`
    pub enabled: &'static str,
    #[serde(flatten)]
    pub about: About,
}

/// Extended statistics.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Statistics {
    #[serde(flatten)]
    pub id: Reference,
    pub table: Reference,
    /// `ndistinct`, `dependencies`, `mcv`; empty means all.
    pub kinds: Vec<String>,
    pub keys: Vec<String>,
    pub target: Option<i32>,
    #[serde(flatten)]
    pub about: About,
}

/// What is sent to subscribers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Publication {
    pub name: String,
    pub all_tables: bool,
    pub tables: Vec<PublishedTable>,
    pub schemas: Vec<String>,
    pub options: BTreeMap<String, String>,
    #[serde(flatten)]
    pub about: About,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PublishedTable {
    pub table: Reference,
    /// Empty means all.
    pub columns: Vec<String>,
    pub filter: Option<String>,
}

/// Privileges for objects that do not exist yet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DefaultPrivileges {
    pub role: Option<String>,
    pub schema: Option<String>,
    /// `TABLE`, `SEQUENCE`, `FUNCTION`, `TYPE` or `SCHEMA`
    pub objects: &'static str,
    pub granted: Vec<Privileges>,
    pub revoked: Vec<Privileges>,
}

/// An object known by its text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Other {
    /// As SQL names it: `CAST`, `OPERATOR`, `TEXT SEARCH CONFIGURATION`, …
    pub kind: &'static str,
    pub schema: Option<String>,
    pub name: String,
    /// The CREATE statement.
    pub create: String,
    /// The ALTER statements since.
    pub alters: Vec<String>,
    #[serde(flatten)]
    pub about: About,
}

impl Namespace {
    pub(super) fn of(namespace: &object::Namespace, about: About) -> Namespace {
        Namespace { name: text(&namespace.name), about }
    }
}

impl Extension {
    pub(super) fn of(extension: &object::Extension, about: About) -> Extension {
        Extension {
            name: text(&extension.name),
            schema: extension.schema.as_ref().map(text),
            version: extension.version.as_ref().map(text),
            about,
        }
    }
}

impl Role {
    pub(super) fn of(role: &object::Role, about: About) -> Role {
        Role { name: text(&role.name), options: texts(&role.options), member_of: texts(&role.member_of), about }
    }
}

impl Sequence {
    pub(super) fn of(sequence: &object::Sequence, about: About) -> Sequence {
        let owner = sequence.owned_by.as_ref();
        Sequence {
            id: (&sequence.name).into(),
            numbers: Numbers::of(sequence),
            owned_by: owner.map(|(table, column)| ColumnReference { table: table.into(), column: text(column) }),
            persistence: persistence(sequence.persistence),
            about,
        }
    }
}

impl Numbers {
    pub(super) fn of(sequence: &object::Sequence) -> Numbers {
        let object::Sequence { start, increment, min, max, cache, cycle, .. } = *sequence;
        Numbers { ty: text(&sequence.ty), start, increment, min, max, cache, cycle }
    }
}

impl EventTrigger {
    pub(super) fn of(trigger: &object::EventTrigger, about: About) -> EventTrigger {
        EventTrigger {
            name: text(&trigger.name),
            event: text(&trigger.event),
            tags: texts(&trigger.tags),
            function: (&trigger.function).into(),
            enabled: enabled(trigger.enabled),
            about,
        }
    }
}

impl Statistics {
    pub(super) fn of(statistics: &object::Statistics, about: About) -> Statistics {
        Statistics {
            id: (&statistics.name).into(),
            table: (&statistics.table).into(),
            kinds: texts(&statistics.kinds),
            keys: texts(&statistics.keys),
            target: statistics.target,
            about,
        }
    }
}

impl Publication {
    pub(super) fn of(publication: &object::Publication, about: About) -> Publication {
        let table = |published: &object::PublishedTable| PublishedTable {
            table: (&published.table).into(),
            columns: texts(&published.columns),
            filter: published.filter.as_ref().map(text),
        };
        Publication {
            name: text(&publication.name),
            all_tables: publication.all_tables,
            tables: publication.tables.iter().map(table).collect(),
            schemas: texts(&publication.schemas),
            options: options(&publication.options),
            about,
        }
    }
}

impl DefaultPrivileges {
    pub(super) fn of(defaults: &object::DefaultPrivileges) -> DefaultPrivileges {
        DefaultPrivileges {
            role: defaults.role.as_ref().map(text),
            schema: defaults.schema.as_ref().map(text),
            objects: defaults.objects.sql(),
            granted: privileges(&defaults.granted),
            revoked: privileges(&defaults.revoked),
        }
    }
}

impl Other {
    pub(super) fn of(path: &Path, named: &object::Named, about: About) -> Other {
        Other {
            kind: path.kind.sql(),
            schema: (!path.schema.is_empty()).then(|| text(&path.schema)),
            name: text(&path.name),
            create: text(&named.create),
            alters: texts(&named.alters),
            about,
        }
    }
}
