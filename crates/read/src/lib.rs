//! Readers: text becomes the model. They never fail; what they could not understand is a problem with its place.
//!
//! No third-party syntax tree leaves this crate.

pub mod load;
pub mod parallel;
pub mod sql;
pub mod workload;

mod ahead;
mod former;
mod layout;
mod queryplan;
mod reading;
mod session;
mod stats;
mod suppress;

pub use layout::is_setting;
pub use queryplan::query_plans;
pub use reading::{Input, Options, STACK, read, read_here};
