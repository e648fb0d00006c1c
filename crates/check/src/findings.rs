//! How a rule says what it found: the place first, then what, why, and what to do.

use model::activity::Activity;
use model::dialect::Dialect;
use model::place::Mark;
use model::query::FoundQuery;
use model::step::Transaction;
use model::{
    Change, Claim, Edit, Finding, Fix, Kind, LockMode, Migration, Path, Place, QName, Reading, Saving, Schema,
    Severity, Span, Step,
};

use crate::house::House;
use crate::rule::Rule;
use crate::run::Settings;
use crate::sight::Sight;
use crate::size::{self, Sized, Work};
use crate::text;

/// Where a rule puts its findings, and the little that it may know besides its subject.
pub(crate) struct Findings<'a> {
    reading: &'a Reading,
    sight: &'a Sight<'a>,
    pub(crate) settings: &'a Settings,
    rule: &'static Rule,
    pub(crate) found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(
        reading: &'a Reading,
        sight: &'a Sight<'a>,
        settings: &'a Settings,
        rule: &'static Rule,
    ) -> Findings<'a> {
        Findings { reading, sight, settings, rule, found: Vec::new() }
    }

    /// What many rules ask of the reading.
    pub(crate) fn sight(&self) -> &'a Sight<'a> {
        self.sight
    }

    /// Whose findings the next ones are.
    pub(crate) fn speak_for(&mut self, rule: &'static Rule) {
        self.rule = rule;
    }

    /// What the database can do.
    pub(crate) fn dialect(&self) -> &'static Dialect {
        self.settings.target
    }

    /// How the project names things.
    pub(crate) fn house(&self) -> &'a House {
        &self.settings.house
    }

    /// How the schema came to be, as far as it is known.
    pub(crate) fn migrations(&self) -> &'a [Migration] {
        &self.reading.migrations
    }

    /// The database after every migration.
    pub(crate) fn schema(&self) -> &'a Schema {
        &self.reading.schema
    }

    /// What the application, the routines and the views ask.
    pub(crate) fn queries(&self) -> &'a [FoundQuery] {
        &self.reading.queries
    }

    /// The path of the file that a place is in.
    pub(crate) fn file(&self, place: Place) -> &'a str {
        &self.reading.sources.file(place.file).path
    }

    /// The file is one of tests: what stands there was written for a database of its own.
    pub(crate) fn is_test(&self, place: Place) -> bool {
        const TESTS: [&str; 7] = ["__tests__", "fixtures", "spec", "specs", "test", "testdata", "tests"];
        let file = self.file(place);
        let mut folders = file.rsplit('/').skip(1);
        folders.any(|folder| TESTS.contains(&folder)) || file.ends_with("_test.sql") || file.ends_with(".test.sql")
    }

    /// How the database is used, where somebody asked it.
    pub(crate) fn activity(&self) -> Option<&'a Activity> {
        self.reading.stats.as_ref()?.activity.as_ref()
    }

    /// How many rows the statistics say a table has.
    pub(crate) fn rows(&self, table: &QName) -> Option<f64> {
        Some(size::size(self.reading, table)?.rows)
    }

    /// How many bytes the name of a thing has where it was given, without its quotes. What the database keeps is the
    /// beginning of it; a place may also hold another name, from before a rename.
    pub(crate) fn written_name(&self, path: &Path) -> Option<usize> {
        let kept = path.last().as_str();
        let names = self.reading.places.of(path).iter().rev().filter_map(|mark| mark.name);
        let lengths = names.filter_map(|place| {
            let written = self.reading.sources.text(place).trim();
            let name = match written.strip_suffix('"') {
                Some(quoted) => quoted.rsplit('"').next()?,
                None => written.rsplit(['.', ' ', '\n']).next()?.split('(').next()?,
            };
            name.to_lowercase().starts_with(&kept.to_lowercase()).then_some(name.len())
        });
        lengths.max()
    }

    /// A finding about a thing of the schema, at the words that name it; about a constraint, at the whole clause.
    pub(crate) fn at(&mut self, subject: &Path, message: impl Into<String>) -> Draft<'_> {
        let mark = self.mark(subject);
        let whole = subject.kind == Kind::Constraint;
        let place = mark.map(|mark| mark.name.filter(|_| !whole).unwrap_or(mark.whole));
        self.draft(Some(subject.clone()), place, message.into())
    }

    /// A finding about the type of a column, where its last type was said.
    pub(crate) fn at_type(&mut self, column: &Path, message: impl Into<String>) -> Draft<'_> {
        let marks = self.reading.places.of(column);
        let ty = marks.iter().rev().find_map(|mark| mark.ty);
        let place = ty.or_else(|| self.mark(column).map(|mark| mark.whole));
        self.draft(Some(column.clone()), place, message.into())
    }

    /// A finding about what was last said of a thing in these words; where nobody said it, at the thing.
    pub(crate) fn at_words(&mut self, subject: &Path, words: &str, message: impl Into<String>) -> Draft<'_> {
        let marks = self.reading.places.of(subject).iter().rev();
        let said = marks.filter_map(|mark| text::find_words(&self.reading.sources, mark.whole, words)).next();
        match said {
            Some(place) => self.draft(Some(subject.clone()), Some(place), message.into()),
            None => self.at(subject, message),
        }
    }

    /// Whether something that was said of the thing holds these words.
    pub(crate) fn says(&self, subject: &Path, words: &str) -> bool {
        let marks = self.reading.places.of(subject);
        marks.iter().any(|mark| text::find_words(&self.reading.sources, mark.whole, words).is_some())
    }

    /// Whether a password of the role stands in the sources, and not a hash of it.
    pub(crate) fn says_password(&self, role: &Path) -> bool {
        let marks = self.reading.places.of(role);
        let said = marks.iter().filter_map(|mark| text::string_behind(&self.reading.sources, mark.whole, "PASSWORD"));
        said.into_iter().any(|password| {
            let hashed = password.starts_with("SCRAM-SHA-256$") || password.starts_with("md5");
            let filled_in = password.contains(['{', '$', '<', '%']) || password.is_empty();
            !hashed && !filled_in
        })
    }

    /// A finding at a place: a clause of a step, a query.
    pub(crate) fn here(&mut self, place: Place, message: impl Into<String>) -> Draft<'_> {
        self.draft(None, Some(place), message.into())
    }

    fn draft(&mut self, subject: Option<Path>, place: Option<Place>, message: String) -> Draft<'_> {
        let rule = self.rule;
        let severity = self.settings.severities.get(rule.code).copied();
        self.found.push(Finding {
            rule: rule.code,
            name: rule.name,
            severity: severity.unwrap_or(rule.severity),
            subject,
            place,
            message,
            label: None,
            why: Vec::new(),
            proof: rule.proof,
            claims: Vec::new(),
            fix: None,
            saving: None,
        });
        let finding = self.found.last_mut().expect("a finding was just put there");
        Draft { finding, reading: self.reading, severity_is_fixed: severity.is_some() }
    }

    /// The place of a thing, or of the table that it came with. What was written anew as a whole stands where that was
    /// done last.
    fn mark(&self, path: &Path) -> Option<Mark> {
        let places = &self.reading.places;
        let replaceable = matches!(path.kind, Kind::View | Kind::Function | Kind::Procedure);
        let is_whole = |mark: &&Mark| text::find_words(&self.reading.sources, mark.whole, "CREATE").is_some();
        let newest = if replaceable { places.of(path).iter().rev().find(is_whole) } else { None };
        let own = newest.copied().or_else(|| places.first(path));
        own.or_else(|| {
            let owner = path.qname();
            let owners = [Kind::Table, Kind::View, Kind::MaterializedView].map(|kind| Path::object(kind, &owner));
            path.kind.is_part().then(|| owners.iter().find_map(|owner| places.first(owner))).flatten()
        })
    }
}

