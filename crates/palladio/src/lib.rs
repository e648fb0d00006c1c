//! Palladio: a team's SQL is read into one model, and what is wrong with it is said.
//!
//! Each verb is a function here; [`cli`] is a thin face over them. This crate is the one that touches the world:
//! files, git, the terminal.

pub mod advise;
pub mod check;
pub mod cli;
pub mod config;
pub mod database;
pub mod diff;
pub mod explain;
pub mod fix;
pub mod health;
pub mod indexes;
pub mod init;
pub mod inspect;
pub mod inspection;
pub mod lab;
pub mod migrate;
pub mod rules;
pub mod sources;
pub mod stats;

mod failure;
mod files;
mod history;
mod nearest;

pub use failure::Failure;
