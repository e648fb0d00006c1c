//! The world: private servers, connections, and what a running database says about itself.

pub use postgres::Client;
