//! A plan as migrations of the project's own tool: a file for each step, so that no lock is held from one to the next.

mod batches;
mod drizzle;
mod liquibase;
mod place;
mod rails;
mod sections;

use model::Reading;
use model::planned::{Cost, Planned, PlannedStep, Undo, Work};
use model::step::Layout;

use crate::Failure;
pub use place::Place;

/// The files of one release behind the migrations that were read last, by path, in the order in which the tool applies
/// them.
pub fn migrations(plan: &Planned, before: &Reading, release: u32) -> Result<Vec<(String, String)>, Failure> {
    Ok(written(plan, Place::behind(before)?, release).files)
}

/// The tool that a word means.
pub fn layout(word: &str) -> Option<Layout> {
    let layouts = LAYOUTS.iter();
    layouts.copied().find(|(name, _)| *name == word).map(|(_, layout)| layout)
}

/// How tools are called on the command line.
pub const LAYOUTS: [(&str, Layout); 12] = [
    ("flyway", Layout::Flyway),
    ("golang-migrate", Layout::GolangMigrate),
    ("dbmate", Layout::Dbmate),
    ("goose", Layout::Goose),
    ("sqlx", Layout::Sqlx),
    ("diesel", Layout::Diesel),
    ("refinery", Layout::Refinery),
    ("rails", Layout::Rails),
    ("prisma", Layout::Prisma),
    ("drizzle", Layout::Drizzle),
    ("liquibase", Layout::Liquibase),
    ("numbered", Layout::Numbered),
];

/// What is to be written, and what somebody has to know who runs it.
#[derive(Debug, Default)]
pub struct Written {
    /// By path, in the order in which the tool applies them; settings and journals behind the files that they are about.
    pub files: Vec<(String, String)>,
    pub remarks: Vec<String>,
}

/// The files of one release at a place.
pub fn written(plan: &Planned, mut place: Place, release: u32) -> Written {
    let steps = plan.steps.iter().filter(|step| step.release == release && step.work != Work::Deploy);
    let units: Vec<Unit> = steps.map(|step| Unit::of(step, &place)).collect();
    let mut written = Written::default();
    if units.is_empty() {
        return written;
    }
    match place.layout() {
        Layout::Liquibase => liquibase::write(&units, release, &mut place, &mut written),
        Layout::Drizzle => drizzle::write(&units, &mut place, &mut written),
        Layout::Rails => rails::write(&units, &mut place, &mut written),
        _ => sections::write(&units, &mut place, &mut written),
    }
    if units.iter().any(|unit| unit.before.is_some()) {
        written.remarks.push(format!(
            "{} runs every migration in a transaction. What cannot run in one stands in the files as a comment: run it \
             before them",
            place.layout().name()
        ));
    }
    written
}

/// One step, as every tool could run it.
struct Unit {
    slug: String,
    /// Comment lines, without their dashes.
    comments: Vec<String>,
    up: Vec<String>,
    down: Down,
    around: Around,
    /// What should be done outside of any transaction before, where the tool cannot do it.
    before: Option<String>,
}

/// What a step runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    Transaction,
    /// By itself: the one statement, outside of any transaction.
    Nothing,
}

enum Down {
    Statements { statements: Vec<String>, around: Around },
    Nothing,
    Lost(String),
}

impl Unit {
    fn of(step: &PlannedStep, place: &Place) -> Unit {
        let mut comments = vec![format!("{} ({}): {}", step.phase.name(), step.cost.name(), step.title)];
        comments.extend(step.after.as_ref().map(|after| format!("From here on {after}")));
        let mut unit = Unit {
            slug: slug(&step.title),
            comments,
            up: Vec::new(),
            down: down(step, place),
            around: Around::Transaction,
            before: None,
        };
        let alone = place.runs_alone();
        match &step.work {
            Work::Together(statements) => {
                unit.up.push("SET LOCAL lock_timeout = '2s';".to_owned());
                // What is not done at once waits for something that nobody thought of.
                let timeout = if step.cost == Cost::Instant { "'1min'" } else { "0" };
                unit.up.push(format!("SET LOCAL statement_timeout = {timeout};"));
                unit.up.extend(statements.iter().map(|statement| ended(statement)));
            }
            Work::Alone { statement, .. } if alone || !is_refused_inside(statement) => {
                unit.around = Around::Nothing;
                unit.up.push(ended(statement));
            }
            Work::Alone { statement, .. } => {
                unit.up.push(inside(statement));
                unit.before = Some(if_not_exists(statement));
            }
            Work::Backfill(backfill) if alone => {
                unit.around = Around::Nothing;
                unit.comments.push(format!("In batches of {}, each a transaction of its own", backfill.batch));
                unit.up.push(batches::block(backfill));
            }
            Work::Backfill(backfill) => {
                unit.up.push("SET LOCAL lock_timeout = '2s';".to_owned());
                unit.up.push("SET LOCAL statement_timeout = 0;".to_owned());
                unit.up.push(format!("{};", backfill.statement()));
                unit.before = Some(batches::block(backfill));
            }
            Work::Deploy => {}
        }
        if let Some(before) = &unit.before {
            unit.comments.push("This runs in a transaction. On a large table run this by itself before:".to_owned());
            unit.comments.extend(before.lines().map(|line| format!("    {line}")));
        }
        unit
    }

