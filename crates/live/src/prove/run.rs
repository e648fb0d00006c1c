//! The work of a step, watched or not.

use std::collections::BTreeSet;

use model::planned::Work;
use model::{LockMode, QName};
use postgres::Client;

use crate::trace::{RelationKind, Trace, Tracer};
use crate::{Error, Refusal};

/// No statement of somebody else's may hang the rehearsal. The zone is not UTC: there `timestamp` and `timestamptz`
/// store the same, and a rewrite that production would see does not happen.
pub(super) const SETTINGS: &str = "SET client_min_messages = error; SET timezone = 'America/New_York';
    SET statement_timeout = '120s'; SET lock_timeout = '30s'";

/// What was seen, put together.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The strongest lock on each table or view that was there before.
    pub(super) locks: Vec<(QName, LockMode)>,
    pub(super) rewritten: Vec<QName>,
    pub(super) scanned: Vec<QName>,
}

impl Seen {
    /// `made` is what the transaction has made itself: nobody else can wait for it.
    pub(super) fn add(&mut self, trace: Trace, tracer: &Tracer<'_>, made: &mut BTreeSet<QName>) {
        made.extend(trace.locks.iter().filter(|lock| lock.new).map(|lock| lock.relation.clone()));
        let others = |name: &QName| !made.contains(name);
        for lock in trace.locks.into_iter().filter(|lock| lock.kind.holds_rows() && others(&lock.relation)) {
            match self.locks.iter_mut().find(|(relation, _)| *relation == lock.relation) {
                Some((_, mode)) => *mode = (*mode).max(lock.mode),
                None => self.locks.push((lock.relation, lock.mode)),
            }
        }
        self.locks.sort();
        // Its indexes follow a table.
        let table = |name: &QName| tracer.kind(name).is_none_or(RelationKind::is_table);
        for (known, names) in [
            (
                &mut self.rewritten,
                trace.rewritten.into_iter().filter(|name| table(name) && others(name)).collect::<Vec<_>>(),
            ),
            (&mut self.scanned, trace.scans.into_iter().map(|scan| scan.relation).filter(others).collect()),
        ] {
            known.extend(names);
            known.sort();
            known.dedup();
        }
    }
}

/// `PostgreSQL 17.2`, without what packagers put behind it.
pub(super) fn server(client: &mut Client) -> Result<String, postgres::Error> {
    let version: String = client.query_one("SHOW server_version", &[])?.get(0);
    Ok(format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default()))
}

/// Runs it with its locks watched by the second connection. `about` is a table of it that it may not name.
pub(super) fn traced(
    work: &Work,
    [client, observer]: [&mut Client; 2],
    used: &BTreeSet<QName>,
    about: Option<&QName>,
) -> Result<Result<Seen, Refusal>, Error> {
    let mut tracer = Tracer::new(client, observer)?;
    let together = matches!(work, Work::Together(_));
    if together {
        tracer.begin()?;
    }
    let (mut seen, mut made) = (Seen::default(), BTreeSet::new());
    for statement in statements(work) {
        match tracer.run(&statement, named(&statement, used).or(about))? {
            Ok(trace) => seen.add(trace, &tracer, &mut made),
            Err(refusal) => {
                if together {
                    tracer.rollback()?;
                }
                return Ok(Err(refusal));
            }
        }
    }
    match together.then(|| tracer.commit()) {
        Some(Err(error)) => Ok(Err(Refusal::of(error)?)),
        _ => Ok(Ok(seen)),
    }
}

/// Runs it, and looks at nothing.
pub(super) fn plainly(client: &mut Client, work: &Work) -> Result<Result<(), Refusal>, Error> {
    let together = matches!(work, Work::Together(_));
    if together {
        client.batch_execute("BEGIN")?;
    }
    for statement in statements(work) {
        if let Err(error) = client.batch_execute(&statement) {
            let refusal = Refusal::of(error)?;
            if together {
                client.batch_execute("ROLLBACK")?;
            }
            return Ok(Err(refusal));
        }
    }
    match together.then(|| client.batch_execute("COMMIT")) {
        Some(Err(error)) => Ok(Err(Refusal::of(error)?)),
        _ => Ok(Ok(())),
    }
}

/// The server's words, with what it says in particular.
pub(super) fn said(refusal: &Refusal) -> String {
    let detail = refusal.detail.as_deref().map(|detail| format!(" ({})", detail.trim_end_matches('.')));
    format!("{}{}", refusal.message, detail.unwrap_or_default())
}

fn statements(work: &Work) -> Vec<String> {
    match work {
        Work::Backfill(backfill) => vec![backfill.statement()],
        work => work.statements().into_iter().map(str::to_owned).collect(),
    }
}

/// The table to hold a statement back by, so that its locks can be seen: the longest known name that it says.
pub(super) fn named<'a>(statement: &str, used: &'a BTreeSet<QName>) -> Option<&'a QName> {
    let words: BTreeSet<&str> = statement.split([' ', '(', ')', ';', ',', '\n']).collect();
    let said = used.iter().filter(|name| words.contains(&*name.to_string()));
    said.max_by_key(|name| name.to_string().len())
}
