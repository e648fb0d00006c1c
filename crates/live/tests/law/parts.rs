//! A schema as a list of parts, each with a text that says what the law compares.
//!
//! Two comparisons are made. *Plainly*, what was read is laid beside what the database says, without help from a
//! server: names, types, flags, keys and indexes must be the same, and of an expression its columns, because PostgreSQL
//! prints every expression in its own way. *As printed*, the database of the original SQL is laid beside the database
//! of what we write: there everything must be the same, to the last cast.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::name::PUBLIC;
use model::object::*;
use model::{Expr, Kind, Name, Path, QName, Query, Schema, Span, Sql};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Plainly { version: u16 },
    AsPrinted,
}

/// What a part is: its kind or `COMMENT`, `OWNER`, `GRANT`; and its path.
pub(crate) type Key = (&'static str, Path);

pub(crate) type Parts = BTreeMap<Key, String>;

/// The role that the tests connect as: what it owns and holds says nothing.
const US: &str = "postgres";

pub(crate) fn of(schema: &Schema, how: How) -> Parts {
    let mut parts = Parts::new();
    let mut add = |what: &'static str, path: Path, text: String| {
        parts.insert((what, path), text);
    };
    for (path, object) in schema.objects().filter(|(path, _)| counts(path)) {
        match object {
            Object::Table(table) => self::table(table, how, &mut add),
            Object::View(view) => self::view(path, view, how, &mut add),
            other => add(path.kind.sql(), path.clone(), text(other, how)),
        }
    }
    // An extension brings a comment of its own.
    for (path, comment) in schema.comments().filter(|(path, _)| counts(path) && path.kind != Kind::Extension) {
        add("COMMENT", path.clone(), comment.to_string());
    }
    for (path, owner) in schema.owners().filter(|(path, owner)| counts(path) && *owner != US && !is_current(owner)) {
        add("OWNER", path.clone(), owner.to_string());
    }
    for (path, grants) in schema.grants().filter(|(path, _)| counts(path)) {
        let mut grants = grants.clone();
        for list in [&mut grants.granted, &mut grants.revoked] {
            list.retain(|grant| !matches!(&grant.grantee, Grantee::Role(role) if *role == US || is_current(role)));
            if path.kind == Kind::Namespace && path.name == PUBLIC {
                // Everybody could create in `public` before 15.
                for grant in list.iter_mut().filter(|grant| grant.grantee == Grantee::Public) {
                    grant.privileges.remove("CREATE");
                }
                list.retain(|grant| !grant.privileges.is_empty());
            }
        }
        if !grants.granted.is_empty() || !grants.revoked.is_empty() {
            add("GRANT", path.clone(), format!("{grants:#?}"));
        }
    }
    parts
}

fn is_current(role: &Name) -> bool {
    matches!(role.as_str(), "CURRENT_USER" | "CURRENT_ROLE" | "SESSION_USER")
}

/// What comes with every database, belongs to the cluster, or is gone with the session.
fn counts(path: &Path) -> bool {
    let is_plpgsql = matches!(path.kind, Kind::Extension | Kind::Language) && path.name == "plpgsql";
    let of_cluster = matches!(path.kind, Kind::Database | Kind::Tablespace);
    let is_us = path.kind == Kind::Role && path.name == US;
    !is_plpgsql && !of_cluster && !is_us && path.schema != "pg_temp"
}

