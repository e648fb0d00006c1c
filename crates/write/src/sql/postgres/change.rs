//! One change as statements: CREATE, DROP, RENAME and SET SCHEMA of every kind of object.

use std::collections::{BTreeMap, BTreeSet};

use model::change::{Aspect, Change};
use model::name::quoted;
use model::object::{Column, Object, ReplicaIdentity, Table, View};
use model::path::Kind;
use model::step::How;
use model::{Name, Path, QName, Schema};

use super::comment::kind;
use super::{
    aggregate, alter, column, constraint, grant, index, named, policy, publication, role, routine, rule, sequence,
    statistics, table, target, trigger, types, view,
};

pub(super) fn statements(before: &Schema, change: &Change) -> Vec<String> {
    match change {
        Change::Create { path, object } => create(before, path, object, "CREATE"),
        Change::Replace { path, object } => replace(before, path, object),
        Change::Drop { path, cascade } => drop(before, path, *cascade),
        Change::Rename { path, to } => vec![rename(before, path, to)],
        Change::Move { path, to } => {
            vec![format!("ALTER {} {} SET SCHEMA {};", kind(before, path), target::name(path), quoted(to))]
        }
        Change::Alter { path, aspect } => alter::statements(before, path, aspect),
    }
}

/// The statement that carries the manner is the first one.
pub(super) fn statements_as(before: &Schema, change: &Change, how: &How) -> Vec<String> {
    let mut statements = statements(before, change);
    let Some(first) = statements.first_mut() else { return statements };
    if how.concurrently {
        *first = concurrently(first);
    }
    if how.if_exists && matches!(change, Change::Drop { .. }) {
        *first = if_exists(first);
    }
    let using = how.using.iter().find(|(column, _)| *column == change.path().part);
    if let (Some((_, expr)), Change::Alter { path, aspect: Aspect::Type { ty, collation } }) = (using, change) {
        *first = alter::set_type(before, path, ty, collation.as_ref(), Some(expr.to_string()));
    }
    statements
}

fn if_exists(statement: &str) -> String {
    statement.replacen("DROP CONSTRAINT ", "DROP CONSTRAINT IF EXISTS ", 1)
}

/// Where the word stands in each of the statements that know it.
fn concurrently(statement: &str) -> String {
    for head in ["CREATE UNIQUE INDEX", "CREATE INDEX", "DROP INDEX", "REFRESH MATERIALIZED VIEW"] {
        if let Some(rest) = statement.strip_prefix(head) {
            return format!("{head} CONCURRENTLY{rest}");
        }
    }
    match statement.contains(" DETACH PARTITION ") {
        true => format!("{} CONCURRENTLY;", statement.trim_end_matches(';')),
        false => statement.to_owned(),
    }
}

fn create(before: &Schema, path: &Path, object: &Object, verb: &str) -> Vec<String> {
    let owner = path.qname();
    match object {
        Object::Namespace(namespace) => vec![format!("CREATE SCHEMA {};", quoted(&namespace.name))],
        Object::Extension(extension) => vec![named::extension(extension)],
        Object::Role(role) => role::create(role),
        Object::Table(table) => create_table(before, table),
        Object::View(view) => create_view(view, verb),
        Object::Sequence(one) => {
            let owned = one.owned_by.is_some().then(|| sequence::owned_by(one));
            std::iter::once(sequence::create(one)).chain(owned).collect()
        }
        Object::Enum(ty) => vec![types::enumeration(ty)],
        Object::Domain(domain) => {
            let unproven = domain.checks.iter().filter(|check| !check.valid);
            let unproven: Vec<String> = unproven.map(|check| types::add_check(domain, check)).collect();
            std::iter::once(types::domain(domain, true, |_| true)).chain(unproven).collect()
        }
        Object::Composite(ty) => vec![types::composite(ty)],
        Object::Range(ty) => vec![types::range(ty)],
        Object::Routine(one) => vec![routine::create(one, verb)],
        Object::Aggregate(one) => vec![aggregate::create(one, verb)],
        Object::EventTrigger(one) => trigger::event_trigger(one),
        Object::Statistics(one) => statistics::create(one),
        Object::Publication(one) => vec![publication::create(before, one)],
        Object::DefaultPrivileges(defaults) => grant::default_privileges(defaults),
        Object::Named(one) => named::create(one),
        Object::Column(one) => {
            let empty = Table::new(owner.clone());
            let owning = before.table(&owner).unwrap_or(&empty);
            let add = format!("ALTER TABLE {owner} ADD COLUMN {};", column::definition(one, owning));
            // That alone of what is said afterwards does not reach the children, which get what the parent has.
            let below = if one.compression.is_some() { below(before, &owner) } else { Vec::new() };
            let compressed = below.into_iter().filter_map(|child| {
                let alone =
                    Column { compression: one.compression.clone(), ..Column::new(one.name.clone(), one.ty.clone()) };
                let new = before.column(&child, &one.name).is_none();
                before.table(&child).filter(|_| new).map(|table| column::afterwards(&alone, table))
            });
            std::iter::once(add).chain(column::afterwards(one, owning)).chain(compressed.flatten()).collect()
        }
        Object::Constraint(one) => vec![constraint::add(&owner, one)],
        Object::Index(one) => {
            let reach = if one.valid { index::Reach::Partitions } else { index::Reach::Only };
            std::iter::once(index::create(&owner, one, reach)).chain(index::afterwards(&owner, one)).collect()
        }
        Object::Trigger(one) => {
            std::iter::once(trigger::create(&owner, one, verb)).chain(trigger::enable(&owner, one)).collect()
        }
        Object::Rule(one) => {
            std::iter::once(rule::create(&owner, one, verb)).chain(rule::enable(&owner, one)).collect()
        }
        Object::Policy(one) => vec![policy::create(&owner, one)],
    }
}

