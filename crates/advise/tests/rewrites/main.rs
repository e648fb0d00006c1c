//! Queries written differently: the pages in `cases/rewrite/`, each a rule with what it offers and what it leaves, all run
//! on a server; and queries by chance, over databases by chance. `UPDATE=1 cargo test` writes the offers into the pages.

#![allow(clippy::print_stdout, reason = "counts must be seen")]

mod docs;
mod page;
mod pages;
mod random;
mod views;
