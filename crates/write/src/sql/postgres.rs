//! PostgreSQL 14 to 18: a schema as a script that makes it, a change as the statements that do it.

mod aggregate;
mod alter;
mod change;
mod column;
mod comment;
mod constraint;
mod depend;
mod grant;
mod index;
mod layout;
mod named;
mod order;
mod partition;
mod policy;
mod publication;
mod role;
mod routine;
mod rule;
mod script;
mod sequence;
mod serial;
mod statistics;
mod table;
mod target;
mod trigger;
mod types;
mod view;
mod words;

use model::step::How;
use model::{Change, Schema};

/// The schema as one script, in an order that an empty database accepts. Read again, it gives the same schema.
pub fn schema(schema: &Schema) -> String {
    script::write(schema)
}

/// The same statement by statement: where one is refused, the others still say most of it.
pub fn statements(schema: &Schema) -> Vec<String> {
    script::blocks(schema).concat()
}

/// The statements that do the change to a database that stands as `before`, each with its semicolon.
pub fn change(before: &Schema, change: &Change) -> Vec<String> {
    change::statements(before, change)
}

/// The same, done as the step says: without stopping others, by a conversion, of this table alone.
pub fn change_as(before: &Schema, change: &Change, how: &How) -> Vec<String> {
    change::statements_as(before, change, how)
}

/// One key of an index as CREATE INDEX says it: `lower(email) text_pattern_ops DESC`.
pub fn index_key(key: &model::object::IndexKey) -> String {
    index::key(key)
}
