//! From calls to statements: calls of one shape are summed, and what is written twice about one call is counted once.

use std::collections::HashMap;

use model::workload::{Line, Logged, Orm, Repeat, Sent, Time, Traffic, TrafficFile, TrafficKind, Unread};

use super::Options;
use super::repeats::Watch;
use super::shape::{Shape, hash, statements};

/// A statement of a log that was run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// As the log calls it.
    pub(super) session: &'a str,
    /// Milliseconds of a clock that only differences are taken of.
    pub(super) at: Option<i64>,
    pub(super) line: u64,
    pub(super) sql: &'a str,
    pub(super) parameters: &'a [Option<String>],
    pub(super) ms: Option<f64>,
    pub(super) from: Source,
}

/// What kind of entry told of a call. `log_statement` and the time that follows it, and the plan of auto_explain, are
/// entries of their own about the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Statement,
    Plan,
}

/// Problems of a file that are kept word by word.
const NAMED: u64 = 20;
/// Sessions that are remembered. What began in one that is forgotten counts, and nothing is known of its loops.
const SESSIONS: usize = 10_000;
/// Plans without their statement so far, in one session.
const HELD: usize = 16;
/// Bytes of all texts that are kept, and of plans that wait for their statements.
const KEPT: usize = 512 << 20;
const WAITING: usize = 64 << 20;
/// The text of an example; a longer one is replaced by a shorter if one comes.
const LONG: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Gather {
    options: Options,
    files: Vec<TrafficFile>,
    entries: Vec<Entry>,
    by_text: HashMap<Box<str>, usize>,
    sessions: HashMap<Box<str>, Session>,
    watch: Watch,
    problems: Vec<Unread>,
    shape: Shape,
    kept: usize,
    waiting: usize,
}

#[derive(Debug)]
struct Entry {
    text: Box<str>,
    kind: Kind,
    calls: u64,
    failed: u64,
    time: Option<Time>,
    examples: Vec<Sent>,
    first: Line,
}

/// What a statement does, by its first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Begin,
    End,
    Other,
}

/// What is open in a session.
#[derive(Debug, Default)]
struct Session {
    last: Option<Pending>,
    /// Plans that came before the entry of their statement, or have none.
    held: Vec<Held>,
}

/// The last statement, about which more may come.
#[derive(Debug)]
struct Pending {
    entry: usize,
    /// The hash of all that was sent with it.
    text: u64,
    timed: bool,
    failed: bool,
    /// Plans that are still to come: one for each statement of the text.
    plans: usize,
}

#[derive(Debug)]
struct Held {
    text: u64,
    sql: String,
    parameters: Vec<Option<String>>,
    ms: Option<f64>,
    line: u64,
    at: Option<i64>,
}

impl Held {
    fn bytes(&self) -> usize {
        self.sql.len() + self.parameters.iter().flatten().map(String::len).sum::<usize>()
    }
}

impl Gather {
    pub(super) fn new(options: Options) -> Gather {
        Gather {
            watch: Watch::new(options.repeats, options.pause_ms),
            options,
            files: Vec::new(),
            entries: Vec::new(),
            by_text: HashMap::new(),
            sessions: HashMap::new(),
            problems: Vec::new(),
            shape: Shape::default(),
            kept: 0,
            waiting: 0,
        }
    }

    /// Starts a file. Sessions of another are others.
    pub(super) fn file(&mut self, path: &str, kind: TrafficKind) {
        self.forget();
        self.files.push(TrafficFile { path: path.to_owned(), kind, calls: 0, problems: 0 });
    }

    fn here(&self, line: u64) -> Line {
        Line { file: self.files.len().saturating_sub(1), line }
    }

    fn orm(&self) -> Option<Orm> {
        match self.files.last()?.kind {
            TrafficKind::Orm(orm) => Some(orm),
            _ => None,
        }
    }

    pub(super) fn problem(&mut self, line: u64, message: impl Into<String>) {
        let line = self.here(line);
        let Some(file) = self.files.last_mut() else { return };
        file.problems += 1;
        if file.problems <= NAMED {
            self.problems.push(Unread { line, message: message.into() });
        }
    }

    /// What a client sent as one text counts as each of its statements; their time is then nobody's.
    pub(super) fn call(&mut self, call: Call<'_>) {
        let text = hash(call.sql.trim());
        if call.from == Source::Plan {
            return self.plan(text, call);
        }
        let several = if call.sql.contains(';') { statements(call.sql) } else { vec![call.sql] };
        self.claim(text, several.len(), call.session);
        match several[..] {
            [only] => self.one(text, Call { sql: only, ..call }),
            ref several => several.iter().for_each(|sql| self.one(text, Call { sql, ms: None, ..call })),
        }
    }

