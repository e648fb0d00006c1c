//! The world: private servers, connections, and what a running database says about itself.

pub mod rehearse;
pub mod trace;

mod name;
mod refusal;

pub use postgres::Client;
pub use refusal::Refusal;
pub use rehearse::{Question, Rehearsal, Stage, Verdict, rehearse};
pub use trace::{Trace, Tracer};
