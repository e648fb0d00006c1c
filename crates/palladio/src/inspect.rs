//! `inspect`: the model of the sources, in a language of one's choice.

use model::Schema;

/// How a schema is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A script for an empty database
    Sql,
    /// A versioned document
    Json,
    /// For dbdiagram.io
    Dbml,
    /// An entity diagram
    Mermaid,
    /// A data dictionary
    Markdown,
}

pub fn inspect(schema: &Schema, format: Format) -> String {
    match format {
        Format::Sql => write::sql::postgres::schema(schema),
        Format::Json => report::schema_json::render(schema),
        Format::Dbml => write::dbml::render(schema),
        Format::Mermaid => write::mermaid::render(schema),
        Format::Markdown => report::dictionary::render(schema),
    }
}
