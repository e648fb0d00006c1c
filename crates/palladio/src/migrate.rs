//! `migrate`: planned migrations, from their plan to a database that has them.

pub mod folder;
pub mod plan;
pub mod prove;
pub mod run;
