//! What the database would refuse, said once for each thing that is missing.

use std::collections::BTreeSet;

use model::step::How;
use model::{Kind, Path, Refusal, Schema};

/// The things whose absence was reported.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    missing: BTreeSet<Path>,
}

impl Refusals {
    /// What to say about a refused change; nothing when the statement allows for it, or when the same thing was
    /// missing before. A history that starts in the middle speaks of many things that nobody made.
    pub(super) fn message(&mut self, refusal: &Refusal, how: &How, schema: &Schema) -> Option<String> {
        match refusal {
            Refusal::Missing { .. } if how.if_exists => None,
            Refusal::Exists { .. } if how.if_not_exists => None,
            Refusal::Missing { path } => {
                let unknown = unknown(path, schema);
                self.missing.insert(unknown.clone()).then(|| Refusal::Missing { path: unknown }.to_string())
            }
            other => Some(other.to_string()),
        }
    }
}

/// What nobody made: the table, when the path is a part of it and the table itself is not known.
fn unknown(path: &Path, schema: &Schema) -> Path {
    let owner = path.qname();
    if path.kind.is_part() && !owner.name.is_empty() && schema.table(&owner).is_none() && schema.view(&owner).is_none()
    {
        Path::object(Kind::Table, &owner)
    } else {
        path.clone()
    }
}
