//! The interpreter: what a change does to a schema. The only code that knows.
//!
//! Everything that PostgreSQL does by itself happens here: the names it chooses, the sequence behind an identity
//! column, the index behind a key, what a partition takes from its parent, what falls with a dropped object, and how a
//! new name reaches everything that holds the old one.

mod alter;
mod assemble;
mod create;
mod dependents;
mod drop;
mod grants;
mod inherit;
pub mod naming;
pub mod references;
mod registry;
mod rename;
mod replace;
mod work;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use crate::change::Change;
use crate::path::Path;
use crate::schema::Schema;
pub use assemble::Parts;
pub(crate) use registry::Children;
use work::Work;

/// What came of a change, for those who keep something beside the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// In order, with the names that the database chose; the object first, then what came with it.
    pub created: Vec<Path>,
    /// In order; what fell with it after it.
    pub dropped: Vec<Path>,
    pub renamed: Vec<(Path, Path)>,
    pub altered: Vec<Path>,
}

/// Why the database would refuse a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{path} does not exist ({})", .path.kind.sql().to_lowercase())]
    Missing { path: Path },
    #[error("{path} exists already ({})", .path.kind.sql().to_lowercase())]
    Exists { path: Path },
    #[error("{path} is still used by {}", list(.dependents))]
    Used { path: Path, dependents: Vec<Path> },
    #[error("{0}")]
    Invalid(String),
}

fn list(paths: &[Path]) -> String {
    paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Does the change, or says why it cannot be done and leaves the schema as it was.
pub fn apply(schema: &mut Schema, change: &Change) -> Result<Effects, Refusal> {
    // The copy shares everything, so that a refusal half-way costs nothing to undo.
    let mut work = Work { schema: schema.clone(), effects: Effects::default() };
    match change {
        Change::Create { path, object } => create::create(&mut work, path, object)?,
        Change::Replace { path, object } => replace::replace(&mut work, path, object)?,
        Change::Drop { path, cascade } => drop::drop(&mut work, path, *cascade)?,
        Change::Rename { path, to } => rename::rename(&mut work, path, to)?,
        Change::Move { path, to } => rename::move_to(&mut work, path, to)?,
        Change::Alter { path, aspect } => alter::alter(&mut work, path, aspect)?,
    }
    *schema = work.schema;
    Ok(work.effects)
}
