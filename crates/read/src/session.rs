//! A session: statements in order, each read against the schema so far and applied to it.

mod found;
mod pending;
mod refusals;
mod statement;
mod transactions;
mod variables;

use std::ops::Range;

use model::place::{Place, Places};
use model::query::{FoundQuery, Origin};
use model::reading::Coverage;
use model::step::Action;
use model::{FileId, Problem, ProblemKind, Refusal, Schema, Step, apply};

use crate::layout::Wrap;
use crate::sql::postgres::{Context, Early, Piece, Prepared, Statement};
use found::Definitions;
use pending::Pending;
use refusals::Refusals;
use statement::Read;
use transactions::{Control, Snapshot, Transactions};
use variables::Variables;

pub(crate) use statement::ask;

/// A database as it grows, and what is kept beside its schema.
#[derive(Debug, Default)]
pub(crate) struct Database {
    pub(crate) schema: Schema,
    pub(crate) places: Places,
    pub(crate) definitions: Definitions,
    refusals: Refusals,
}

impl Database {
    /// One that is tried out: nothing is known of it but its schema.
    pub(crate) fn at(schema: Schema) -> Database {
        Database { schema, ..Database::default() }
    }
}

/// The text of one side of one migration, as it stands in its file.
#[derive(Clone, Copy)]
pub(crate) struct Script<'a> {
    pub(crate) file: FileId,
    /// Where the source starts in the file.
    pub(crate) offset: usize,
    pub(crate) source: &'a Prepared<'a>,
    pub(crate) wrap: Wrap,
    pub(crate) pieces: &'a [Piece],
    /// Gives what is known of each statement in its turn, when somebody has looked at it already.
    pub(crate) next_early: &'a dyn Fn() -> Option<Early>,
}

/// Why a script is run, which decides what is said about what the database would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It is part of the history.
    Apply,
    /// It is an undo: it was written for a database that may differ from the one that we know.
    Undo,
    /// It is one of several files without an order: what is missing may come in another.
    Unordered,
}

/// What came of a script.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) steps: Vec<Step>,
    pub(crate) queries: Vec<FoundQuery>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) coverage: Coverage,
    /// Where each statement stands in its file.
    pub(crate) statements: Vec<Range<usize>>,
    /// Statements that wait for what other files make.
    pub(crate) waiting: Vec<Waiting>,
}

/// A statement of an unordered file that lacked something.
#[derive(Debug)]
pub(crate) struct Waiting {
    range: Range<usize>,
    variables: Variables,
}

/// Runs a whole script. `base` is the database before the migration, or before what is released together.
pub(crate) fn run(database: &mut Database, script: Script, purpose: Purpose, base: &Schema) -> Ran {
    let pieces = script.pieces;
    let by_tool = script.wrap.opens(pieces.iter().map(|piece| &script.source.text[piece.start..piece.end]));
    let mut session = Session::new(database, script, purpose, base, by_tool);
    session.light = pieces.len() > LONG;
    if !session.light {
        session.ran.steps.reserve_exact(pieces.len());
    }
    for piece in pieces {
        session.piece(piece);
    }
    session.finish()
}

/// Runs again what waited, once more has been made. The last time, what is still missing is said.
pub(crate) fn run_again(
    database: &mut Database,
    script: Script,
    waiting: Vec<Waiting>,
    last: bool,
    base: &Schema,
) -> Ran {
    let purpose = if last { Purpose::Apply } else { Purpose::Unordered };
    let mut session = Session::new(database, script, purpose, base, false);
    for Waiting { range, variables } in waiting {
        session.variables = variables;
        session.statement(range, None);
    }
    let ran = session.finish();
    // They were counted when they were met first.
    Ran { coverage: Coverage::default(), statements: Vec::new(), ..ran }
}

/// A script of more statements is a dump: of what it makes for itself it keeps no steps.
const LONG: usize = 2_000;

impl Wrap {
    /// Whether the tool opens a transaction around these statements.
    fn opens<'a>(self, mut statements: impl Iterator<Item = &'a str>) -> bool {
        match self {
            Wrap::Never => false,
            Wrap::Always => true,
            Wrap::WhenSeveral => statements.nth(1).is_some(),
            Wrap::WhenPossible => !statements.any(transactions::stands_alone),
        }
    }
}

