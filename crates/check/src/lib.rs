//! Rules: model to findings. One file per rule; a rule never sees text, a connection or a clock.
//!
//! [`rules`] lists them, [`select`] chooses among them, [`check()`] runs them over a reading.

mod bounds;
mod copies;
mod declined;
mod defaults;
mod define;
mod evidence;
mod findings;
mod history;
mod house;
mod inflection;
pub mod locks;
mod nouns;
mod null_proof;
mod partitions;
mod peers;
mod plans;
mod queries;
mod renames;
mod rule;
mod rules;
mod run;
mod select;
mod sight;
mod size;
mod spreading;
mod subject;
mod suppress;
mod tenants;
mod text;
mod usage;
mod used;
mod version;
mod words;

pub use declined::reason;
pub use house::{Case, House, Plurality};
pub use peers::{PEERS, Peer, names_of};
pub use rule::{Rule, rules};
pub use run::{Settings, check};
pub use select::{UnknownRule, select};
