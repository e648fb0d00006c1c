//! Changes of the schema: in the text that made the thing where that is simple, else as statements behind it.

mod in_place;

use std::collections::{BTreeMap, BTreeSet};

use model::change::Aspect;
use model::name::{literal, quoted};
use model::object::{ConstraintKind, Object};
use model::path::Kind;
use model::query::{FoundQuery, Origin};
use model::step::Layout;
use model::{Change, Edit, FileId, Finding, Path, Schema};

use super::edits::splice;
use super::{Documents, Scope};
use crate::history::{Around, History};

/// What the migration is called that holds them.
const FIXES: &str = "palladio_fixes";

/// A fix that can be made, and where it goes.
struct Task<'a> {
    index: usize,
    finding: &'a Finding,
    changes: &'a [Change],
    /// The schema before the changes: what the earlier tasks leave behind.
    before: Schema,
    target: Target,
}

enum Target {
    /// A schema: its own text may change.
    Schema(FileId),
    History(History),
}

/// Makes what the database would accept; which findings that was.
pub(super) fn make(findings: &[&Finding], scope: &Scope<'_>, documents: &mut Documents) -> Vec<usize> {
    let mut expected = scope.reading.schema.clone();
    let tasks = tasks(findings, scope, documents, &mut expected);
    if tasks.is_empty() {
        return Vec::new();
    }
    // The text is changed in place only when reading it again gives the very schema that the changes make.
    let mut tried = documents.clone();
    write(&tasks, scope, &mut tried, Manner::InPlace);
    if scope.plan.read(tried.inputs()).schema == expected {
        *documents = tried;
    } else {
        write(&tasks, scope, documents, Manner::Statements);
    }
    tasks.iter().map(|task| task.index).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    InPlace,
    Statements,
}

/// The fixes that can be made one after the other, and the schema after them.
fn tasks<'a>(
    findings: &[&'a Finding],
    scope: &Scope<'_>,
    documents: &Documents,
    expected: &mut Schema,
) -> Vec<Task<'a>> {
    let mut tasks: Vec<Task<'a>> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let changes = finding.fix.as_ref().map_or(&[][..], |fix| &fix.changes[..]);
        let Some(target) = target(finding, scope, documents).filter(|_| !changes.is_empty()) else { continue };
        if tasks.iter().any(|task| task.changes == changes) {
            // Two findings with one cure: it is written once, and both are gone.
            tasks.push(Task { index, finding, changes: &[], before: expected.clone(), target });
            continue;
        }
        let mut after = expected.clone();
        if changes.iter().all(|change| model::apply(&mut after, change).is_ok()) {
            let before = std::mem::replace(expected, after);
            tasks.push(Task { index, finding, changes, before, target });
        }
    }
    tasks
}

fn target(finding: &Finding, scope: &Scope<'_>, documents: &Documents) -> Option<Target> {
    let file = file_of(finding, scope)?;
    let path = &*scope.reading.sources.file(file).path;
    match History::of(path, scope.reading) {
        None => documents.by_path.get(path).filter(|document| document.is_utf8()).map(|_| Target::Schema(file)),
        // Nobody asked for an outage: a table in use is not locked to build an index of it.
        Some(_) if !scope.wanted.unsafe_fixes && makes_key(finding) => None,
        Some(history) => history.next(&BTreeSet::new(), Around::Transaction, FIXES).map(|_| Target::History(history)),
    }
}

/// The file whose text makes the database: what a query asks of stands in another.
fn file_of(finding: &Finding, scope: &Scope<'_>) -> Option<FileId> {
    let file = finding.place?.file;
    let asks = |query: &FoundQuery| query.origin == Origin::File && query.place.file == file;
    if !scope.reading.queries.iter().any(asks) {
        return Some(file);
    }
    let changed = finding.fix.as_ref()?.changes.first()?.path().qname();
    scope.reading.places.first(&Path::table(&changed)).map(|mark| mark.whole.file)
}

fn write(tasks: &[Task<'_>], scope: &Scope<'_>, documents: &mut Documents, manner: Manner) {
    let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    let mut below: BTreeMap<FileId, Block> = BTreeMap::new();
    let mut migrations: BTreeMap<String, (History, Block, Block)> = BTreeMap::new();
    for task in tasks {
        match &task.target {
            Target::History(history) => {
                let entry = migrations.entry(history.last.clone());
                let (_, together, alone) =
                    entry.or_insert_with(|| (history.clone(), Block::default(), Block::default()));
                let mut before = task.before.clone();
                for change in task.changes {
                    let block = if is_index(change, &before) { &mut *alone } else { &mut *together };
                    block.add(task.finding, &before, std::slice::from_ref(change));
                    block.statements.extend(counter(change));
                    let _ = model::apply(&mut before, change);
                }
            }
            Target::Schema(file) => {
                let block = below.entry(*file).or_default();
                let mut before = task.before.clone();
                for change in task.changes {
                    let places = (manner == Manner::InPlace).then(|| in_place::edits(change, scope.reading)).flatten();
                    match places.filter(|new| is_free(new, &edits, scope)) {
                        Some(new) => {
                            for edit in new {
                                edits.entry(edit.place.file).or_default().push(edit);
                            }
                        }
                        None => block.add(task.finding, &before, std::slice::from_ref(change)),
                    }
                    let _ = model::apply(&mut before, change);
                }
            }
        }
    }
    for (file, edits) in &mut edits {
        edits.sort();
        // What cannot be spliced leaves the schema as it was; the caller sees that and writes statements.
        let _ = splice(*file, edits, scope, documents);
    }
    for (file, block) in below {
        if let (Some(text), Some(document)) =
            (block.text(""), documents.by_path.get_mut(&*scope.reading.sources.file(file).path))
        {
            document.append(&text);
        }
    }
    for (history, together, alone) in migrations.into_values() {
        add_migration(&history, &together, Around::Transaction, documents);
        for (block, around) in alone.concurrent(&history) {
            add_migration(&history, &block, around, documents);
        }
    }
}

/// A key whose index would be built while nobody can use the table.
fn makes_key(finding: &Finding) -> bool {
    let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
    changes.into_iter().any(|change| match change {
        Change::Create { object: Object::Constraint(constraint), .. } => match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.using_index.is_none(),
            _ => false,
        },
        _ => false,
    })
}

