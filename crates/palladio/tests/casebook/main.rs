//! The case book of migrations: the pages in `cases/migrate/`, each a situation with its plan, proven and run on every
//! server at hand. `UPDATE=1 cargo test` writes the plans into the pages.

#![allow(clippy::print_stdout, reason = "times and counts must be seen")]

mod book;
mod facts;
mod page;
mod proof;
mod runner;
