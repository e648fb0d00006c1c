//! A schema as JSON: every object of the model, complete and versioned.
//!
//! The structs are the format. Every field is always there: what does not apply is `null`, `false` or empty. Types and
//! expressions are canonical SQL. Lists of objects are in the order of schema and name; what has an order of its own
//! (columns, constraints, enum values) keeps it. `docs/json.md` is printed from these types.

mod object;
mod routine;
mod table;
mod ty;

use std::collections::BTreeMap;

use model::object::{Grant, Grantee, Object, Options};
use model::{Kind, Path, QName, Schema};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use routine::returns;

/// A whole database.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Database {
    /// The version of this format. It grows when a field changes its meaning or goes away, not when one is added.
    pub version: u32,
    pub schemas: Vec<object::Namespace>,
    pub extensions: Vec<object::Extension>,
    pub roles: Vec<object::Role>,
    pub enums: Vec<ty::Enum>,
    pub domains: Vec<ty::Domain>,
    pub composites: Vec<ty::Composite>,
    pub ranges: Vec<ty::Range>,
    pub sequences: Vec<object::Sequence>,
    pub tables: Vec<table::Table>,
    pub views: Vec<table::View>,
    pub routines: Vec<routine::Routine>,
    pub aggregates: Vec<routine::Aggregate>,
    pub event_triggers: Vec<object::EventTrigger>,
    pub statistics: Vec<object::Statistics>,
    pub publications: Vec<object::Publication>,
    pub default_privileges: Vec<object::DefaultPrivileges>,
    /// Objects known by their text only: casts, operators, text search objects, foreign servers, …
    pub others: Vec<object::Other>,
}

/// A name in a schema.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reference {
    pub schema: String,
    pub name: String,
}

/// What any object can carry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct About {
    pub comment: Option<String>,
    pub owner: Option<String>,
    /// Privileges that were granted.
    pub granted: Vec<Privileges>,
    /// Privileges that were taken away from a default.
    pub revoked: Vec<Privileges>,
}

/// What one role may do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Privileges {
    /// The role; `PUBLIC` for everybody.
    pub grantee: String,
    /// `SELECT`, `INSERT`, …, or `ALL`.
    pub privileges: Vec<String>,
    /// May pass them on.
    pub grantable: bool,
}

/// The schema as JSON, indented, with a line break at the end.
pub fn render(schema: &Schema) -> String {
    let text = serde_json::to_string_pretty(&Database::of(schema)).expect("strings, numbers and lists are JSON");
    text + "\n"
}

impl Database {
    fn of(schema: &Schema) -> Database {
        let mut database = Database {
            version: 1,
            schemas: Vec::new(),
            extensions: Vec::new(),
            roles: Vec::new(),
            enums: Vec::new(),
            domains: Vec::new(),
            composites: Vec::new(),
            ranges: Vec::new(),
            sequences: Vec::new(),
            tables: Vec::new(),
            views: Vec::new(),
            routines: Vec::new(),
            aggregates: Vec::new(),
            event_triggers: Vec::new(),
            statistics: Vec::new(),
            publications: Vec::new(),
            default_privileges: Vec::new(),
            others: Vec::new(),
        };
        for (path, object) in schema.objects() {
            let about = About::of(schema, path);
            match object {
                Object::Namespace(namespace) => database.schemas.push(object::Namespace::of(namespace, about)),
                Object::Extension(extension) => database.extensions.push(object::Extension::of(extension, about)),
                Object::Role(role) => database.roles.push(object::Role::of(role, about)),
                Object::Enum(ty) => database.enums.push(ty::Enum::of(ty, about)),
                Object::Domain(ty) => database.domains.push(ty::Domain::of(ty, about)),
                Object::Composite(ty) => database.composites.push(ty::Composite::of(ty, about)),
                Object::Range(ty) => database.ranges.push(ty::Range::of(ty, about)),
                Object::Sequence(sequence) => database.sequences.push(object::Sequence::of(sequence, about)),
                Object::Table(table) => database.tables.push(table::Table::of(schema, table, about)),
                Object::View(view) => database.views.push(table::View::of(schema, view, about)),
                Object::Routine(routine) => database.routines.push(routine::Routine::of(routine, about)),
                Object::Aggregate(aggregate) => database.aggregates.push(routine::Aggregate::of(aggregate, about)),
                Object::EventTrigger(trigger) => database.event_triggers.push(object::EventTrigger::of(trigger, about)),
                Object::Statistics(statistics) => database.statistics.push(object::Statistics::of(statistics, about)),
                Object::Publication(publication) => {
                    database.publications.push(object::Publication::of(publication, about));
                }
                Object::DefaultPrivileges(defaults) => {
                    database.default_privileges.push(object::DefaultPrivileges::of(defaults));
                }
                Object::Named(named) => database.others.push(object::Other::of(path, named, about)),
                // Parts are kept inside their table or view.
                Object::Column(_)
                | Object::Constraint(_)
                | Object::Index(_)
                | Object::Trigger(_)
                | Object::Rule(_)
                | Object::Policy(_) => {}
            }
        }
        database
    }
}

impl About {
    fn of(schema: &Schema, path: &Path) -> About {
        let grants = schema.grants_on(path);
        About {
            comment: comment(schema, path),
            owner: schema.owner(path).map(ToString::to_string),
            granted: grants.map(|grants| privileges(&grants.granted)).unwrap_or_default(),
            revoked: grants.map(|grants| privileges(&grants.revoked)).unwrap_or_default(),
        }
    }
}

impl From<&QName> for Reference {
    fn from(name: &QName) -> Reference {
        Reference { schema: name.schema.to_string(), name: name.name.to_string() }
    }
}

fn comment(schema: &Schema, path: &Path) -> Option<String> {
    schema.comment(path).map(ToString::to_string)
}

/// The comment on a part of a table or view.
fn part_comment(schema: &Schema, kind: Kind, owner: &QName, part: &str) -> Option<String> {
    comment(schema, &Path::part(kind, owner, part))
}

fn privileges(grants: &[Grant]) -> Vec<Privileges> {
    let one = |grant: &Grant| Privileges {
        grantee: match &grant.grantee {
            Grantee::Public => "PUBLIC".to_string(),
            Grantee::Role(role) => role.to_string(),
        },
        privileges: texts(&grant.privileges),
        grantable: grant.grantable,
    };
    grants.iter().map(one).collect()
}

fn text(value: impl ToString) -> String {
    value.to_string()
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(text).collect()
}

fn options(options: &Options) -> BTreeMap<String, String> {
    options.iter().map(|(name, value)| (text(name), text(value))).collect()
}
