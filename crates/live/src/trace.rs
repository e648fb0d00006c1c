//! What one statement does to a running database: the locks it takes, the tables it writes anew, the rows it reads.
//!
//! A statement is watched from inside its own transaction, where `pg_locks` still shows every lock it took. What refuses
//! to run in a transaction is watched by a second connection instead.

mod relations;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::{LockMode, QName};
use postgres::error::SqlState;
use postgres::{Client, Row, Statement};

use crate::refusal::Refusal;
pub use relations::RelationKind;
use relations::{Oid, Relation, Relations};

/// What was seen of one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The strongest new lock on each relation of the user's, in the order of names.
    pub locks: Vec<Lock>,
    /// Relations that were there before and lie in a new file now.
    pub rewritten: Vec<QName>,
    pub scans: Vec<Scan>,
    /// The statement refused to run in a transaction and was watched by the second connection, which sees no scans.
    pub outside: bool,
    /// How long the statement itself took.
    pub took: Duration,
}

/// A lock that the statement took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lock {
    pub relation: QName,
    pub kind: RelationKind,
    pub mode: LockMode,
    /// The relation is new: nobody else can wait for it.
    pub new: bool,
}

/// How often a statement read a table from end to end, and how many rows it read so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scan {
    pub relation: QName,
    pub times: i64,
    pub rows: i64,
}

/// Runs statements on one connection and tells what each did. Outside of [`Tracer::begin`] and [`Tracer::commit`] each
/// statement has a transaction of its own.
pub struct Tracer<'c> {
    client: &'c mut Client,
    observer: &'c mut Client,
    look: Statement,
    backend: i32,
    relations: Relations,
    /// The relations as they were when the open transaction began, and when its savepoint was set.
    at_begin: Option<Relations>,
    /// What is held since the transaction began: a stronger lock does not spare the weaker ones.
    held: BTreeMap<Oid, BTreeSet<LockMode>>,
    /// Scans that earlier statements did and the server has not yet put away: it counts on over transactions.
    counted: BTreeMap<Oid, (i64, i64)>,
}

impl std::fmt::Debug for Tracer<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tracer").field("backend", &self.backend).finish_non_exhaustive()
    }
}

/// One row for each lock of this session on a relation of the user's: objects made by initdb have lower numbers.
const LOOK: &str = "
    SELECT l.relation, l.mode, c.relname::text, n.nspname::text, c.relkind, pg_relation_filenode(c.oid),
           pg_stat_get_xact_numscans(c.oid), pg_stat_get_xact_tuples_returned(c.oid)
    FROM pg_locks l
    LEFT JOIN pg_class c ON c.oid = l.relation
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
    ORDER BY l.relation";

