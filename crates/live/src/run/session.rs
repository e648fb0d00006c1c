//! The two connections of a run: one works, the other holds the lock of the run and looks at the first.
//!
//! Both hold an advisory lock. The first of a new run is free as soon as the process of an old one is gone; the second
//! only when the server has noticed that, too: what a killed run was doing may go on for a moment.

use std::thread;
use std::time::{Duration, Instant};

use model::name::{PUBLIC, quoted};
use model::{Name, QName};
use postgres::Client;

use super::event::{Event, Watch};
use crate::connection::{self, Access};
use crate::name::qualified;
use crate::{Error, Target};

#[allow(missing_debug_implementations, reason = "a connection has nothing to show")]
pub(super) struct Session {
    pub(super) worker: Client,
    pub(super) monitor: Client,
    /// The backend of the worker.
    pub(super) pid: i32,
    namespace: Name,
}

/// The first half of the key of the locks: `PALL`, and `PALW` for the worker.
const RUN: i32 = 0x5041_4c4c;
const WORK: i32 = 0x5041_4c57;

/// How long a killed run may take to end by itself before it is ended.
const PATIENCE: Duration = Duration::from_secs(15);

impl Session {
    pub(super) fn open(target: &Target, namespace: &Name, watch: &mut dyn Watch) -> Result<Session, Error> {
        let mut monitor = connection::open(target, Access::ReadWrite)?;
        monitor.batch_execute("SET application_name = 'palladio migrate'")?;
        let key = key(namespace);
        alone(&mut monitor, key)?;
        let mut worker = connection::open(target, Access::ReadWrite)?;
        prepare(&mut worker, namespace)?;
        let started = Instant::now();
        let mut told = false;
        while !locked(&mut worker, WORK, key)? {
            thread::sleep(Duration::from_millis(100));
            let Some(holder) = holder(&mut monitor, WORK, key)? else { continue };
            if !told {
                watch.see(Event::Notes(&format!("a run that was ended is still at work: {holder}")));
                told = true;
            }
            if started.elapsed() > PATIENCE {
                monitor.execute("SELECT pg_terminate_backend($1)", &[&holder.pid])?;
            }
        }
        let pid = worker.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        Ok(Session { worker, monitor, pid, namespace: namespace.clone() })
    }

    pub(super) fn namespace(&self) -> &Name {
        &self.namespace
    }

    /// The name in this database of what the plan names.
    pub(super) fn placed(&self, name: &QName) -> String {
        if name.schema == PUBLIC {
            return qualified(&QName { schema: self.namespace.clone(), name: name.name.clone() });
        }
        qualified(name)
    }
}

fn prepare(worker: &mut Client, namespace: &Name) -> Result<(), Error> {
    // A plan leaves `public` out of its names. In a tenant's schema, `public` has what all tenants share.
    let path = if *namespace == PUBLIC { "public".to_owned() } else { format!("{}, public", quoted(namespace)) };
    worker.batch_execute(&format!(
        "SET application_name = 'palladio migrate'; SET search_path = {path}; SET statement_timeout = 0; SET row_security = off;
         SET datestyle = 'ISO, YMD'; SET intervalstyle = postgres; SET extra_float_digits = 1;
         SET standard_conforming_strings = on; SET client_min_messages = warning",
    ))?;
    // A statement whose process is gone ends within this time. Not every system under a server can tell.
    match worker.batch_execute("SET client_connection_check_interval = '1s'") {
        Err(error) if error.as_db_error().is_none() => Err(error.into()),
        _ => Ok(()),
    }
}

fn locked(client: &mut Client, class: i32, key: i32) -> Result<bool, Error> {
    Ok(client.query_one("SELECT pg_try_advisory_lock($1, $2)", &[&class, &key])?.get(0))
}

/// One lock for each schema that a plan may be run in.
fn key(namespace: &Name) -> i32 {
    let hash = namespace.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::from_ne_bytes(hash.to_ne_bytes())
}

/// The session that holds a lock.
struct Holder {
    pid: i32,
    words: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "pid {}, {}", self.pid, self.words)
    }
}

fn holder(client: &mut Client, class: i32, key: i32) -> Result<Option<Holder>, Error> {
    let row = client.query_opt(
        // Of sessions of other users not everybody sees everything.
        "SELECT a.pid, coalesce(nullif(a.application_name, ''), 'some program') || coalesce(' of ' || a.usename, '')
                || coalesce(' from ' || a.client_addr, '')
                || coalesce(', since ' || to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'), '')
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int8 = $1 AND l.objid::int8 = $2 AND l.objsubid = 2
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         LIMIT 1",
        &[&i64::from(class), &i64::from(u32::from_ne_bytes(key.to_ne_bytes()))],
    )?;
    Ok(row.map(|row| Holder { pid: row.get(0), words: row.get(1) }))
}

/// A server that has much to do takes a moment to notice that a process is gone.
const GRACE: Duration = Duration::from_secs(3);

/// Takes the lock of the run, or says who has it.
fn alone(monitor: &mut Client, key: i32) -> Result<(), Error> {
    let started = Instant::now();
    while !locked(monitor, RUN, key)? {
        let holder = holder(monitor, RUN, key)?;
        if started.elapsed() > if holder.is_some() { GRACE } else { PATIENCE } {
            let who = holder.map_or_else(|| "who, cannot be seen".to_owned(), |holder| holder.to_string());
            return Err(Error::refused(
                format!("another migration runs on this database: {who}"),
                "Wait until it is done: palladio migrate status; or stop it there with Ctrl-C",
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Who runs something in this schema now.
pub(super) fn running(client: &mut Client, namespace: &Name) -> Result<Option<String>, Error> {
    Ok(holder(client, RUN, key(namespace))?.map(|holder| holder.to_string()))
}
