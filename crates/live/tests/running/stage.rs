//! A database, a plan for it, and somebody who looks on.

use std::sync::atomic::{AtomicBool, Ordering};

use live::run::{Event, Job, Options, Outcome, Until, Watch, run};
use live::{Client, Error, Lab, Target, introspect, testing};
use model::name::PUBLIC;
use model::planned::{Backfill, Cost, Fingerprint, Phase, Planned, PlannedStep, Undo, Work};
use model::{Name, QName};

pub(crate) struct Stage {
    pub(crate) target: Target,
    pub(crate) client: Client,
    pub(crate) plan: Planned,
}

impl Stage {
    /// A database of `before`, and a plan that leads to what `after` makes of it.
    pub(crate) fn new(before: &str, after: &str, steps: Vec<PlannedStep>) -> Option<Stage> {
        let lab = testing::lab()?;
        let (mut client, target) = database(lab, before);
        let from = shape(&mut client);
        let to = shape(&mut database(lab, &format!("{before}; {after}")).0);
        let version = lab.version();
        Some(Stage { target, client, plan: Planned { title: "a plan".to_owned(), version, from, to, steps } })
    }

    pub(crate) fn job(&self) -> Job<'_> {
        static NAMESPACE: Name = PUBLIC;
        Job { plan: &self.plan, namespace: &NAMESPACE }
    }

    pub(crate) fn run(&self, options: &Options) -> Result<Outcome, Error> {
        run(&self.target, self.job(), options, &mut Silent)
    }

    /// Everything, as if each release was deployed.
    pub(crate) fn run_all(&self) -> Result<Outcome, Error> {
        self.run(&all())
    }

    pub(crate) fn number(&mut self, question: &str) -> i64 {
        self.client.query_one(question, &[]).expect(question).get(0)
    }

    pub(crate) fn shape(&mut self) -> Fingerprint {
        shape(&mut self.client)
    }

    pub(crate) fn another(&self) -> Client {
        live::connection::open(&self.target, live::Access::Unlimited).expect("the server answers")
    }
}

pub(crate) fn all() -> Options {
    Options { until: Until::Release(u32::MAX), ..Options::default() }
}

fn database(lab: &Lab, script: &str) -> (Client, Target) {
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(script).expect("the script is sound");
    (client, lab.target(&name))
}

fn shape(client: &mut Client) -> Fingerprint {
    Fingerprint::of(&introspect(client).expect("it answers").schema)
}

pub(crate) fn step(phase: Phase, title: &str, work: Work, undo: Undo) -> PlannedStep {
    let cost = match &work {
        Work::Alone { .. } => Cost::Build,
        Work::Backfill(_) => Cost::Rows,
        _ => Cost::Instant,
    };
    PlannedStep { release: 1, phase, title: title.to_owned(), work, locks: Vec::new(), cost, undo, after: None }
}

pub(crate) fn together(statements: &[&str], undo: &[&str]) -> PlannedStep {
    let strings = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    step(Phase::Expand, statements[0], Work::Together(strings(statements)), Undo::Together(strings(undo)))
}

pub(crate) fn index(name: &str, statement: &str) -> PlannedStep {
    let work = Work::Alone { statement: statement.to_owned(), index: Some(QName::public(name)) };
    step(Phase::Constrain, statement, work, Undo::Alone(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")))
}

pub(crate) fn backfill(table: &str, key: &[&str], set: (&str, &str), condition: &str) -> PlannedStep {
    let work = Work::Backfill(Backfill {
        table: QName::public(table),
        key: key.iter().map(|column| Name::from(*column)).collect(),
        into: None,
        set: vec![(set.0.into(), set.1.to_owned())],
        condition: condition.to_owned(),
        batch: 100,
    });
    step(Phase::Backfill, "the rows get their values", work, Undo::Nothing)
}

pub(crate) struct Silent;

impl Watch for Silent {
    fn see(&mut self, _: Event<'_>) {}
}

/// Writes down what is worth a line, and does something the first time that a line starts with a word.
pub(crate) struct Noting<'a> {
    pub(crate) lines: Vec<String>,
    pub(crate) at: &'a str,
    pub(crate) act: Option<Box<dyn FnOnce() + 'a>>,
    pub(crate) stop: &'a AtomicBool,
}

impl Watch for Noting<'_> {
    fn see(&mut self, event: Event<'_>) {
        let line = match event {
            Event::Begins { number, step, .. } => format!("begins {number} {}", step.title),
            Event::Waits { blockers } => format!("waits for {}", blockers[0].query),
            Event::Retries { said, .. } => format!("tries again: {said}"),
            Event::Notes(note) => format!("notes {note}"),
            Event::Rows { changed, .. } => format!("rows {changed}"),
            Event::Pauses { why } => format!("pauses, {why}"),
            Event::Builds { .. } => return,
            Event::Ends { number, .. } => format!("ends {number}"),
        };
        if line.starts_with(self.at)
            && let Some(act) = self.act.take()
        {
            act();
        }
        self.lines.push(line);
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
