//! From one schema to another: what differs, in which order it can be done, and how without stopping anybody.

pub mod diff;
pub mod plan;

pub use diff::{Act, Diff, diff};
pub use plan::plan;