    /// The comments as lines that begin with this sign.
    fn commented(&self, sign: &str) -> String {
        let lines = self.comments.iter().flat_map(|comment| wrapped(comment));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    }

    /// The comments and the statements as lines of SQL.
    fn up_text(&self) -> String {
        let mut out = String::new();
        out += &self.commented("--");
        self.up.iter().for_each(|statement| out += &format!("{statement}\n"));
        out
    }

    fn down_text(&self) -> String {
        match &self.down {
            Down::Statements { statements, .. } => {
                statements.iter().map(|statement| format!("{statement}\n")).collect()
            }
            Down::Nothing => "-- There is nothing to take back\n".to_owned(),
            Down::Lost(why) => format!("-- It cannot be taken back: {why}\n"),
        }
    }
}

fn down(step: &PlannedStep, place: &Place) -> Down {
    match &step.undo {
        Undo::Together(statements) => {
            let statements = statements.iter().map(|statement| ended(statement)).collect();
            Down::Statements { statements, around: Around::Transaction }
        }
        Undo::Alone(statement) if place.runs_alone() => {
            Down::Statements { statements: vec![ended(statement)], around: Around::Nothing }
        }
        Undo::Alone(statement) => Down::Statements { statements: vec![inside(statement)], around: Around::Transaction },
        Undo::Nothing => Down::Nothing,
        Undo::Lost(why) => Down::Lost(why.clone()),
    }
}

fn ended(statement: &str) -> String {
    format!("{};", statement.trim_end().trim_end_matches(';'))
}

/// The server takes it only outside of transactions.
fn is_refused_inside(statement: &str) -> bool {
    statement.contains(" CONCURRENTLY ") || statement.trim_end().ends_with(" CONCURRENTLY;")
}

/// The same statement as a transaction takes it; what was done before is not done again.
fn inside(statement: &str) -> String {
    if_not_exists(statement).replacen(" CONCURRENTLY", "", 1)
}

fn if_not_exists(statement: &str) -> String {
    let statement = ended(statement);
    for (head, guard) in [
        ("CREATE INDEX CONCURRENTLY ", "IF NOT EXISTS "),
        ("CREATE UNIQUE INDEX CONCURRENTLY ", "IF NOT EXISTS "),
        ("DROP INDEX CONCURRENTLY ", "IF EXISTS "),
    ] {
        if let Some(rest) = statement.strip_prefix(head)
            && !rest.starts_with(guard)
        {
            return format!("{head}{guard}{rest}");
        }
    }
    statement
}

/// Long sentences as lines; what is indented is SQL and stays.
fn wrapped(comment: &str) -> Vec<String> {
    const WIDTH: usize = 100;
    if comment.starts_with(' ') {
        return vec![comment.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in comment.split(' ') {
        let last = lines.last_mut().expect("there is always one");
        match last.is_empty() || last.len() + word.len() < WIDTH {
            true if last.is_empty() => *last = word.to_owned(),
            true => *last += &format!(" {word}"),
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `add column orders.note` becomes `add_column_orders_note`.
fn slug(title: &str) -> String {
    const LONGEST: usize = 48;
    let mut out = String::new();
    for letter in title.chars().map(|letter| letter.to_ascii_lowercase()) {
        match letter.is_ascii_alphanumeric() {
            true => out.push(letter),
            false if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            false => {}
        }
        if out.len() > LONGEST {
            // Whole words only.
            out.truncate(out.rfind('_').unwrap_or(LONGEST));
            break;
        }
    }
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_of_files() {
        assert_eq!(slug("add column orders.note"), "add_column_orders_note");
        assert_eq!(slug("\"Ä\" takes no more NULL"), "takes_no_more_null");
    }

    #[test]
    fn what_no_transaction_takes_is_written_for_one() {
        assert_eq!(inside("CREATE INDEX CONCURRENTLY a ON t (b);"), "CREATE INDEX IF NOT EXISTS a ON t (b);");
        assert_eq!(inside("DROP INDEX CONCURRENTLY IF EXISTS a"), "DROP INDEX IF EXISTS a;");
        assert_eq!(inside("ALTER TABLE t DETACH PARTITION p CONCURRENTLY;"), "ALTER TABLE t DETACH PARTITION p;");
    }
}
