//! The books: what was run of which plan, in the database that it was run in.

use std::collections::BTreeMap;

use model::planned::{Planned, PlannedStep};
use postgres::{Client, GenericClient};

use super::event::{Event, Watch};
use super::{Job, identity};
use crate::Error;

/// What is known of a step. What was never begun is in no book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub state: State,
    /// As the server prints it.
    pub started: String,
    pub finished: Option<String>,
    /// The last key of a backfill that is done.
    pub cursor: Option<Vec<String>>,
    /// The rows that a backfill changed.
    pub changed: i64,
    /// The rows that it looked at.
    pub seen: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Begun; whether it was finished, the catalog knows.
    Running,
    Done,
    /// Being taken back.
    Undoing,
    Undone,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Done => "done",
            State::Undoing => "undoing",
            State::Undone => "undone",
        }
    }

    fn named(name: &str) -> State {
        match name {
            "done" => State::Done,
            "undoing" => State::Undoing,
            "undone" => State::Undone,
            _ => State::Running,
        }
    }
}

/// The pages about one plan in one schema.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) id: String,
    target: String,
    steps: usize,
    finished: bool,
    pub(super) entries: BTreeMap<usize, Entry>,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

const TABLES: &str = "
    CREATE SCHEMA IF NOT EXISTS palladio;
    CREATE TABLE IF NOT EXISTS palladio.plan (
        target text NOT NULL,
        id text NOT NULL,
        title text NOT NULL,
        from_shape text NOT NULL,
        to_shape text NOT NULL,
        steps integer NOT NULL,
        started timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished timestamptz,
        who text NOT NULL DEFAULT session_user,
        version text NOT NULL,
        PRIMARY KEY (target, id)
    );
    CREATE TABLE IF NOT EXISTS palladio.step (
        target text NOT NULL,
        plan text NOT NULL,
        number integer NOT NULL,
        title text NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'done', 'undoing', 'undone')),
        started timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished timestamptz,
        cursor text[],
        changed bigint NOT NULL DEFAULT 0,
        seen bigint NOT NULL DEFAULT 0,
        who text NOT NULL DEFAULT session_user,
        version text NOT NULL,
        PRIMARY KEY (target, plan, number),
        FOREIGN KEY (target, plan) REFERENCES palladio.plan (target, id) ON DELETE CASCADE
    );";

/// Tenants of one database may want the tables at the same moment, and IF NOT EXISTS does not keep two from making one.
const MAKING: i64 = 0x5041_4c4c_4142_4f4f;

