//! Reports: values become text for people and for machines.

pub mod dictionary;
pub mod schema_json;
