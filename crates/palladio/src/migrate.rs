//! `migrate`: planned migrations, from their plan to a database that has them.

pub mod plan;
pub mod prove;
pub mod run;
