//! Indexes that somebody created.

use model::name::quoted;
use model::object::{Index, IndexKey};
use model::{Expr, QName};

use super::{column, words};

/// Whether the statement reaches the partitions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Partitions,
    Only,
}

pub(super) fn create(table: &QName, index: &Index, reach: Reach) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let name = if index.name.is_empty() { String::new() } else { format!("{} ", quoted(&index.name)) };
    let only = if reach == Reach::Only { "ONLY " } else { "" };
    let method = if index.method == "btree" { String::new() } else { format!(" USING {}", quoted(&index.method)) };
    let keys = index.keys.iter().map(key).collect::<Vec<_>>().join(", ");
    let include =
        if index.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", words::names(&index.include)) };
    let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let options = words::with(&index.options);
    let tablespace = words::tablespace(index.tablespace.as_ref());
    let predicate = index.predicate.as_ref().map(|expr| format!(" WHERE {expr}")).unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {name}ON {only}{table}{method} ({keys}){include}{nulls}{options}{tablespace}{predicate};"
    )
}

/// `lower(email) text_pattern_ops DESC`
pub(super) fn key(key: &IndexKey) -> String {
    let mut sql = key_expression(&key.expr) + &column::collate(key.collation.as_ref());
    if let Some(opclass) = &key.opclass {
        sql += &format!(" {opclass}");
        if !key.opclass_options.is_empty() {
            sql += &format!(" ({})", words::parameters(&key.opclass_options));
        }
    }
    if key.descending {
        sql += " DESC";
    }
    if key.nulls_first != key.descending {
        sql += if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" };
    }
    sql
}

/// Columns and function calls stand bare, every other expression in parentheses of its own.
pub(super) fn key_expression(expr: &Expr) -> String {
    match expr {
        Expr::Column(column) => quoted(&column.name).into_owned(),
        Expr::Call(call) if call.filter.is_none() && call.over.is_none() => expr.to_string(),
        _ => format!("({expr})"),
    }
}

/// What CREATE INDEX cannot say.
pub(super) fn afterwards(table: &QName, index: &Index) -> Vec<String> {
    let name = QName::new(table.schema.clone(), index.name.clone());
    let statistics = index
        .statistics
        .iter()
        .map(|(key, target)| format!("ALTER INDEX {name} ALTER COLUMN {key} SET STATISTICS {target};"));
    let clustered = index.clustered.then(|| format!("ALTER TABLE {table} CLUSTER ON {};", quoted(&index.name)));
    statistics.chain(clustered).collect()
}