fn table(table: &Table, how: How, add: &mut dyn FnMut(&'static str, Path, String)) {
    let own = &table.name;
    for column in &table.columns {
        let path = Path::column(own, column.name.clone());
        add("COLUMN", path, format!("{:#?}", self::column(column, how)));
    }
    for constraint in &table.constraints {
        let path = Path::constraint(own, constraint.name.clone());
        add("CONSTRAINT", path, format!("{:#?}", self::constraint(constraint, how)));
    }
    parts_of(own, &table.indexes, &table.triggers, &table.rules, how, add);
    for policy in &table.policies {
        let mut policy = policy.clone();
        policy.roles.sort();
        policy.roles.retain(|role| !is_current(role) && role != US);
        let conditions = policy.using.iter_mut().chain(&mut policy.check);
        conditions.for_each(|expr| *expr = expression(expr, how));
        add("POLICY", Path::part(Kind::Policy, own, policy.name.clone()), format!("{policy:#?}"));
    }
    let mut shell = table.clone();
    let order: Vec<String> = shell.columns.iter().map(|column| column.name.to_string()).collect();
    shell.columns.clear();
    shell.constraints.clear();
    shell.indexes.clear();
    shell.triggers.clear();
    shell.rules.clear();
    shell.policies.clear();
    if let Some(by) = &mut shell.partition_by {
        for key in &mut by.keys {
            key.expr = expression(&key.expr, how);
            key.opclass = key.opclass.take().map(|class| bare(class, how));
        }
    }
    if let Some(of) = &mut shell.partition_of {
        let bound = of.bound.to_string();
        // The server writes constants its own way.
        let words = match how {
            How::Plainly { .. } => bound.split('(').next().unwrap_or("").trim().to_uppercase(),
            How::AsPrinted => bound,
        };
        of.bound = Sql::text(words);
    }
    shell.access_method = shell.access_method.filter(|method| method != "heap");
    add("TABLE", Path::table(own), format!("{shell:#?}\n{order:?}"));
}

fn view(path: &Path, view: &View, how: How, add: &mut dyn FnMut(&'static str, Path, String)) {
    parts_of(&view.name, &view.indexes, &view.triggers, &view.rules, how, add);
    let mut view = view.clone();
    view.indexes.clear();
    view.triggers.clear();
    view.rules.clear();
    view.access_method = view.access_method.filter(|method| method != "heap");
    view.defaults.sort_by(|one, other| one.0.cmp(&other.0));
    view.defaults.iter_mut().for_each(|(_, expr)| *expr = expression(expr, how));
    let query = match how {
        How::Plainly { .. } => String::new(),
        How::AsPrinted => view.query.sql.to_string(),
    };
    view.query = Query::opaque(view.query.kind, Sql::text(query), Span::default());
    if let How::Plainly { .. } = how {
        view.query.kind = model::query::QueryKind::Select;
    }
    add(path.kind.sql(), path.clone(), format!("{view:#?}"));
}

fn parts_of(
    own: &QName,
    indexes: &[Index],
    triggers: &[Trigger],
    rules: &[Rule],
    how: How,
    add: &mut dyn FnMut(&'static str, Path, String),
) {
    for index in indexes {
        let mut index = index.clone();
        index.keys.iter_mut().for_each(|key| self::key(key, how));
        index.predicate = index.predicate.as_ref().map(|expr| expression(expr, how));
        // Whether the database made it or somebody attached it is not kept.
        index.inherited = index.attached_to.is_some();
        add("INDEX", Path::index(own, index.name.clone()), format!("{index:#?}"));
    }
    for trigger in triggers {
        let mut trigger = trigger.clone();
        trigger.events.sort_by_key(|event| match event {
            Event::Insert => 0,
            Event::Update(_) => 1,
            Event::Delete => 2,
            Event::Truncate => 3,
        });
        trigger.when = trigger.when.as_ref().map(|expr| expression(expr, how));
        trigger.function = bare(trigger.function, how);
        add("TRIGGER", Path::part(Kind::Trigger, own, trigger.name.clone()), format!("{trigger:#?}"));
    }
    for rule in rules {
        let mut rule = rule.clone();
        rule.condition = rule.condition.as_ref().map(|expr| expression(expr, how));
        let actions = rule.actions.to_string();
        rule.actions = Sql::text(match how {
            How::Plainly { .. } if actions != "NOTHING" => String::new(),
            _ => actions,
        });
        add("RULE", Path::part(Kind::Rule, own, rule.name.clone()), format!("{rule:#?}"));
    }
}

fn column(column: &Column, how: How) -> Column {
    let mut column = column.clone();
    column.default = column.default.as_ref().map(|expr| expression(expr, how));
    if let Some(generated) = &mut column.generated {
        generated.expr = expression(&generated.expr, how);
    }
    if let Some(not_null) = &mut column.not_null {
        self::not_null(not_null, how);
    }
    column
}

/// Before 18 only the fact is kept.
fn not_null(not_null: &mut NotNull, how: How) {
    if let How::Plainly { version: ..18 } = how {
        *not_null = NotNull::default();
    }
}

fn constraint(constraint: &Constraint, how: How) -> Constraint {
    let mut constraint = constraint.clone();
    match &mut constraint.kind {
        ConstraintKind::Check(expr) => *expr = expression(expr, how),
        ConstraintKind::Exclude(exclude) => {
            exclude.elements.iter_mut().for_each(|element| self::key(&mut element.key, how));
            exclude.predicate = exclude.predicate.as_ref().map(|expr| expression(expr, how));
        }
        _ => {}
    }
    constraint
}

fn key(key: &mut IndexKey, how: How) {
    key.expr = expression(&key.expr, how);
    key.opclass = key.opclass.take().map(|class| bare(class, how));
}

/// The schema of what an extension brings is not known to who reads text.
fn bare(name: QName, how: How) -> QName {
    match how {
        How::Plainly { .. } => QName::new("", name.name),
        How::AsPrinted => name,
    }
}

fn expression(expr: &Expr, how: How) -> Expr {
    let text = match how {
        How::Plainly { .. } => {
            let mut columns: Vec<String> = expr.columns().into_iter().map(|column| column.to_string()).collect();
            columns.sort();
            columns.dedup();
            // Subqueries have columns of their own, which one side may see as text.
            let mut opaque = false;
            expr.walk(&mut |expr| opaque |= matches!(expr, Expr::Subquery(_) | Expr::Text(_) | Expr::Field { .. }));
            if opaque { "an expression".to_owned() } else { format!("over {}", columns.join(", ")) }
        }
        How::AsPrinted => expr.to_string(),
    };
    Expr::Text(Sql::text(text))
}

fn text(object: &Object, how: How) -> String {
    let plainly = how != How::AsPrinted;
    match object.clone() {
        Object::Domain(mut domain) => {
            let own = Arc::make_mut(&mut domain);
            own.default = own.default.as_ref().map(|expr| expression(expr, how));
            own.checks.sort_by(|one, other| one.name.cmp(&other.name));
            own.checks.iter_mut().for_each(|check| check.expr = expression(&check.expr, how));
            own.not_null.iter_mut().for_each(|fact| not_null(fact, how));
            format!("{domain:#?}")
        }
        Object::Routine(routine) => self::routine(&routine, how),
        Object::Aggregate(mut aggregate) => {
            aggregate.options.sort_by(|one, other| one.0.cmp(&other.0));
            if plainly {
                let mut names: Vec<_> = aggregate.options.iter().map(|(name, _)| canonical_option(name)).collect();
                names.retain(|name| {
                    !matches!(name.as_str(), "PARALLEL" | "FINALFUNC_MODIFY" | "SSPACE" | "HYPOTHETICAL")
                });
                names.sort();
                return format!("{} {} {names:?}", aggregate.name, aggregate.arguments);
            }
            let options: Vec<String> =
                aggregate.options.iter().map(|(name, value)| format!("{name} {value}")).collect();
            format!("{} {} {options:?}", aggregate.name, aggregate.arguments)
        }
        Object::Statistics(mut statistics) => {
            statistics.keys = statistics.keys.iter().map(|key| expression(key, how)).collect();
            statistics.keys.sort_by_key(ToString::to_string);
            statistics.kinds.sort();
            if statistics.kinds.len() == 3 {
                statistics.kinds.clear();
            }
            format!("{statistics:#?}")
        }
        Object::Publication(mut publication) => {
            publication.tables.sort_by(|one, other| one.table.cmp(&other.table));
            publication.schemas.sort();
            for table in &mut publication.tables {
                table.filter = table.filter.as_ref().map(|expr| expression(expr, how));
                table.columns.sort();
            }
            publication.options.retain(|_, value| value != "false");
            for value in publication.options.values_mut() {
                let mut words: Vec<&str> = value.split(',').map(str::trim).collect();
                words.sort_unstable();
                *value = words.join(", ").into();
            }
            publication.options.retain(|_, value| value != "delete, insert, truncate, update");
            format!("{publication:#?}")
        }
        Object::EventTrigger(mut trigger) => {
            trigger.tags.sort();
            trigger.function = bare(trigger.function, how);
            format!("{trigger:#?}")
        }
        Object::Role(mut role) => {
            const USUAL: [&str; 8] = [
                "NOSUPERUSER",
                "INHERIT",
                "NOCREATEROLE",
                "NOCREATEDB",
                "NOLOGIN",
                "NOREPLICATION",
                "NOBYPASSRLS",
                "CONNECTION LIMIT - 1",
            ];
            role.options.retain(|option| !USUAL.contains(&option.as_str()));
            role.options.iter_mut().filter(|option| option.starts_with("VALID UNTIL")).for_each(|option| {
                *option = Name::new_static("VALID UNTIL");
            });
            role.options.sort();
            role.member_of.sort();
            role.member_of.dedup();
            format!("{role:#?}")
        }
        // Which schema and version it has when nobody says is up to the database.
        Object::Extension(extension) if plainly => format!("extension {}", extension.name),
        Object::Named(_) if plainly => "as the text says".to_owned(),
        Object::Named(named) => {
            let texts = std::iter::once(&named.create).chain(&named.alters).map(ToString::to_string);
            texts.collect::<Vec<_>>().join(";\n")
        }
        Object::Range(range) if plainly => format!("{} over {}", range.name, range.subtype),
        Object::DefaultPrivileges(mut defaults) => {
            defaults.role = defaults.role.filter(|role| *role != US && !is_current(role));
            for list in [&mut defaults.granted, &mut defaults.revoked] {
                list.retain(|grant| grant.grantee != Grantee::Role(US.into()));
                list.sort();
            }
            format!("{defaults:#?}")
        }
        other => format!("{other:#?}"),
    }
}

/// The old names of the options of an aggregate.
fn canonical_option(name: &Name) -> Name {
    match name.as_str() {
        "SFUNC1" => "SFUNC".into(),
        "STYPE1" => "STYPE".into(),
        "INITCOND1" => "INITCOND".into(),
        _ => name.clone(),
    }
}

fn routine(routine: &Routine, how: How) -> String {
    let mut routine = routine.clone();
    // What is found in a body follows from it.
    routine.queries.clear();
    routine.opaque = false;
    for argument in &mut routine.arguments {
        argument.default = argument.default.as_ref().map(|expr| expression(expr, how));
    }
    if let (How::Plainly { .. }, Body::Parsed(_)) = (how, &routine.body) {
        routine.body = Body::Parsed(Sql::default());
    }
    if let Body::Parsed(sql) = &routine.body {
        routine.body = Body::Parsed(Sql::text(sql.to_string()));
    }
    if let How::Plainly { .. } = how {
        // RETURNS is implied by OUT arguments, and a cost may be said that is the usual one.
        let says = |argument: &Argument| matches!(argument.mode, ArgumentMode::Out | ArgumentMode::InOut);
        if matches!(routine.returns, Returns::Type(_)) && routine.arguments.iter().any(says) {
            routine.returns = Returns::Nothing;
        }
        routine.cost = routine.cost.filter(|cost| cost != "100");
        routine.rows = routine.rows.filter(|rows| rows != "1000");
        routine.support = routine.support.map(|support| support.rsplit('.').next().unwrap_or("").into());
        for (name, value) in &mut routine.config {
            *name = name.to_lowercase().into();
            let words = value.to_string().replace(['\'', '"', ' '], "").to_lowercase();
            *value = Sql::text(words);
        }
        routine.config.sort_by(|one, other| one.0.cmp(&other.0));
    }
    format!("{routine:#?}")
}
