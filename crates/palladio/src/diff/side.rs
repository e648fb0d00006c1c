//! One of two sources: files, or a running database.

use model::Reading;
use model::dialect::Version;

/// What was read of a source, and the version of its server when it is one.
#[derive(Debug)]
pub struct Side {
    /// As the user named it, without what is secret.
    pub name: String,
    pub reading: Reading,
    pub database: Option<Version>,
}
