//! Comments and owners.

use model::name::literal;
use model::path::Kind;
use model::{Path, Schema};

use super::{target, words};

pub(super) fn comment(schema: &Schema, path: &Path, comment: Option<&str>) -> String {
    let text = comment.map_or_else(|| "NULL".to_owned(), literal);
    format!("COMMENT ON {} IS {text};", target::commented(schema, path))
}

pub(super) fn owner(schema: &Schema, path: &Path, owner: &str) -> String {
    format!("ALTER {} {} OWNER TO {};", kind(schema, path), target::name(path), words::role(owner))
}

/// ALTER has one more word for foreign tables than the model has kinds.
pub(super) fn kind(schema: &Schema, path: &Path) -> &'static str {
    let foreign = path.kind == Kind::Table && schema.table(&path.qname()).is_some_and(|table| table.foreign.is_some());
    if foreign { "FOREIGN TABLE" } else { path.kind.sql() }
}