/// A table with everything in it: nobody else is in the way, so all of it stands together.
fn create_table(before: &Schema, table: &Table) -> Vec<String> {
    let (serials, late) = (BTreeMap::new(), BTreeSet::new());
    let mut statements = table::create(before, table, &table::Plan { serials: &serials, late: &late });
    statements.extend(table::afterwards(before, table));
    let own = table.indexes.iter().filter(|index| !index.inherited && index.attached_to.is_none());
    for one in own {
        statements.push(index::create(&table.name, one, index::Reach::Partitions));
        statements.extend(index::afterwards(&table.name, one));
    }
    let unproven = table.constraints.iter().filter(|constraint| constraint::is_added_unproven(constraint));
    statements.extend(unproven.map(|constraint| constraint::add(&table.name, constraint)));
    if table.replica_identity != ReplicaIdentity::Default {
        statements.push(table::replica_identity(&table.name, &table.replica_identity));
    }
    for one in table.triggers.iter().filter(|trigger| !trigger.inherited) {
        statements.push(trigger::create(&table.name, one, "CREATE"));
        statements.extend(trigger::enable(&table.name, one));
    }
    for one in &table.rules {
        statements.push(rule::create(&table.name, one, "CREATE"));
        statements.extend(rule::enable(&table.name, one));
    }
    statements.extend(table.policies.iter().map(|one| policy::create(&table.name, one)));
    statements
}

fn create_view(view: &View, verb: &str) -> Vec<String> {
    let mut statements = vec![view::create(view, verb)];
    for one in &view.indexes {
        statements.push(index::create(&view.name, one, index::Reach::Partitions));
        statements.extend(index::afterwards(&view.name, one));
    }
    statements
}

/// `CREATE OR REPLACE` where the database has it; elsewhere the old one goes first.
fn replace(before: &Schema, path: &Path, object: &Object) -> Vec<String> {
    let replaceable = match object {
        Object::View(view) => !view.materialized,
        Object::Trigger(trigger) => trigger.constraint.is_none(),
        Object::Routine(_) | Object::Aggregate(_) | Object::Rule(_) => true,
        _ => false,
    };
    if replaceable {
        return create(before, path, object, "CREATE OR REPLACE");
    }
    // The text of an object known by its text says itself that it replaces.
    let gone = match object {
        Object::Named(_) => Vec::new(),
        _ if before.contains(path) => drop(before, path, false),
        _ => Vec::new(),
    };
    gone.into_iter().chain(create(before, path, object, "CREATE")).collect()
}

fn drop(before: &Schema, path: &Path, cascade: bool) -> Vec<String> {
    let cascade = if cascade { " CASCADE" } else { "" };
    let owner = path.qname();
    if let (Kind::DefaultPrivileges, Some(Object::DefaultPrivileges(defaults))) = (path.kind, before.object(path)) {
        let undone = model::object::DefaultPrivileges {
            granted: defaults.revoked.clone(),
            revoked: defaults.granted.clone(),
            ..defaults.clone()
        };
        return grant::default_privileges(&undone);
    }
    let statement = match path.kind {
        Kind::Column => format!("ALTER TABLE {owner} DROP COLUMN {}{cascade};", quoted(&path.part)),
        Kind::Constraint => {
            format!("ALTER {} {owner} DROP CONSTRAINT {}{cascade};", constrained(before, &owner), quoted(&path.part))
        }
        _ => format!("DROP {} {}{cascade};", kind(before, path), target::name(path)),
    };
    vec![statement]
}

fn rename(before: &Schema, path: &Path, to: &Name) -> String {
    let owner = path.qname();
    let (part, to) = (quoted(&path.part), quoted(to));
    match path.kind {
        Kind::Column => format!("ALTER {} {owner} RENAME COLUMN {part} TO {to};", column_owner(before, &owner)),
        Kind::Constraint => {
            format!("ALTER {} {owner} RENAME CONSTRAINT {part} TO {to};", constrained(before, &owner))
        }
        _ => format!("ALTER {} {} RENAME TO {to};", kind(before, path), target::name(path)),
    }
}

/// What has the constraint: a table or a domain.
pub(super) fn constrained(before: &Schema, owner: &QName) -> &'static str {
    let domain = before.contains(&Path::object(Kind::Domain, owner)) && before.table(owner).is_none();
    if domain { "DOMAIN" } else { "TABLE" }
}

/// What has the column: a table, view, materialized view or composite type.
pub(super) fn column_owner(before: &Schema, owner: &QName) -> &'static str {
    match before.view(owner) {
        Some(view) if view.materialized => "MATERIALIZED VIEW",
        Some(_) => "VIEW",
        None => kind(before, &Path::table(owner)),
    }
}

/// The tables that inherit from this one, also through others.
fn below(schema: &Schema, table: &QName) -> Vec<QName> {
    let mut found: Vec<QName> = schema.children(table).cloned().collect();
    let mut at = 0;
    while let Some(next) = found.get(at).cloned() {
        let new: Vec<QName> = schema.children(&next).filter(|child| !found.contains(child)).cloned().collect();
        found.extend(new);
        at += 1;
    }
    found
}
