//! Definitions: each kind of statement becomes changes, one file per family.

pub(super) mod aggregate;
pub(super) mod alter;
pub(super) mod alter_table;
mod column;
pub(super) mod comment;
mod constraint;
pub(super) mod default_privileges;
pub(super) mod dml;
pub(super) mod drop;
pub(super) mod extension;
pub(super) mod grant;
pub(super) mod index;
mod like;
pub(super) mod maintenance;
pub(super) mod named;
pub(super) mod object;
pub(super) mod operator;
pub(super) mod options;
pub(super) mod policy;
pub(super) mod publication;
pub(super) mod role;
pub(super) mod routine;
mod same_key;
pub(super) mod schema;
pub(super) mod sequence;
mod serial;
pub(super) mod session;
pub(super) mod statistics;
pub(super) mod table;
pub(super) mod table_as;
pub(super) mod trigger;
pub(super) mod types;
pub(super) mod view;

#[cfg(test)]
mod tests;