/// A finding that is being written.
pub(crate) struct Draft<'f> {
    finding: &'f mut Finding,
    reading: &'f Reading,
    severity_is_fixed: bool,
}

impl Draft<'_> {
    /// What the finding is about.
    pub(crate) fn about(self, subject: Path) -> Self {
        self.finding.subject = Some(subject);
        self
    }

    /// A narrower place in the same file; a span that the reader left empty changes nothing.
    pub(crate) fn span(self, span: Span) -> Self {
        if let Some(place) = self.finding.place.filter(|_| span.end > span.start) {
            self.finding.place = Some(place.narrowed(span));
        }
        self
    }

    /// Marks only these words, if they stand at the place.
    pub(crate) fn words(self, words: &str) -> Self {
        let found = self.finding.place.and_then(|place| text::find_words(&self.reading.sources, place, words));
        self.finding.place = found.or(self.finding.place);
        self
    }

    /// Marks only the first line of the statement.
    pub(crate) fn first_line(self) -> Self {
        if let Some(place) = self.finding.place {
            let place = text::from_first_word(&self.reading.sources, place);
            let line = self.reading.sources.text(place).lines().next().map_or(0, |line| line.trim_end().len());
            self.finding.place = Some(Place { end: place.start + line as u32, ..place });
        }
        self
    }

    /// What stands at the marked place, in a few words.
    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        self.finding.label = Some(label.into());
        self
    }

    /// A reason: the number, the lock, the lost row.
    pub(crate) fn why(self, reason: impl Into<String>) -> Self {
        self.finding.why.push(reason.into());
        self
    }

    /// The statement takes this lock on the relation, until its transaction ends.
    pub(crate) fn locks(self, relation: &QName, mode: LockMode) -> Self {
        self.finding.claims.push(Claim::Lock { relation: relation.clone(), mode });
        self
    }

    /// The statement writes the table anew.
    pub(crate) fn rewrites(self, relation: &QName) -> Self {
        self.finding.claims.push(Claim::Rewrite { relation: relation.clone() });
        self
    }

    /// The statement reads every row of the table.
    pub(crate) fn scans(self, relation: &QName) -> Self {
        self.finding.claims.push(Claim::Scan { relation: relation.clone() });
        self
    }

    /// The server refuses the statement with this SQLSTATE.
    pub(crate) fn refused(self, sqlstate: &'static str) -> Self {
        self.finding.claims.push(Claim::Refusal { sqlstate });
        self
    }

    /// The server refuses the statement with this SQLSTATE when the table holds a row.
    pub(crate) fn refused_with_rows(self, relation: &QName, sqlstate: &'static str) -> Self {
        self.finding.claims.push(Claim::RefusalWithRows { relation: relation.clone(), sqlstate });
        self
    }

    /// Graver or lighter than the rule is as a whole; what the user has set stands.
    pub(crate) fn severity(self, severity: Severity) -> Self {
        if !self.severity_is_fixed {
            self.finding.severity = severity;
        }
        self
    }

    /// The statement does this work on the whole table: its size decides how bad that is.
    pub(crate) fn sized(self, table: &QName, work: Work) -> Self {
        match size::weigh(self.reading, table, work, self.finding.severity) {
            Some(Sized { severity, reason }) => self.why(reason).severity(severity),
            None => self,
        }
    }

    /// What the schema should become; it cannot change what the application sees, nor lose data.
    pub(crate) fn fix(self, title: impl Into<String>, changes: Vec<Change>) -> Self {
        self.finding.fix = Some(Fix { title: title.into(), safe: true, changes, ..Fix::default() });
        self
    }

    /// What the schema should become, if the user agrees.
    pub(crate) fn unsafe_fix(self, title: impl Into<String>, changes: Vec<Change>) -> Self {
        self.finding.fix = Some(Fix { title: title.into(), changes, ..Fix::default() });
        self
    }

    /// How the text should be written.
    pub(crate) fn edit(self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.edits(title.into(), edits, true)
    }

    /// How the text should be written, if the user agrees.
    pub(crate) fn unsafe_edit(self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.edits(title.into(), edits, false)
    }

    fn edits(self, title: String, edits: Vec<Edit>, safe: bool) -> Self {
        if !edits.is_empty() {
            self.finding.fix = Some(Fix { title, safe, edits, ..Fix::default() });
        }
        self
    }
}