impl Book {
    /// Opens the books, and makes them where there are none.
    pub(super) fn open(client: &mut Client, job: Job<'_>) -> Result<Book, Error> {
        if !exist(client)? {
            let mut transaction = client.transaction()?;
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING])?;
            transaction.batch_execute(TABLES)?;
            transaction.commit()?;
        }
        Book::read(client, job)
    }

    /// What the books say. The tables must be there.
    pub(super) fn read(client: &mut Client, job: Job<'_>) -> Result<Book, Error> {
        let (id, target) = (identity(job.plan), job.namespace.to_string());
        let finished = client.query_opt(
            "SELECT finished IS NOT NULL FROM palladio.plan WHERE target = $1 AND id = $2",
            &[&target, &id],
        )?;
        let rows = client.query(
            "SELECT number, state, started::text, finished::text, cursor, changed, seen
             FROM palladio.step WHERE target = $1 AND plan = $2",
            &[&target, &id],
        )?;
        let entry = |row: &postgres::Row| {
            let entry = Entry {
                state: State::named(row.get(1)),
                started: row.get(2),
                finished: row.get(3),
                cursor: row.get(4),
                changed: row.get(5),
                seen: row.get(6),
            };
            (usize::try_from(row.get::<_, i32>(0)).unwrap_or(0), entry)
        };
        let entries = rows.iter().map(entry).collect();
        let finished = finished.is_some_and(|row| row.get(0));
        Ok(Book { id, target, steps: job.plan.steps.len(), finished, entries })
    }

    fn state(&self, number: usize) -> Option<State> {
        self.entries.get(&number).map(|entry| entry.state)
    }

    pub(super) fn is_done(&self, number: usize) -> bool {
        self.state(number) == Some(State::Done)
    }

    pub(super) fn is_running(&self, number: usize) -> bool {
        self.state(number) == Some(State::Running)
    }

    pub(super) fn note_done(&mut self, number: usize) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.state = State::Done;
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Nothing of the plan stands in the database.
    pub(super) fn is_new(&self) -> bool {
        self.entries.values().all(|entry| entry.state == State::Undone)
    }

    /// The first step that is not done.
    pub(super) fn next(&self) -> Option<usize> {
        (1..=self.steps).find(|number| !self.is_done(*number))
    }

    /// No plan may begin in the middle of another one.
    pub(super) fn others_are_finished(
        &self,
        client: &mut Client,
        force: bool,
        watch: &mut dyn Watch,
    ) -> Result<(), Error> {
        let other = client.query_opt(
            "SELECT p.title, p.id FROM palladio.plan p
             WHERE p.target = $1 AND p.id <> $2 AND p.finished IS NULL
               AND EXISTS (SELECT 1 FROM palladio.step s
                           WHERE s.target = p.target AND s.plan = p.id AND s.state <> 'undone')
             ORDER BY p.started LIMIT 1",
            &[&self.target, &self.id],
        )?;
        let Some(row) = other else { return Ok(()) };
        let said = format!("another plan is half done here: {} ({})", row.get::<_, &str>(0), row.get::<_, &str>(1));
        if force {
            watch.see(Event::Notes(&format!("warning: {said}")));
            return Ok(());
        }
        Err(Error::refused(said, "Finish it with palladio migrate run, or take it back with palladio migrate undo"))
    }

    /// The plan is in the books from here on.
    pub(super) fn register(&self, client: &mut impl GenericClient, plan: &Planned) -> Result<(), Error> {
        let (from, to) = (plan.from.to_string(), plan.to.to_string());
        let steps = i32::try_from(plan.steps.len()).unwrap_or(i32::MAX);
        client.execute(
            "INSERT INTO palladio.plan (target, id, title, from_shape, to_shape, steps, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (target, id) DO UPDATE SET finished = NULL",
            &[&self.target, &self.id, &plan.title, &from, &to, &steps, &VERSION],
        )?;
        Ok(())
    }

    /// The step is begun; what it did before, when it was begun before, is kept.
    pub(super) fn begin(
        &self,
        client: &mut impl GenericClient,
        number: usize,
        step: &PlannedStep,
    ) -> Result<(), postgres::Error> {
        client.execute(
            "INSERT INTO palladio.step (target, plan, number, title, state, version)
             VALUES ($1, $2, $3, $4, 'running', $5)
             ON CONFLICT (target, plan, number) DO UPDATE
             SET state = 'running', started = CASE WHEN step.state = 'running' THEN step.started ELSE EXCLUDED.started END,
                 finished = NULL, who = session_user, version = EXCLUDED.version,
                 cursor = CASE WHEN step.state = 'running' THEN step.cursor END,
                 changed = CASE WHEN step.state = 'running' THEN step.changed ELSE 0 END,
                 seen = CASE WHEN step.state = 'running' THEN step.seen ELSE 0 END",
            &[&self.target, &self.id, &(number as i32), &step.title, &VERSION],
        )?;
        Ok(())
    }

    /// The step is done.
    pub(super) fn finish(
        &self,
        client: &mut impl GenericClient,
        number: usize,
        step: &PlannedStep,
    ) -> Result<(), postgres::Error> {
        client.execute(
            "INSERT INTO palladio.step (target, plan, number, title, state, finished, version)
             VALUES ($1, $2, $3, $4, 'done', clock_timestamp(), $5)
             ON CONFLICT (target, plan, number) DO UPDATE
             SET state = 'done', finished = clock_timestamp(), who = session_user, version = EXCLUDED.version,
                 started = CASE WHEN step.state = 'running' THEN step.started ELSE EXCLUDED.started END",
            &[&self.target, &self.id, &(number as i32), &step.title, &VERSION],
        )?;
        Ok(())
    }

    /// A step that is being taken back, or was.
    pub(super) fn set(
        &self,
        client: &mut impl GenericClient,
        number: usize,
        state: State,
    ) -> Result<(), postgres::Error> {
        client.execute(
            "UPDATE palladio.step SET state = $4, finished = CASE WHEN $4 IN ('done', 'undone') THEN clock_timestamp() END,
                    who = session_user, version = $5
             WHERE target = $1 AND plan = $2 AND number = $3",
            &[&self.target, &self.id, &(number as i32), &state.name(), &VERSION],
        )?;
        Ok(())
    }

    /// A batch of a backfill, in the batch's own transaction.
    pub(super) fn advance(
        &self,
        client: &mut impl GenericClient,
        number: usize,
        cursor: &[String],
        changed: i64,
        seen: i64,
    ) -> Result<(), postgres::Error> {
        client.execute(
            "UPDATE palladio.step SET cursor = $4, changed = changed + $5, seen = seen + $6
             WHERE target = $1 AND plan = $2 AND number = $3",
            &[&self.target, &self.id, &(number as i32), &cursor, &changed, &seen],
        )?;
        Ok(())
    }

    /// Every step is done, and the database is as it was planned.
    pub(super) fn close(&mut self, client: &mut impl GenericClient) -> Result<(), Error> {
        client.execute(
            "UPDATE palladio.plan SET finished = clock_timestamp() WHERE target = $1 AND id = $2",
            &[&self.target, &self.id],
        )?;
        self.finished = true;
        Ok(())
    }

    /// The plan is open again: a step of it is taken back.
    pub(super) fn reopen(&mut self, client: &mut impl GenericClient) -> Result<(), Error> {
        client.execute(
            "UPDATE palladio.plan SET finished = NULL WHERE target = $1 AND id = $2",
            &[&self.target, &self.id],
        )?;
        self.finished = false;
        Ok(())
    }
}

/// Whether this database has books.
pub(super) fn exist(client: &mut impl GenericClient) -> Result<bool, Error> {
    let row = client.query_one("SELECT to_regclass('palladio.step') IS NOT NULL", &[])?;
    Ok(row.get(0))
}
