//! Queries that definitions hold: the bodies of routines and the views, as they are at the end.

use std::collections::BTreeMap;

use model::object::Object;
use model::query::{FoundQuery, Origin};
use model::{Change, FileId, Path, Place, Query};

/// The queries of each view and routine, by its path. A new definition replaces the old one's.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    queries: BTreeMap<Path, Vec<FoundQuery>>,
}

impl Definitions {
    pub(super) fn set(&mut self, path: Path, queries: Vec<FoundQuery>) {
        self.queries.insert(path, queries);
    }

    pub(super) fn drop(&mut self, path: &Path) {
        self.queries.remove(path);
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) {
        let Some(mut found) = self.queries.remove(from) else { return };
        for query in &mut found {
            match &mut query.origin {
                Origin::Routine(name) | Origin::View(name) => *name = to.qname(),
                Origin::File | Origin::Migration => {}
            }
        }
        self.queries.insert(to.clone(), found);
    }

    pub(crate) fn into_queries(self) -> impl Iterator<Item = FoundQuery> {
        self.queries.into_values().flatten()
    }
}

/// The queries of the view or routine that the change makes.
pub(super) fn held(file: FileId, change: &Change) -> Option<(Path, Vec<FoundQuery>)> {
    let (Change::Create { path, object } | Change::Replace { path, object }) = change else { return None };
    let queries = match object {
        Object::View(view) => vec![in_file(file, view.query.clone(), Origin::View(view.name.clone()))],
        Object::Routine(routine) => {
            let origin = Origin::Routine(routine.name.clone());
            routine.queries.iter().map(|query| in_file(file, query.clone(), origin.clone())).collect()
        }
        _ => return None,
    };
    Some((path.clone(), queries))
}

/// A query of that file, at its own place.
pub(super) fn in_file(file: FileId, query: Query, origin: Origin) -> FoundQuery {
    let place = Place::new(file, query.span.start, query.span.end);
    FoundQuery { query, place, name: None, origin }
}
