//! The binary with a plan in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use live::{Client, introspect};
use model::planned::{Backfill, Cost, Fingerprint, Phase, Planned, PlannedStep, Undo, Work};
use model::{Name, QName};

pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("palladio-migrating-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Folder { path }
    }

    pub(crate) fn with_plan(plan: &Planned) -> Folder {
        let folder = Folder::new();
        folder.write("plan.json", &report::planned::render(plan, None));
        folder
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.start_words(&[&["migrate"], arguments].concat())
    }

    /// Any verb, not only those of `migrate`.
    pub(crate) fn words(&self, arguments: &[&str]) -> (i32, String, String) {
        said(&self.start_words(arguments).wait_with_output().expect("it ends"))
    }

    fn start_words(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_palladio"));
        command.args(arguments).current_dir(&self.path).env_remove("DATABASE_URL");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }

    /// Exit code, standard output, standard error.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        said(&self.start(arguments).wait_with_output().expect("it ends"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}

pub(crate) fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

pub(crate) fn shape(client: &mut Client) -> Fingerprint {
    Fingerprint::of(&introspect(client).expect("it answers").schema)
}

pub(crate) fn step(phase: Phase, cost: Cost, title: &str, work: Work, undo: Undo) -> PlannedStep {
    PlannedStep { release: 1, phase, title: title.to_owned(), work, locks: Vec::new(), cost, undo, after: None }
}

pub(crate) fn together(phase: Phase, cost: Cost, title: &str, statements: &[&str]) -> PlannedStep {
    let statements = statements.iter().map(|one| (*one).to_owned()).collect();
    step(phase, cost, title, Work::Together(statements), Undo::Nothing)
}

pub(crate) fn alone(phase: Phase, title: &str, statement: &str, index: Option<&str>) -> PlannedStep {
    let work = Work::Alone { statement: statement.to_owned(), index: index.map(QName::public) };
    step(phase, Cost::Build, title, work, Undo::Nothing)
}

pub(crate) fn backfill(table: &str, set: (&str, &str), condition: &str) -> PlannedStep {
    let work = Work::Backfill(Backfill {
        table: QName::public(table),
        key: vec![Name::from("id")],
        into: None,
        set: vec![(set.0.into(), set.1.to_owned())],
        condition: condition.to_owned(),
        batch: 500,
    });
    step(Phase::Backfill, Cost::Rows, "old rows get their values", work, Undo::Nothing)
}
