//! What changes leave beside the schema: places, and the queries of views and routines. It waits until the
//! transaction is sure.

use std::collections::VecDeque;

use model::place::{Mark, Place};
use model::query::FoundQuery;
use model::{Effects, FileId, Path, Span};

use super::{Database, found};
use crate::sql::postgres::{PartPlace, Placed};

/// What to note, in order, so that a rollback can cut it off.
#[derive(Debug, Default)]
pub(super) struct Pending {
    notes: Vec<Note>,
}

#[derive(Debug)]
enum Note {
    Add(Path, Mark),
    Drop(Path),
    Rename(Path, Path),
    /// The queries of the view or routine are these now.
    Holds(Path, Vec<FoundQuery>),
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.notes.len()
    }

    pub(super) fn cut(&mut self, len: usize) {
        self.notes.truncate(len);
    }

    /// The transaction has ended well.
    pub(super) fn settle(&mut self, database: &mut Database) {
        let Database { places, definitions, .. } = database;
        for note in self.notes.drain(..) {
            match note {
                Note::Add(path, mark) => places.add(path, mark),
                Note::Drop(path) => {
                    places.drop(&path);
                    definitions.drop(&path);
                }
                Note::Rename(from, to) => {
                    places.rename(&from, &to);
                    definitions.rename(&from, &to);
                }
                Note::Holds(path, queries) => definitions.set(path, queries),
            }
        }
    }

    /// Remembers what a change did, said by `placed`.
    pub(super) fn note(&mut self, file: FileId, placed: &Placed, effects: Effects) {
        let whole = mark(file, placed.whole, placed.name, placed.ty);
        self.notes.reserve(effects.created.len());
        self.notes.extend(effects.dropped.into_iter().map(Note::Drop));
        for (from, to) in effects.renamed {
            self.notes.push(Note::Rename(from, to.clone()));
            self.notes.push(Note::Add(to, whole));
        }
        let mut parts: VecDeque<&PartPlace> = placed.parts.iter().collect();
        for (index, path) in effects.created.into_iter().enumerate() {
            let part = if index == 0 { None } else { take_part(&mut parts, &path) };
            let mark = part.map_or(whole, |part| mark(file, part.whole, part.name, part.ty));
            self.notes.push(Note::Add(path, mark));
        }
        self.notes.extend(effects.altered.into_iter().map(|path| Note::Add(path, whole)));
        self.notes.extend(found::held(file, &placed.change).map(|(path, queries)| Note::Holds(path, queries)));
    }
}

/// The part that made this: the one of its name, which is the first one more often than not, else the first of its
/// kind that left the name to the database.
fn take_part<'a>(parts: &mut VecDeque<&'a PartPlace>, path: &Path) -> Option<&'a PartPlace> {
    let named = parts.iter().position(|part| part.path == *path);
    let unnamed = |part: &&PartPlace| part.path.kind == path.kind && part.path.part.is_empty() && path.kind.is_part();
    let position = named.or_else(|| parts.iter().position(unnamed))?;
    parts.remove(position)
}

fn mark(file: FileId, whole: Span, name: Option<Span>, ty: Option<Span>) -> Mark {
    let place = |span: Span| Place::new(file, span.start, span.end);
    Mark { whole: place(whole), name: name.map(place), ty: ty.map(place) }
}
