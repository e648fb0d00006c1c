//! Why we do not have some rules of other tools about schemas.

use crate::peers::Peer;

/// By tool and name, with the reason.
const REASONS: &[(&str, &str, &str)] = &[
    (
        "pglinter",
        "composite-primary-key-too-many-columns",
        "A key of four columns is right where four columns tell rows apart.",
    ),
    ("pglinter", "same-trigger", "Two triggers of one function do different things by their arguments and events."),
    ("pglinter", "schema-named-after-environment", "A name tells nothing about how many databases there are."),
    (
        "pglinter",
        "several-table-owners",
        "Owners that differ are how teams share a database; privileges are judged by what they allow.",
    ),
    (
        "pglinter",
        "tables-never-selected",
        "Statistics begin at a reset: a table that is read once a year would be called dead.",
    ),
    ("pglinter", "tables-with-fk-outside-schema", "A foreign key holds across schemas as well as within one."),
    ("schemacrawler", "CatalogSql", "A query of the user and no rule."),
    (
        "schemacrawler",
        "NoIndexes",
        "The primary key is an index; whether a table needs another depends on its queries.",
    ),
    (
        "schemacrawler",
        "NoSurrogatePrimaryKey",
        "A composite key is right for pairs and for rows that belong to others.",
    ),
    (
        "schemacrawler",
        "PrimaryKeyNotFirst",
        "The order of columns means nothing to the database, and changing it rewrites the table.",
    ),
    ("schemacrawler", "TableEmpty", "A table that is new is empty."),
    ("schemacrawler", "TableSql", "A query of the user and no rule."),
    (
        "squawk",
        "ban-create-domain-with-constraint",
        "A check of a domain is what domains are for; changing it later is judged where it happens.",
    ),
    (
        "squawk",
        "require-table-schema",
        "Where names are found is decided by search_path, which is judged where it is dangerous.",
    ),
];

/// Why a rule of another tool has no counterpart.
pub fn reason(peer: &Peer) -> Option<&'static str> {
    let found = REASONS.iter().find(|(tool, name, _)| *tool == peer.tool && *name == peer.name);
    found.map(|(_, _, reason)| *reason)
}