struct Session<'a> {
    database: &'a mut Database,
    script: Script<'a>,
    purpose: Purpose,
    base: &'a Schema,
    variables: Variables,
    transactions: Transactions,
    pending: Pending,
    light: bool,
    /// Templates that kept a statement from being read were reported.
    templates_said: bool,
    ran: Ran,
}

/// What became of a statement's changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Done,
    /// It lacks what another file may make; nothing was changed.
    Waits,
}

impl<'a> Session<'a> {
    fn new(
        database: &'a mut Database,
        script: Script<'a>,
        purpose: Purpose,
        base: &'a Schema,
        by_tool: bool,
    ) -> Session<'a> {
        let variables = Variables::default();
        let start = Snapshot { schema: database.schema.clone(), variables: variables.clone(), notes: 0 };
        let transactions = Transactions::new(by_tool, start);
        let (pending, ran) = (Pending::default(), Ran::default());
        Session {
            database,
            script,
            purpose,
            base,
            variables,
            transactions,
            pending,
            light: false,
            templates_said: false,
            ran,
        }
    }

    fn finish(mut self) -> Ran {
        self.pending.settle(self.database);
        self.ran
    }

    fn piece(&mut self, piece: &Piece) {
        let Some((at, message)) = piece.kind.problem() else {
            let early = (self.script.next_early)();
            return self.statement(piece.start..piece.end, early);
        };
        let at = (self.script.offset + at) as u32;
        let place = Place::new(self.script.file, at, at + 1);
        self.ran.problems.push(Problem { kind: ProblemKind::Syntax, place: Some(place), message });
        self.ran.statements.push(self.in_file(&(piece.start..piece.end)));
        self.ran.coverage.statements += 1;
    }

    /// Where a range of the script's text stands in its file.
    fn in_file(&self, range: &Range<usize>) -> Range<usize> {
        self.script.offset + range.start..self.script.offset + range.end
    }

    /// Reads the statement and does what it says.
    fn statement(&mut self, range: Range<usize>, early: Option<Early>) {
        let text = &self.script.source.text[range.clone()];
        let in_file = self.in_file(&range);
        let place = Place::new(self.script.file, in_file.start as u32, in_file.end as u32);
        let Read { statement, understood, block } = self.read(text, early, place, &range);
        self.ran.statements.push(in_file);
        self.ran.coverage.statements += 1;
        self.ran.coverage.understood += u32::from(understood);
        let control = Control::of(text);
        self.open(control.as_ref());
        self.set(&statement.action);
        if self.step(statement, place, false) == Done::Waits {
            self.ran.waiting.push(Waiting { range, variables: self.variables.clone() });
        }
        if let Some(block) = block {
            self.block(block, place);
        }
        self.close(control);
        if !self.transactions.current.is_open() {
            self.pending.settle(self.database);
        }
    }

    fn context(&self, offset: u32) -> Context<'_> {
        Context::new(&self.database.schema, &self.variables.now.search_path, offset)
    }

    fn snapshot(&self) -> Snapshot {
        let (schema, variables) = (self.database.schema.clone(), self.variables.clone());
        Snapshot { schema, variables, notes: self.pending.len() }
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.database.schema = snapshot.schema;
        self.variables = snapshot.variables;
        self.pending.cut(snapshot.notes);
    }

    /// What opens a transaction belongs to it.
    fn open(&mut self, control: Option<&Control>) {
        match control {
            Some(Control::Begin) => self.transactions.begin(self.snapshot()),
            Some(Control::Savepoint(name)) => self.transactions.savepoint(name.clone(), self.snapshot()),
            _ => {}
        }
    }

    /// What closes one belongs to it still.
    fn close(&mut self, control: Option<Control>) {
        let back = match control {
            Some(Control::Commit) => {
                self.transactions.commit();
                self.variables.commit();
                self.pending.settle(self.database);
                None
            }
            Some(Control::Rollback) => self.transactions.rollback(),
            Some(Control::RollbackTo(name)) => self.transactions.rollback_to(&name),
            Some(Control::Release(name)) => {
                self.transactions.release(&name);
                None
            }
            _ => None,
        };
        if let Some(snapshot) = back {
            self.restore(snapshot);
        }
    }

    /// What the statement sets holds for itself and what follows.
    fn set(&mut self, action: &Action) {
        match action {
            Action::Set { name, value, local } => {
                let value = value.as_ref().map(ToString::to_string);
                self.variables.set(&name.to_lowercase(), value.as_deref(), *local);
            }
            Action::Query(query) => self.variables.set_config(query),
            _ => {}
        }
    }

    /// Does the changes of a statement and makes a step of it.
    fn step(&mut self, statement: Statement, place: Place, conditional: bool) -> Done {
        let Statement { action, changes: placed_changes, how, problems } = statement;
        self.ran.problems.extend(problems.into_iter().map(|problem| in_file(problem, place)));
        let before = self.database.schema.clone();
        let notes = self.pending.len();
        let mut changes = Vec::with_capacity(placed_changes.len());
        let mut spans = Vec::with_capacity(placed_changes.len());
        for placed in placed_changes {
            match apply(&mut self.database.schema, &placed.change) {
                Ok(effects) => self.pending.note(place.file, &placed, effects),
                Err(Refusal::Missing { .. })
                    if self.purpose == Purpose::Unordered
                        && !how.if_exists
                        && !conditional
                        && action != Action::Unknown =>
                {
                    self.database.schema = before;
                    self.pending.cut(notes);
                    return Done::Waits;
                }
                Err(_) if conditional || self.purpose == Purpose::Undo || action == Action::Unknown => {}
                Err(refusal) => {
                    let refusals = &mut self.database.refusals;
                    if let Some(message) = refusals.message(&refusal, &how, &self.database.schema) {
                        let place = Some(place.narrowed(placed.whole));
                        self.ran.problems.push(Problem { kind: ProblemKind::Refused, place, message });
                    }
                }
            }
            changes.push(placed.change);
            spans.push(placed.whole);
        }
        if let Action::Query(query) = &action
            && self.purpose != Purpose::Undo
        {
            let query = found::in_file(place.file, (**query).clone(), Origin::Migration);
            self.ran.queries.push(FoundQuery { place, ..query });
        }
        let (transaction, settings) = (self.transactions.current, self.variables.now.settings.clone());
        let base = self.base.clone();
        let step = Step { action, changes, how, transaction, settings, before, base, place, spans, conditional };
        if !self.light || !is_quiet(&step) {
            self.ran.steps.push(step);
        }
        Done::Done
    }
}

