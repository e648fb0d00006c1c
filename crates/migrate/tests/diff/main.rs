//! Differences on real servers: what `diff` says leads from one database to the other, and nothing else does.

#![allow(clippy::print_stdout, reason = "scores must be seen")]

mod asked;
mod cases;
mod histories;
mod pairs;
mod plans;
mod renames;
mod servers;
