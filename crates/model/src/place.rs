//! Places: where in the sources a thing was said. They live beside the model, never in it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::path::Path;

/// A byte range of one text. All spans are equal, so that two schemas compare by meaning and not by position.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

impl Hash for Span {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Span) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Span {
    fn cmp(&self, _: &Span) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// A file of [`Sources`], by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A byte range in one of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Place {
    pub fn new(file: FileId, start: u32, end: u32) -> Place {
        Place { file, start, end }
    }

    /// A narrower place in the same file.
    pub fn narrowed(self, span: Span) -> Place {
        Place { file: self.file, start: span.start, end: span.end }
    }
}

/// The texts that were read. `path` is what the user typed or what was found below it, with forward slashes.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
pub struct SourceFile {
    pub path: Arc<str>,
    pub text: Arc<str>,
    /// Lines that were left out while loading (COPY data): at which byte offset of `text`, and how many.
    pub skipped: Vec<Skipped>,
    line_starts: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub offset: u32,
    pub lines: u32,
}

/// A 1-based position; `column` counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Sources {
    pub fn add(&mut self, path: &str, text: impl Into<Arc<str>>, skipped: Vec<Skipped>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than four billion files"));
        self.files.push(SourceFile::new(path, text, skipped));
        id
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn text(&self, place: Place) -> &str {
        self.file(place.file).text.get(place.start as usize..place.end as usize).unwrap_or("")
    }

    pub fn position(&self, place: Place) -> Position {
        self.file(place.file).position(place.start)
    }
}

impl SourceFile {
    pub fn new(path: &str, text: impl Into<Arc<str>>, skipped: Vec<Skipped>) -> SourceFile {
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(offset, _)| offset as u32 + 1)).collect();
        SourceFile { path: path.into(), text, skipped, line_starts }
    }

    /// Where a byte offset stands, as an editor counts it in the file on disk.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        // The mark of the byte order is no letter to an editor.
        let before = if line == 0 { before.trim_start_matches('\u{feff}') } else { before };
        let skipped: u32 = self.skipped.iter().filter(|skip| skip.offset <= offset).map(|skip| skip.lines).sum();
        Position { line: line as u32 + 1 + skipped, column: before.chars().count() as u32 + 1 }
    }

    /// The bytes of the line that holds `offset`, without its line break.
    pub fn line_at(&self, offset: u32) -> std::ops::Range<usize> {
        let line = self.line_starts.partition_point(|start| *start <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| *next as usize);
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }
}

/// Every place that made a thing what it is, in the order of reading: the first made it, the others changed it.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_path: BTreeMap<Path, Vec<Mark>>,
}

/// One place of a thing: the whole clause, and inside it the words that name it and its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub whole: Place,
    pub name: Option<Place>,
    pub ty: Option<Place>,
}

impl Mark {
    pub fn whole(place: Place) -> Mark {
        Mark { whole: place, name: None, ty: None }
    }
}

impl Places {
    pub fn add(&mut self, path: Path, mark: Mark) {
        self.by_path.entry(path).or_default().push(mark);
    }

    /// All places of the thing, oldest first.
    pub fn of(&self, path: &Path) -> &[Mark] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }

    /// Where the thing was made.
    pub fn first(&self, path: &Path) -> Option<Mark> {
        self.of(path).first().copied()
    }

    /// Forgets the thing, and everything inside it when it is a table or view.
    pub fn drop(&mut self, path: &Path) {
        for path in self.with_parts(path) {
            self.by_path.remove(&path);
        }
    }

    /// A rename or move: the history of the thing stays with it.
    pub fn rename(&mut self, from: &Path, to: &Path) {
        for old in self.with_parts(from) {
            let Some(marks) = self.by_path.remove(&old) else { continue };
            let new = if old == *from {
                to.clone()
            } else {
                Path { schema: to.schema.clone(), name: to.name.clone(), ..old }
            };
            self.by_path.entry(new).or_default().extend(marks);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Path, &[Mark])> {
        self.by_path.iter().map(|(path, marks)| (path, marks.as_slice()))
    }

    /// The path itself and, for what has parts, the paths of its parts.
    fn with_parts(&self, path: &Path) -> Vec<Path> {
        use crate::path::Kind;
        let mut found = vec![path.clone()];
        if matches!(path.kind, Kind::Table | Kind::View | Kind::MaterializedView) {
            for kind in [Kind::Column, Kind::Constraint, Kind::Index, Kind::Trigger, Kind::Rule, Kind::Policy] {
                let first = Path { kind, part: Default::default(), ..path.clone() };
                let parts = self.by_path.range(first..).map(|(path, _)| path);
                let inside = |part: &&Path| part.kind == kind && part.schema == path.schema && part.name == path.name;
                found.extend(parts.take_while(inside).cloned());
            }
        }
        found
    }
}

/// Input that could not be fully read, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub place: Option<Place>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The text is not SQL (or JSON, …) that the database would accept.
    Syntax,
    /// The database would accept the text and refuse the statement: the object is missing, exists, or is in use.
    Refused,
    /// A form that the reader does not understand yet; the statement had no effect on the model.
    NotUnderstood,
    /// What the statement does cannot be known from its text (dynamic SQL, a procedure call).
    Opaque,
    /// The file could not be loaded at all.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_the_byte_order_takes_no_column() {
        let file = SourceFile::new("a.sql", "\u{feff}é x\ny", Vec::new());
        let positions = [0, 3, 6, 8].map(|offset| file.position(offset)).map(|at| (at.line, at.column));
        assert_eq!(positions, [(1, 1), (1, 1), (1, 3), (2, 1)]);
    }
}