/// Readers of statements know offsets; the file is ours to say.
fn in_file(problem: Problem, statement: Place) -> Problem {
    let place = problem.place.map_or(statement, |place| Place { file: statement.file, ..place });
    Problem { place: Some(place), ..problem }
}

/// It touches only what the same script made: nobody else can notice.
fn is_quiet(step: &Step) -> bool {
    match &step.action {
        Action::Define => step.changes.iter().all(|change| is_quiet_change(step, change)),
        Action::Set { .. } | Action::Begin | Action::Commit | Action::Other(_) => true,
        Action::Query(query) => {
            let written = query.write.as_ref().map(|write| &write.table);
            written.is_none_or(|table| !step.table_existed(table))
        }
        Action::Copy { table, .. } => !step.table_existed(table),
        _ => false,
    }
}

fn is_quiet_change(step: &Step, change: &model::Change) -> bool {
    use model::change::Change;
    use model::object::Object;
    let path = change.path();
    let owner_is_new = || !step.table_existed(&path.qname());
    match change {
        Change::Create { object: Object::Constraint(constraint), .. } => {
            let target_is_new = |key: &model::object::ForeignKey| !step.table_existed(&key.table);
            owner_is_new() && constraint.as_foreign_key().is_none_or(target_is_new)
        }
        Change::Create { .. } | Change::Replace { .. } if !path.kind.is_part() => true,
        _ if path.kind.is_part() => owner_is_new(),
        _ => !step.existed(path),
    }
}
