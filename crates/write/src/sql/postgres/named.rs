//! Objects that the model knows by name and text: casts, operators, text search objects, foreign servers.

use model::name::{literal, quoted};
use model::object::{Extension, Named};

pub(super) fn create(named: &Named) -> Vec<String> {
    let mut statements: Vec<String> =
        std::iter::once(&named.create).chain(&named.alters).map(|sql| terminated(&sql.to_string())).collect();
    for language in ["CREATE LANGUAGE ", "CREATE PROCEDURAL LANGUAGE ", "CREATE TRUSTED "] {
        // PL/pgSQL is there in every database.
        if let Some(rest) = statements[0].strip_prefix(language) {
            statements[0] = format!("CREATE OR REPLACE {}{rest}", &language["CREATE ".len()..]);
        }
    }
    statements
}

/// The statement with exactly one semicolon.
pub(super) fn terminated(sql: &str) -> String {
    format!("{};", sql.trim_end().trim_end_matches(';').trim_end())
}

/// Most databases come with some extensions installed, so one that is there already is no error.
pub(super) fn extension(extension: &Extension) -> String {
    let schema = extension.schema.as_ref().map(|schema| format!(" SCHEMA {}", quoted(schema))).unwrap_or_default();
    let version = extension.version.as_ref().map(|version| format!(" VERSION {}", literal(version)));
    let version = version.unwrap_or_default();
    format!("CREATE EXTENSION IF NOT EXISTS {}{schema}{version};", quoted(&extension.name))
}