    /// The plans that came before their statement are its own; others had no other entry.
    fn claim(&mut self, text: u64, statements: usize, name: &str) {
        let session = self.session(name);
        let (own, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut session.held).into_iter().partition(|held| held.text == text);
        session.last = None;
        self.waiting = self.waiting.saturating_sub(own.iter().map(Held::bytes).sum());
        self.count_held(name, others);
        let plans = statements.saturating_sub(own.len());
        self.session(name).last = Some(Pending { entry: usize::MAX, text, timed: false, failed: false, plans });
    }

    fn one(&mut self, text: u64, call: Call<'_>) {
        if let Some(entry) = self.count(call)
            && let Some(last) = self.session(call.session).last.as_mut().filter(|last| last.text == text)
        {
            (last.entry, last.timed) = (entry, call.ms.is_some());
        }
    }

    fn add(&mut self, text: &str, line: u64) -> usize {
        let number = self.entries.len();
        self.kept += 2 * text.len();
        self.by_text.insert(text.into(), number);
        self.entries.push(Entry {
            text: text.into(),
            kind: kind(text),
            calls: 0,
            failed: 0,
            time: None,
            examples: Vec::new(),
            first: self.here(line),
        });
        number
    }

    fn session(&mut self, name: &str) -> &mut Session {
        if !self.sessions.contains_key(name) {
            if self.sessions.len() >= SESSIONS {
                self.forget();
            }
            self.sessions.insert(name.into(), Session::default());
        }
        self.sessions.get_mut(name).expect("it was put there above")
    }

    /// auto_explain: the plan of the statement before it, of one whose entry follows, or of one that has no other.
    fn plan(&mut self, text: u64, call: Call<'_>) {
        let session = self.session(call.session);
        if let Some(last) = session.last.as_mut().filter(|last| last.text == text && last.plans > 0) {
            last.plans -= 1;
            return;
        }
        let held = Held {
            text,
            sql: call.sql.to_owned(),
            parameters: call.parameters.to_vec(),
            ms: call.ms,
            line: call.line,
            at: call.at,
        };
        let bytes = held.bytes();
        session.held.push(held);
        self.waiting += bytes;
        if self.waiting > WAITING {
            return self.forget();
        }
        let session = self.session(call.session);
        if session.held.len() > HELD {
            let oldest = session.held.remove(0);
            self.count_held(call.session, vec![oldest]);
        }
    }

    fn count_held(&mut self, session: &str, held: Vec<Held>) {
        for held in held {
            self.waiting = self.waiting.saturating_sub(held.bytes());
            let Held { sql, parameters, ms, line, at, .. } = held;
            let parameters = &parameters[..];
            self.count(Call { session, at, line, sql: &sql, parameters, ms, from: Source::Plan });
        }
    }

    /// Adds the call to its entry, and says which one it is.
    fn count(&mut self, call: Call<'_>) -> Option<usize> {
        let call = Call { sql: call.sql.trim(), ..call };
        if call.sql.is_empty() {
            return None;
        }
        let mut shape = std::mem::take(&mut self.shape);
        shape.take(call.sql);
        let known = self.by_text.get(shape.text.as_str()).copied();
        let most = self.options.most_statements;
        if known.is_none() && (self.entries.len() >= most || self.kept + call.sql.len() > KEPT) {
            self.shape = shape;
            self.problem(call.line, "not counted: there are too many different statements, or too long ones");
            return None;
        }
        let number = known.unwrap_or_else(|| self.add(&shape.text, call.line));
        let (line, orm) = (self.here(call.line), self.orm());
        if let Some(file) = self.files.last_mut() {
            file.calls += 1;
        }
        let entry = &mut self.entries[number];
        entry.calls += 1;
        entry.measure(call.ms);
        // The first is kept whatever its length.
        if entry.examples.is_empty() || self.kept < KEPT {
            self.kept += entry.example(&shape, &call, line, self.options.examples);
        }
        self.watch.call(number, entry.kind, &shape, &call, line, orm);
        self.shape = shape;
        Some(number)
    }

    /// The time of the last statement, in an entry of its own.
    pub(super) fn duration(&mut self, session: &str, ms: f64) {
        let Some(last) = self.sessions.get_mut(session).and_then(|session| session.last.as_mut()) else { return };
        if last.timed || last.failed {
            return;
        }
        last.timed = true;
        let Some(entry) = self.entries.get_mut(last.entry) else { return };
        entry.measure(Some(ms));
        self.watch.time(session, last.entry, ms);
    }

    /// The last statement ended in an error.
    pub(super) fn failed(&mut self, session: &str, sql: &str) {
        let Some(last) = self.sessions.get_mut(session).and_then(|session| session.last.as_mut()) else { return };
        if last.timed || last.failed {
            return;
        }
        if hash(sql.trim()) == last.text
            && let Some(entry) = self.entries.get_mut(last.entry)
        {
            last.failed = true;
            entry.failed += 1;
        }
    }

