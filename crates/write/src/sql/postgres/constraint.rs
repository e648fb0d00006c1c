//! Constraints of a table: keys, foreign keys, checks, exclusions.

use model::name::quoted;
use model::object::{Constraint, ConstraintKind, Deferrable, Exclude, ForeignKey, Key, RefAction};
use model::{Name, QName};

use super::{index, words};

/// `CONSTRAINT orders_pkey PRIMARY KEY (id)`; without its name when the database is to choose it.
pub(super) fn definition(constraint: &Constraint) -> String {
    let name =
        if constraint.name.is_empty() { String::new() } else { format!("CONSTRAINT {} ", quoted(&constraint.name)) };
    let kind = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => self::key("PRIMARY KEY", key),
        ConstraintKind::Unique(key) => self::key("UNIQUE", key),
        ConstraintKind::ForeignKey(key) => foreign_key(key),
        ConstraintKind::Check(expr) => format!("CHECK ({expr})"),
        ConstraintKind::Exclude(exclude) => self::exclude(exclude),
    };
    let no_inherit = if constraint.no_inherit { " NO INHERIT" } else { "" };
    let enforced = if constraint.enforced { "" } else { " NOT ENFORCED" };
    let valid = if is_added_unproven(constraint) { " NOT VALID" } else { "" };
    format!("{name}{kind}{}{no_inherit}{enforced}{valid}", deferrable(constraint.deferrable))
}

/// `NOT VALID` can only be said by ALTER TABLE; a constraint that is not enforced is never validated.
pub(super) fn is_added_unproven(constraint: &Constraint) -> bool {
    !constraint.valid && constraint.enforced
}

pub(super) fn add(table: &QName, constraint: &Constraint) -> String {
    format!("ALTER TABLE {table} ADD {};", definition(constraint))
}

pub(super) fn deferrable(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn key(words: &str, key: &Key) -> String {
    if let Some(index) = &key.using_index {
        return format!("{words} USING INDEX {}", quoted(index));
    }
    let nulls = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let overlaps = if key.without_overlaps { " WITHOUT OVERLAPS" } else { "" };
    let columns = words::names(&key.columns);
    let index = index_parameters(&key.include, &key.options, key.tablespace.as_ref());
    format!("{words}{nulls} ({columns}{overlaps}){index}")
}

fn foreign_key(key: &ForeignKey) -> String {
    let targets =
        if key.targets.is_empty() { String::new() } else { format!(" ({})", period_columns(&key.targets, key.period)) };
    let match_full = if key.match_full { " MATCH FULL" } else { "" };
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {}{targets}{match_full}",
        period_columns(&key.columns, key.period),
        key.table
    );
    if let Some(action) = action(key.on_update) {
        sql += &format!(" ON UPDATE {action}");
    }
    if let Some(action) = action(key.on_delete) {
        sql += &format!(" ON DELETE {action}");
        if !key.set_columns.is_empty() {
            sql += &format!(" ({})", words::names(&key.set_columns));
        }
    }
    sql
}

fn period_columns(columns: &[Name], period: bool) -> String {
    match columns.split_last() {
        Some((last, [])) if period => format!("PERIOD {}", quoted(last)),
        Some((last, others)) if period => format!("{}, PERIOD {}", words::names(others), quoted(last)),
        _ => words::names(columns),
    }
}

fn action(action: RefAction) -> Option<&'static str> {
    match action {
        RefAction::NoAction => None,
        RefAction::Restrict => Some("RESTRICT"),
        RefAction::Cascade => Some("CASCADE"),
        RefAction::SetNull => Some("SET NULL"),
        RefAction::SetDefault => Some("SET DEFAULT"),
    }
}

fn exclude(exclude: &Exclude) -> String {
    let elements: Vec<String> = exclude
        .elements
        .iter()
        .map(|element| format!("{} WITH {}", index::key(&element.key), element.operator))
        .collect();
    let index = index_parameters(&exclude.include, &exclude.options, exclude.tablespace.as_ref());
    let predicate = exclude.predicate.as_ref().map(|expr| format!(" WHERE ({expr})")).unwrap_or_default();
    format!("EXCLUDE USING {} ({}){index}{predicate}", quoted(&exclude.method), elements.join(", "))
}

fn index_parameters(include: &[Name], options: &model::object::Options, tablespace: Option<&Name>) -> String {
    let include = if include.is_empty() { String::new() } else { format!(" INCLUDE ({})", words::names(include)) };
    let tablespace = tablespace.map(|name| format!(" USING INDEX TABLESPACE {}", quoted(name))).unwrap_or_default();
    format!("{include}{}{tablespace}", words::with(options))
}
