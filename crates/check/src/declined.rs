//! Why we do not have some rules of other tools.

use crate::peers::Peer;

const OTHER_DATABASE: &str = "For another database.";
const NO_HARM: &str = "It locks nothing for long, and takes nothing away that a running release needs.";
const PLATFORM: &str = "It asks about the tables of one hosting platform and not about a schema.";
const BY_EFFECT: &str = "Judged by its effect: what it opens or closes is a finding of the security rules.";

/// By tool and name, with the reason.
const REASONS: &[(&str, &str, &str)] = &[
    ("atlas", "LT101", OTHER_DATABASE),
    ("atlas", "MY101", OTHER_DATABASE),
    ("atlas", "MY102", OTHER_DATABASE),
    ("eugene", "W12", "Several ALTERs of one table in one transaction hold the lock that the first one took."),
    ("eugene", "W13", "An enum is a design like a check or a table of values; what changes it later is judged there."),
    ("pg_schema_diff", "IS_USER_GENERATED", "It says who wrote the statement, and every statement is somebody's here."),
    ("pg_schema_diff", "UPGRADING_EXTENSION_VERSION", "What an update does is in the extension's own script."),
    ("pgfence", "add-column-constant-default", "Since PostgreSQL 11 it costs nothing."),
    ("pgfence", "add-column-default-pre-pg11", "Only PostgreSQL 14 and later are judged."),
    ("pgfence", "add-constraint-unique-using-index", "It is the safe form: the lock is held for a moment."),
    ("pgfence", "missing-application-name", "A name in a list of sessions harms nobody by being absent."),
    ("pgfence", "missing-idle-timeout", "A migration that is run by a tool is not idle in its transaction."),
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
    (
        "postgres_language_server",
        "ban-drop-trigger",
        "Whether anything relied on it stands in the code, not in the schema.",
    ),
    ("postgres_language_server", "creating-enum", "An enum is a design like a check or a table of values."),
    (
        "postgres_language_server",
        "multiple-alter-table",
        "In one transaction they hold the lock that the first one took, and take none again.",
    ),
    (
        "postgres_language_server",
        "require-idle-in-transaction-timeout",
        "A migration that is run by a tool is not idle in its transaction.",
    ),
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
    ("splinter", "auth_users_exposed", PLATFORM),
    ("splinter", "extension_versions_outdated", "It asks the server what it has installed, not the schema."),
    ("splinter", "fkey_to_auth_unique", PLATFORM),
    ("splinter", "foreign_table_in_api", PLATFORM),
    ("splinter", "insecure_queue_exposed_in_api", PLATFORM),
    ("splinter", "pg_graphql_anon_table_exposed", PLATFORM),
    ("splinter", "pg_graphql_authenticated_table_exposed", PLATFORM),
    ("splinter", "public_bucket_allows_listing", PLATFORM),
    ("squawk", "ban-add-column", "Judged by its effect: a rewrite, a missing value, a lock without a timeout."),
    ("squawk", "ban-add-composite-attribute", NO_HARM),
    ("squawk", "ban-alter-database-options", NO_HARM),
    ("squawk", "ban-alter-extension", "What an update does is in the extension's own script."),
    ("squawk", "ban-alter-function-options", BY_EFFECT),
    ("squawk", "ban-alter-identity", NO_HARM),
    ("squawk", "ban-alter-policy-condition", BY_EFFECT),
    ("squawk", "ban-alter-policy-roles", BY_EFFECT),
    ("squawk", "ban-alter-role-options", BY_EFFECT),
    ("squawk", "ban-alter-sequence-values", "The numbers that are in use are in the data, which is not read."),
    ("squawk", "ban-alter-view-options", BY_EFFECT),
    (
        "squawk",
        "ban-create-domain-with-constraint",
        "A check of a domain is what domains are for; changing it later is judged where it happens.",
    ),
    ("squawk", "ban-create-policy", BY_EFFECT),
    ("squawk", "ban-detach-inheritance", NO_HARM),
    ("squawk", "ban-drop-generated-expression", NO_HARM),
    ("squawk", "ban-drop-sequence", "A sequence that a column uses cannot be dropped."),
    ("squawk", "ban-drop-trigger", "Whether anything relied on it stands in the code, not in the schema."),
    ("squawk", "ban-set-default", NO_HARM),
    (
        "squawk",
        "require-enum-value-ordering",
        "A value goes to the end unless it is said otherwise, and mostly should.",
    ),
    (
        "squawk",
        "require-table-schema",
        "Where names are found is decided by search_path, which is judged where it is dangerous.",
    ),
    ("strong_migrations", "execute", "SQL is what is read here; what it does is judged."),
];

/// Why a rule of another tool has no counterpart.
pub fn reason(peer: &Peer) -> Option<&'static str> {
    let found = REASONS.iter().find(|(tool, name, _)| *tool == peer.tool && *name == peer.name);
    found.map(|(_, _, reason)| *reason)
}
