//! The world: private servers, connections, and what a running database says about itself.

pub mod connection;
pub mod lab;
pub mod testing;

mod error;

pub use connection::{Access, Target};
pub use error::Error;
pub use lab::Lab;
pub use postgres::Client;