    /// A row of `pg_stat_statements`: many calls at once.
    pub(super) fn counted(&mut self, sql: &str, calls: u64, time: Option<Time>, line: u64) {
        self.kept += sql.len();
        let shape = Shape::of(sql);
        let known = self.by_text.get(shape.text.as_str()).copied();
        let number = known.unwrap_or_else(|| self.add(&shape.text, line));
        let here = self.here(line);
        if let Some(file) = self.files.last_mut() {
            file.calls += calls;
        }
        let entry = &mut self.entries[number];
        entry.calls += calls;
        if let Some(more) = time {
            entry.time = Some(match entry.time {
                None => more,
                Some(time) => Time {
                    calls: time.calls + more.calls,
                    total: time.total + more.total,
                    least: time.least.min(more.least),
                    most: time.most.max(more.most),
                },
            });
        }
        if entry.examples.is_empty() {
            entry.examples.push(Sent { sql: sql.to_owned(), session: String::new(), line: here, ms: None });
        }
    }

    /// Whether this many different statements are enough for one workload.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= self.options.most_statements || self.kept > KEPT
    }

    /// What comes now is of another request.
    pub(super) fn boundary(&mut self) {
        self.watch.forget();
    }

    /// Ends all sessions.
    fn forget(&mut self) {
        let mut sessions: Vec<_> = std::mem::take(&mut self.sessions).into_iter().collect();
        sessions.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, session) in sessions {
            self.count_held(&name, session.held);
        }
        self.watch.forget();
    }

    pub(super) fn finish(mut self) -> Traffic {
        self.forget();
        let mut order: Vec<usize> = (0..self.entries.len()).filter(|at| self.entries[*at].calls > 0).collect();
        let total = |entry: &Entry| entry.time.map_or(0.0, |time| time.total);
        order.sort_by(|one, other| {
            let (one, other) = (&self.entries[*one], &self.entries[*other]);
            total(other)
                .total_cmp(&total(one))
                .then_with(|| other.calls.cmp(&one.calls))
                .then_with(|| one.text.cmp(&other.text))
        });
        let mut place = vec![usize::MAX; self.entries.len()];
        order.iter().enumerate().for_each(|(to, from)| place[*from] = to);
        let mut repeats: Vec<Repeat> = self.watch.finish();
        repeats.retain(|repeat| place[repeat.statement] != usize::MAX);
        repeats.iter_mut().for_each(|repeat| repeat.statement = place[repeat.statement]);
        repeats.sort_by(|one, other| {
            let ms = |repeat: &Repeat| repeat.total_ms.unwrap_or(0.0);
            ms(other)
                .total_cmp(&ms(one))
                .then_with(|| other.calls.cmp(&one.calls))
                .then_with(|| one.statement.cmp(&other.statement))
                .then_with(|| one.varying.cmp(&other.varying))
        });
        let mut entries: Vec<Option<Entry>> = self.entries.into_iter().map(Some).collect();
        let statements = order.iter().filter_map(|at| entries[*at].take()).map(Entry::logged).collect();
        Traffic { files: self.files, statements, repeats, problems: self.problems }
    }
}

impl Entry {
    fn measure(&mut self, ms: Option<f64>) {
        let Some(ms) = ms else { return };
        let time = self.time.get_or_insert(Time { calls: 0, total: 0.0, least: ms, most: ms });
        time.calls += 1;
        time.total += ms;
        time.least = time.least.min(ms);
        time.most = time.most.max(ms);
    }

    /// Keeps the first ones that differ, and the slowest in place of the last; how many bytes more that is.
    fn example(&mut self, shape: &Shape, call: &Call<'_>, line: Line, most: usize) -> usize {
        let slowest = self.examples.iter().filter_map(|one| one.ms).max_by(f64::total_cmp);
        let slower = call.ms.is_some_and(|ms| slowest.is_none_or(|slowest| ms > slowest));
        let full = self.examples.len() >= most;
        if full && !slower || !self.examples.is_empty() && call.sql.len() > LONG {
            return 0;
        }
        let sql = shape.bound(call.sql, call.parameters);
        if let Some(known) = self.examples.iter_mut().find(|one| one.sql == sql && one.session == call.session) {
            if slower {
                (known.ms, known.line) = (call.ms, line);
            }
            return 0;
        }
        let gone = if full { self.examples.pop() } else { None };
        let bytes = sql.len().saturating_sub(gone.map_or(0, |gone| gone.sql.len()));
        self.examples.push(Sent { sql, session: call.session.to_owned(), line, ms: call.ms });
        bytes
    }

    fn logged(self) -> Logged {
        let Entry { text, calls, failed, time, examples, first, .. } = self;
        let fingerprint = hash(&text);
        Logged { fingerprint, text: text.into(), calls, failed, time, examples, first }
    }
}

fn kind(text: &str) -> Kind {
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    match &text[..end] {
        "select" | "with" => Kind::Read,
        "begin" | "start" => Kind::Begin,
        "commit" | "end" | "rollback" | "abort" if !text.contains(" to ") => Kind::End,
        _ => Kind::Other,
    }
}