/// Edits, by the words they stand at.
impl Findings<'_> {
    /// Puts `text` behind these words of the statement; nothing when they are not there.
    pub(crate) fn insert_after(&self, statement: Place, words: &str, text: &str) -> Vec<Edit> {
        let place = text::find_words(&self.reading.sources, statement, words);
        let at = place.map(|place| Place { start: place.end, ..place });
        at.map(|place| Edit { place, text: format!(" {text}") }).into_iter().collect()
    }

    /// Writes these words of the statement differently; nothing when they are not there, or there more than once.
    pub(crate) fn replace(&self, statement: Place, words: &str, text: &str) -> Vec<Edit> {
        let Some(place) = text::find_words(&self.reading.sources, statement, words) else { return Vec::new() };
        let again = text::find_words(&self.reading.sources, Place { start: place.end, ..statement }, words);
        if again.is_none() { vec![Edit { place, text: text.to_string() }] } else { Vec::new() }
    }

    /// Ends the transaction before the statement and begins another, where the file itself opened it.
    pub(crate) fn commit_before(&self, step: &Step) -> Vec<Edit> {
        match step.transaction {
            Transaction::Explicit(_) if !step.conditional => vec![self.first(step.place, "COMMIT;\nBEGIN;\n")],
            _ => Vec::new(),
        }
    }

    /// Takes the statement away, with its semicolon, and its lines when it fills them.
    pub(crate) fn remove(&self, statement: Place) -> Edit {
        let start = text::from_first_word(&self.reading.sources, statement).start;
        let (behind, _) = text::behind(&self.reading.sources, statement);
        let whole = Place::new(statement.file, start, behind.end);
        Edit { place: text::whole_lines(&self.reading.sources, whole), text: String::new() }
    }

    /// Puts `text` at the end of a clause or statement, before its semicolon.
    pub(crate) fn append(&self, clause: Place, text: &str) -> Edit {
        let place = text::trimmed(&self.reading.sources, clause);
        Edit { place: Place { start: place.end, ..place }, text: format!(" {text}") }
    }

    /// Puts another statement behind this one.
    pub(crate) fn then(&self, statement: Place, next: &str) -> Edit {
        let (place, closed) = text::behind(&self.reading.sources, statement);
        let stop = if closed { "" } else { ";" };
        Edit { place, text: format!("{stop}\n{next};") }
    }

    /// Puts other statements before this one.
    pub(crate) fn first(&self, statement: Place, text: &str) -> Edit {
        let place = text::from_first_word(&self.reading.sources, statement);
        Edit { place: Place { end: place.start, ..place }, text: text.to_string() }
    }

    /// Writes the statement anew, up to its semicolon.
    pub(crate) fn rewrite(&self, statement: Place, text: &str) -> Edit {
        let start = text::from_first_word(&self.reading.sources, statement).start;
        let end = text::trimmed(&self.reading.sources, statement).end;
        Edit { place: Place::new(statement.file, start, end), text: text.to_string() }
    }

    /// Takes a comment away, with its line when it fills one.
    pub(crate) fn remove_comment(&self, comment: Place) -> Edit {
        Edit { place: text::whole_lines(&self.reading.sources, comment), text: String::new() }
    }
}

/// Query plans: what the statistics say, and what a finding is worth.
impl Findings<'_> {
    /// Whether more than a tenth of a table changed since its statistics were made, which is when autovacuum makes them
    /// anew; nothing where nobody said it.
    pub(crate) fn is_stale(&self, table: &QName) -> Option<bool> {
        const PART: f64 = 0.1;
        let named = if table.schema.is_empty() { QName::public(table.name.clone()) } else { table.clone() };
        let size = size::size(self.reading, &named)?;
        Some(size.modified? > PART * size.rows + 50.0)
    }
}

impl Draft<'_> {
    /// How many milliseconds of the run could be saved, and at which node.
    pub(crate) fn saves(self, node: Option<usize>, gain_ms: Option<f64>) -> Self {
        self.finding.saving = Some(Saving { node, gain_ms });
        self
    }

    /// A statement to run in the database of the plan, after those before it.
    pub(crate) fn run(self, statement: impl Into<String>) -> Self {
        let new = || Fix { title: "run it in the database".to_owned(), safe: true, ..Fix::default() };
        self.finding.fix.get_or_insert_with(new).run.push(statement.into());
        self
    }
}
