//! Readers: text becomes the model. They never fail; what they could not understand is a problem with its place.
//!
//! No third-party syntax tree leaves this crate.

pub mod load;
pub mod sql;

mod reading;

pub use reading::{Input, Options, read};