/// An index of a table that others may be using: it is built and dropped without their lock, outside a transaction.
fn is_index(change: &Change, schema: &Schema) -> bool {
    let partitioned = schema.table(&change.path().qname()).is_some_and(|table| table.is_partitioned());
    let made_or_dropped = matches!(change, Change::Create { .. } | Change::Drop { cascade: false, .. });
    made_or_dropped && change.path().kind == Kind::Index && !partitioned
}

/// The edits are in files that may be rewritten, and away from those that are there.
fn is_free(new: &[Edit], edits: &BTreeMap<FileId, Vec<Edit>>, scope: &Scope<'_>) -> bool {
    new.iter().all(|edit| {
        let path = &*scope.reading.sources.file(edit.place.file).path;
        let others = edits.get(&edit.place.file).into_iter().flatten();
        let apart = |other: &Edit| edit.place.end < other.place.start || other.place.end < edit.place.start;
        History::of(path, scope.reading).is_none() && others.into_iter().all(apart)
    })
}

/// A column that begins to count goes on behind the rows that are there: the sequence is a new one.
fn counter(change: &Change) -> Option<String> {
    let Change::Alter { path, aspect: Aspect::Identity(Some(_)) } = change else { return None };
    let table = path.qname().to_string();
    let (owner, column) = (literal(&table), literal(&path.part));
    let highest = quoted(&path.part);
    Some(format!(
        "SELECT setval(pg_get_serial_sequence({owner}, {column}), coalesce(max({highest}), 1), max({highest}) IS NOT NULL) FROM {table};"
    ))
}

fn concurrently(statement: &str) -> String {
    let starts = ["CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP INDEX "];
    let start = starts.iter().find(|start| statement.starts_with(**start));
    start.map_or(statement.to_owned(), |start| format!("{start}CONCURRENTLY {}", &statement[start.len()..]))
}

/// Statements, and the rules that asked for them.
#[derive(Default)]
struct Block {
    rules: BTreeSet<&'static str>,
    statements: Vec<String>,
}

impl Block {
    fn add(&mut self, finding: &Finding, before: &Schema, changes: &[Change]) {
        if !changes.is_empty() {
            self.rules.insert(finding.rule);
            self.statements.extend(report::statements(before, changes));
        }
    }

    /// The same without locking writers out, in as many migrations as the tool needs for that; as it is where the tool
    /// has no way.
    fn concurrent(self, history: &History) -> Vec<(Block, Around)> {
        let Block { rules, statements } = &self;
        let written = statements.iter().map(|statement| concurrently(statement)).collect();
        match history.layout {
            Layout::Numbered | Layout::Flyway | Layout::Dbmate | Layout::Goose | Layout::Sqlx => {
                vec![(Block { rules: rules.clone(), statements: written }, Around::Nothing)]
            }
            // What is sent as one query of one statement runs in no transaction.
            Layout::GolangMigrate | Layout::Prisma => {
                let one = |statement| (Block { rules: rules.clone(), statements: vec![statement] }, Around::Nothing);
                written.into_iter().map(one).collect()
            }
            _ => vec![(self, Around::Transaction)],
        }
    }

    fn text(&self, settings: &str) -> Option<String> {
        let rules: Vec<&str> = self.rules.iter().copied().collect();
        let statements = self.statements.join("\n");
        let written = || format!("-- Fixes by palladio: {}\n{settings}{statements}\n", rules.join(", "));
        (!self.statements.is_empty()).then(written)
    }
}

fn add_migration(history: &History, block: &Block, around: Around, documents: &mut Documents) {
    // What waits for a lock holds up everybody behind it; a build without locks may wait.
    let settings = match around {
        Around::Transaction => "SET lock_timeout = '2s';\n",
        Around::Nothing => "",
    };
    let Some(text) = block.text(settings) else { return };
    let taken = documents.by_path.keys().map(String::as_str).collect();
    if let Some(next) = history.next(&taken, around, FIXES) {
        documents.add(next.path, format!("{}{text}{}", next.before, next.after));
    }
}
