//! What the planner of a running database knows, taken from it and given to a lab: EXPLAIN there then chooses the query
//! plans of production, without production's rows.
//!
//! Three things make a plan: the statistics of the catalog, the settings, and the sizes of files, which the planner asks
//! the file system for. The first two are read with [`export`] by whoever may SELECT; [`clone()`] restores all three.

mod clone;
mod export;
mod file;
mod known;
mod name;
mod whatif;

pub use clone::{Cloned, Majors, clone};
pub use export::{export, read_catalog, read_rows};
pub use file::{
    Column, Combination, Common, Dependency, Extended, Gin, Index, Kind, Locale, Part, PlannerStats, Table, Toast,
    VERSION, Values,
};
pub use name::read as qname;
pub use whatif::{Planned, Seat, Wanted, WhatIf};
