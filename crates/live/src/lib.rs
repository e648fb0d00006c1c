//! The world: private servers, connections, and what a running database says about itself.

pub mod activity;
pub mod connection;
pub mod lab;
pub mod prove;
pub mod rehearse;
pub mod rewriting;
pub mod run;
pub mod sample;
pub mod statistics;
pub mod testing;
pub mod trace;

mod error;
mod explain;
mod introspect;
mod name;
mod refusal;

pub use connection::{Access, Target};
pub use error::Error;
pub use explain::explain;
pub use introspect::{Introspection, introspect, introspect_within};
pub use lab::Lab;
pub use postgres::Client;
pub use refusal::Refusal;
pub use rehearse::{Stage, rehearse};
pub use trace::{Trace, Tracer};
