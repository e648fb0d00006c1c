//! The interpreter: what a change does to a schema. The only code that knows.

use crate::change::Change;
use crate::path::Path;
use crate::schema::Schema;

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
    let _ = schema;
    Err(Refusal::Missing { path: change.path().clone() })
}
