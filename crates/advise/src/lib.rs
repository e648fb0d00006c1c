//! From a workload and statistics to the indexes that serve it best.
//!
//! Pure: the costs come from a [`Planner`] that the caller brings, and the same answers lead to the same advice.

mod asked;
mod bits;
mod candidates;
mod costs;
pub mod loops;
pub mod needed;
mod partitions;
mod parts;
mod recommend;
mod resolve;
mod review;
pub mod rewrite;
mod select;
mod selectivity;
mod shapes;
mod size;
mod writes;

pub mod views;

pub use asked::{Asked, Condition, ConditionKind, OrderKey};
pub use candidates::Candidate;
pub use costs::{Estimate, Planner, Seat};
pub use recommend::{Settings, recommend};
pub use resolve::resolve;
pub use size::{PAGE, Size, size};