impl<'c> Tracer<'c> {
    /// Traces on `client`; `observer` is another connection to the same database.
    pub fn new(client: &'c mut Client, observer: &'c mut Client) -> Result<Tracer<'c>, postgres::Error> {
        let backend = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        let look = client.prepare(LOOK)?;
        let relations = Relations::read(client)?;
        let mut tracer = Tracer {
            client,
            observer,
            look,
            backend,
            relations,
            at_begin: None,
            held: BTreeMap::new(),
            counted: BTreeMap::new(),
        };
        tracer.count_all()?;
        Ok(tracer)
    }

    pub fn client(&mut self) -> &mut Client {
        self.client
    }

    /// The second connection, for a look from outside of the transaction.
    pub fn observer(&mut self) -> &mut Client {
        self.observer
    }

    pub fn in_transaction(&self) -> bool {
        self.at_begin.is_some()
    }

    /// What the relation of that name is, if it is there.
    pub fn kind(&self, name: &QName) -> Option<RelationKind> {
        self.relations.named(name).map(|relation| relation.kind)
    }

    /// The strongest lock that the open transaction holds on a relation.
    pub fn held(&self, name: &QName) -> Option<LockMode> {
        let held = self.held.iter().filter(|(oid, _)| self.relations.get(**oid).is_some_and(|it| it.name == *name));
        held.filter_map(|(_, modes)| modes.last().copied()).max()
    }

    /// Opens a transaction for the statements that follow.
    pub fn begin(&mut self) -> Result<(), postgres::Error> {
        self.client.batch_execute("BEGIN")?;
        self.at_begin = Some(self.relations.clone());
        self.held.clear();
        self.forget_counts()
    }

    /// Ends it and keeps what was done; a constraint that was deferred may refuse that.
    pub fn commit(&mut self) -> Result<(), postgres::Error> {
        let before = self.at_begin.take();
        self.held.clear();
        let done = self.client.batch_execute("COMMIT");
        if let (Err(_), Some(before)) = (&done, before) {
            self.relations = before;
        }
        done
    }

    /// Ends it and takes back what was done.
    pub fn rollback(&mut self) -> Result<(), postgres::Error> {
        if let Some(before) = self.at_begin.take() {
            self.relations = before;
        }
        self.held.clear();
        self.client.batch_execute("ROLLBACK")
    }

    /// Runs one statement. Refused by the server, it leaves everything as it was, also an open transaction. `table` is
    /// the one to hold it back by, should it refuse to run in a transaction.
    pub fn run(&mut self, statement: &str, table: Option<&QName>) -> Result<Result<Trace, Refusal>, postgres::Error> {
        self.run_then(statement, table, |_, _| Ok(()))
    }

    /// Runs one statement and looks around while its locks are still held, as far as they can be.
    pub fn run_then(
        &mut self,
        statement: &str,
        table: Option<&QName>,
        mut then: impl FnMut(&mut Self, &Trace) -> Result<(), postgres::Error>,
    ) -> Result<Result<Trace, Refusal>, postgres::Error> {
        if self.in_transaction() {
            let outcome = self.inside(statement)?;
            if let Ok(trace) = &outcome {
                then(self, trace)?;
            }
            return Ok(outcome);
        }
        self.begin()?;
        match self.inside(statement)? {
            Ok(trace) => {
                then(self, &trace)?;
                match self.commit() {
                    Ok(()) => Ok(Ok(trace)),
                    Err(error) => Refusal::of(error).map(Err),
                }
            }
            Err(refusal) => {
                self.rollback()?;
                match needs_no_transaction(&refusal) {
                    true => {
                        let outcome = self.outside(statement, table)?;
                        if let Ok(trace) = &outcome {
                            then(self, trace)?;
                        }
                        Ok(outcome)
                    }
                    false => Ok(Err(refusal)),
                }
            }
        }
    }

    /// In the open transaction, behind a savepoint.
    fn inside(&mut self, statement: &str) -> Result<Result<Trace, Refusal>, postgres::Error> {
        self.client.batch_execute("SAVEPOINT palladio")?;
        let started = Instant::now();
        if let Err(error) = self.client.execute(statement, &[]) {
            let refusal = Refusal::of(error)?;
            self.client.batch_execute("ROLLBACK TO palladio; RELEASE palladio")?;
            return Ok(Err(refusal));
        }
        let took = started.elapsed();
        if forgets_statements(statement) {
            self.look = self.client.prepare(LOOK)?;
        }
        let trace = self.look(took)?;
        self.client.batch_execute("RELEASE palladio")?;
        Ok(Ok(trace))
    }

    /// What the statement that just ran did in the open transaction.
    fn look(&mut self, took: Duration) -> Result<Trace, postgres::Error> {
        let mut trace = Trace { took, ..Trace::default() };
        let mut taken: BTreeMap<Oid, Lock> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for row in self.client.query(&self.look, &[])? {
            let oid: Oid = row.get(0);
            let Some(mode) = LockMode::named(row.get(1)) else { continue };
            // One row for each mode; what is new about a lock is seen before the first changes what is known.
            if seen.insert(oid) {
                let known = self.relations.get(oid).cloned();
                let now = Relation::of_row(&row, 2);
                self.note(oid, &row, known.as_ref(), now.as_ref(), &mut trace);
                // What is renamed is known to others by the name that it had.
                let Some(relation) = known.clone().or_else(|| now.clone()).filter(|relation| !relation.is_toast())
                else {
                    continue;
                };
                match now {
                    Some(now) => self.relations.put(oid, now),
                    None => self.relations.forget(oid),
                }
                let Relation { name, kind, .. } = relation;
                taken.insert(oid, Lock { relation: name, kind, mode: LockMode::AccessShare, new: known.is_none() });
            }
            let held = self.held.entry(oid).or_default();
            match taken.get_mut(&oid) {
                Some(lock) if held.insert(mode) => {
                    lock.mode = lock.mode.max(mode);
                    trace.locks.retain(|other| other.relation != lock.relation || other.kind != lock.kind);
                    trace.locks.push(lock.clone());
                }
                _ => {}
            }
        }
        trace.locks.sort();
        trace.rewritten.sort();
        trace.scans.sort();
        Ok(trace)
    }

    /// Whether the relation lies in another file than before, and how often it was read.
    fn note(&mut self, oid: Oid, row: &Row, known: Option<&Relation>, now: Option<&Relation>, trace: &mut Trace) {
        let Some(now) = now.filter(|now| !now.is_toast()) else { return };
        if let Some(known) = known
            && known.file.is_some()
            && now.file.is_some()
            && known.file != now.file
        {
            trace.rewritten.push(known.name.clone());
        }
        let count: (i64, i64) = (row.get(6), row.get(7));
        let before = self.counted.insert(oid, count).unwrap_or_default();
        // Whoever looks into an index does not read the table from end to end.
        if count.0 > before.0 && now.kind.is_table() {
            let relation = now.name.clone();
            trace.scans.push(Scan { relation, times: count.0 - before.0, rows: count.1 - before.1 });
        }
    }

    /// Scans of earlier transactions that the server still counts are not those of the next statement.
    fn forget_counts(&mut self) -> Result<(), postgres::Error> {
        const COUNTS: &str = "
            SELECT oid, pg_stat_get_xact_numscans(oid), pg_stat_get_xact_tuples_returned(oid)
            FROM unnest($1::oid[]) AS oid";
        self.counted.retain(|_, count| count.0 > 0);
        if self.counted.is_empty() {
            return Ok(());
        }
        let oids: Vec<Oid> = self.counted.keys().copied().collect();
        let rows = self.client.query(COUNTS, &[&oids])?;
        self.counted = rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        Ok(())
    }

    /// What the session has scanned so far, in whatever way.
    fn count_all(&mut self) -> Result<(), postgres::Error> {
        const COUNTS: &str = "
            SELECT oid, pg_stat_get_xact_numscans(oid), pg_stat_get_xact_tuples_returned(oid)
            FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm') AND pg_stat_get_xact_numscans(oid) > 0";
        let rows = self.client.query(COUNTS, &[])?;
        self.counted = rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        Ok(())
    }

    /// Without a transaction, watched by the second connection.
    fn outside(&mut self, statement: &str, table: Option<&QName>) -> Result<Result<Trace, Refusal>, postgres::Error> {
        let held_back = table.filter(|table| self.kind(table).is_some_and(RelationKind::is_table));
        let watched = watch::run(self.client, self.observer, self.backend, statement, held_back)?;
        if forgets_statements(statement) {
            self.look = self.client.prepare(LOOK)?;
        }
        let before = std::mem::replace(&mut self.relations, Relations::read(self.client)?);
        self.count_all()?;
        let refusal = match watched.outcome {
            Ok(()) => None,
            Err(error) => Some(Refusal::of(error)?),
        };
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        let mut locks = Vec::new();
        for (oid, mode) in watched.locks {
            let relation = before.get(oid).or_else(|| self.relations.get(oid));
            if let Some(relation) = relation.filter(|relation| !relation.is_toast()) {
                let new = before.get(oid).is_none();
                locks.push(Lock { relation: relation.name.clone(), kind: relation.kind, mode, new });
            }
        }
        locks.sort();
        let rewritten = self.relations.rewritten_since(&before);
        Ok(Ok(Trace { locks, rewritten, scans: Vec::new(), outside: true, took: watched.took }))
    }
}

/// PostgreSQL says so of CONCURRENTLY, VACUUM and their like, and of a procedure that commits.
fn needs_no_transaction(refusal: &Refusal) -> bool {
    let states = [SqlState::ACTIVE_SQL_TRANSACTION, SqlState::INVALID_TRANSACTION_TERMINATION];
    states.iter().any(|state| refusal.sqlstate == state.code())
}

/// `DISCARD ALL` and `DEALLOCATE ALL` take away the prepared statements of the session, also ours.
fn forgets_statements(statement: &str) -> bool {
    let word = statement.split_whitespace().next().unwrap_or("").trim_end_matches(';');
    ["DISCARD", "DEALLOCATE"].iter().any(|forgets| word.eq_ignore_ascii_case(forgets))
}
