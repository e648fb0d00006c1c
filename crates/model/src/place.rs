//! Places: where in the sources a thing was said. They live beside the model, never in it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::name::{Name, QName};
use crate::path::{Kind, Path};

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
        let newlines = text.match_indices('\n');
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
    /// By the schema and name of the object: where in `things` it stands, and what is inside it.
    by_owner: BTreeMap<QName, usize>,
    things: Vec<Vec<Marked>>,
    /// Whose things were added last: a table and all that is in it come one after the other.
    last: Option<(QName, usize)>,
}

/// A thing under its owner's name, and where it was said.
#[derive(Clone, Debug)]
struct Marked {
    kind: Kind,
    part: Name,
    /// Of the part's name: a table has many parts, and most of the names that are asked for are new.
    hash: u32,
    marks: Marks,
}

/// Most things are said once, and that needs no list of its own.
#[derive(Clone, Debug)]
enum Marks {
    One([Mark; 1]),
    Many(Vec<Mark>),
}

impl Marks {
    fn push(&mut self, mark: Mark) {
        match self {
            Marks::One([first]) => *self = Marks::Many(vec![*first, mark]),
            Marks::Many(marks) => marks.push(mark),
        }
    }

    fn all(&self) -> &[Mark] {
        match self {
            Marks::One(mark) => mark,
            Marks::Many(marks) => marks,
        }
    }
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
        let Path { kind, schema, name, part } = path;
        let things = self.of_owner(QName { schema, name });
        let hash = hash(&part);
        match things.iter_mut().find(|thing| thing.hash == hash && thing.kind == kind && thing.part == part) {
            Some(thing) => thing.marks.push(mark),
            None => things.push(Marked { kind, part, hash, marks: Marks::One([mark]) }),
        }
    }

    fn of_owner(&mut self, owner: QName) -> &mut Vec<Marked> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != owner) {
            let at = *self.by_owner.entry(owner.clone()).or_insert(self.things.len());
            self.things.resize_with(self.things.len().max(at + 1), Vec::new);
            self.last = Some((owner, at));
        }
        let (_, at) = self.last.as_ref().expect("it was set above");
        &mut self.things[*at]
    }

    /// All places of the thing, oldest first.
    pub fn of(&self, path: &Path) -> &[Mark] {
        let things = self.by_owner.get(&path.qname()).map_or(&[][..], |at| &self.things[*at]);
        let hash = hash(&path.part);
        let is_it = |thing: &&Marked| thing.hash == hash && thing.kind == path.kind && thing.part == path.part;
        let thing = things.iter().find(is_it);
        thing.map_or(&[], |thing| thing.marks.all())
    }

    /// Where the thing was made.
    pub fn first(&self, path: &Path) -> Option<Mark> {
        self.of(path).first().copied()
    }

    /// Forgets the thing, and everything inside it when it is a table or view.
    pub fn drop(&mut self, path: &Path) {
        self.take(path);
    }

    /// A rename or move: the history of the thing stays with it.
    pub fn rename(&mut self, from: &Path, to: &Path) {
        for Marked { kind, part, marks, .. } in self.take(from) {
            let itself = kind == from.kind && part == from.part;
            let part = if itself { to.part.clone() } else { part };
            let path = Path { kind: if itself { to.kind } else { kind }, part, ..to.clone() };
            marks.all().iter().for_each(|mark| self.add(path.clone(), *mark));
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Path, &[Mark])> {
        self.by_owner.iter().flat_map(|(owner, at)| {
            self.things[*at].iter().map(|thing| (Path::part(thing.kind, owner, thing.part.clone()), thing.marks.all()))
        })
    }

    /// Takes out the thing and, when it is one that has parts, its parts.
    fn take(&mut self, path: &Path) -> Vec<Marked> {
        let Some(at) = self.by_owner.get(&path.qname()) else { return Vec::new() };
        let with_parts = matches!(path.kind, Kind::Table | Kind::View | Kind::MaterializedView);
        let taken = |thing: &mut Marked| {
            (thing.kind == path.kind && thing.part == path.part) || (with_parts && thing.kind.is_part())
        };
        self.things[*at].extract_if(.., taken).collect()
    }
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
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
