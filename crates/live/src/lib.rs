//! The world: private servers, connections, and what a running database says about itself.

mod introspect;

pub use introspect::{Error, Introspection, introspect};
pub use postgres::Client;
