//! Whether the database is the one that a plan was made for, and whether it became the one that was planned.

use model::name::PUBLIC;
use model::planned::Fingerprint;

use super::event::{Event, Watch};
use super::session::Session;
use crate::{Error, introspect};

/// The shape of the schema that the plan is run in.
pub(super) fn of(session: &mut Session) -> Result<Fingerprint, Error> {
    let found = introspect(&mut session.worker)?;
    Ok(match session.namespace() {
        public if *public == PUBLIC => Fingerprint::of(&found.schema),
        tenant => Fingerprint::of_namespace(&found.schema, tenant),
    })
}

/// Before the first step: a plan for another database is refused.
pub(super) fn is_the_one(
    session: &mut Session,
    from: Fingerprint,
    force: bool,
    watch: &mut dyn Watch,
) -> Result<(), Error> {
    let is = of(session)?;
    if is == from {
        return Ok(());
    }
    let said = format!("the database is not the one that the plan was made for: its shape is {is}, not {from}");
    if force {
        watch.see(Event::Notes(&format!("warning: {said}; it is run all the same, as --force says")));
        return Ok(());
    }
    Err(Error::refused(said, "See what is different: palladio diff SOURCE URL; then plan again from there"))
}

/// After the last step.
pub(super) fn is_reached(
    session: &mut Session,
    to: Fingerprint,
    force: bool,
    watch: &mut dyn Watch,
) -> Result<(), Error> {
    let is = of(session)?;
    if is == to {
        return Ok(());
    }
    let unfinished = unfinished(session)?;
    let likely = match &unfinished[..] {
        [] => String::new(),
        several => format!("; unfinished are {}", several.join(", ")),
    };
    let said = format!("every step is done, but the database has not the planned shape: {is}, not {to}{likely}");
    if force {
        watch.see(Event::Notes(&format!("warning: {said}")));
        return Ok(());
    }
    Err(Error::refused(said, "Somebody changed it meanwhile. See what is different: palladio diff URL TARGET"))
}

/// What a broken run leaves behind: invalid indexes, and constraints that were not validated.
fn unfinished(session: &mut Session) -> Result<Vec<String>, Error> {
    let namespace = session.namespace().to_string();
    let rows = session.worker.query(
        "SELECT 'invalid index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE NOT i.indisvalid AND n.nspname = $1 AND c.relkind = 'i'
         UNION ALL
         SELECT 'constraint ' || k.conname || ' that is not validated' FROM pg_constraint k
         JOIN pg_namespace n ON n.oid = k.connamespace WHERE NOT k.convalidated AND n.nspname = $1
         ORDER BY 1",
        &[&namespace],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
