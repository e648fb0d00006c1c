//! Rules: model to findings. One file per rule; a rule never sees text, a connection or a clock.
//!
//! [`rules`] lists them, [`select`] chooses among them, [`check()`] runs them over a reading.

mod declined;
mod define;
mod evidence;
mod findings;
mod history;
pub mod locks;
mod null_proof;
mod partitions;
mod peers;
mod queries;
mod rule;
mod rules;
mod run;
mod select;
mod size;
mod subject;
mod suppress;
mod tenants;
mod text;
mod used;
mod version;
mod words;

pub use declined::reason;
pub use peers::{PEERS, Peer, names_of};
pub use rule::{Rule, rules};
pub use run::{Settings, check};
pub use select::{UnknownRule, select};
