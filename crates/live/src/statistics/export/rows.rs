//! What some rows of tables say, and the catalog does not. Several sessions read, each another table.

use std::cmp::Reverse;
use std::iter::once;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use model::QName;
use postgres::Transaction;

use super::super::file::{PlannerStats, Table};
use super::super::name;
use super::contents::{self, Taken};
use super::{snapshot, together};
use crate::{Client, Error};

/// Adds what rows of these tables say of the sizes of indexes that are not there. It takes far longer than the catalog,
/// and half of that with another session that reads as well.
pub fn read_rows(
    client: &mut Client,
    other: Option<&mut Client>,
    stats: &mut PlannerStats,
    is_wanted: impl Fn(&QName) -> bool,
) -> Result<(), Error> {
    let is_wanted = |table: &&mut Table| name::read(&table.name).is_some_and(|name| is_wanted(&name));
    let mut tables: Vec<&mut Table> = stats.tables.iter_mut().filter(is_wanted).collect();
    let mut transaction = snapshot(client)?;
    let mut other = other.map(snapshot).transpose()?;
    // The longest first: the end is near for all at the same time.
    tables.sort_by_key(|table| Reverse(table.pages));
    let taken = contents::columns(&mut transaction, &tables)?;
    let next = Mutex::new(tables.into_iter().zip(taken));
    let next = &next;
    let read = |transaction: &mut Transaction<'_>| -> Result<(), Error> {
        loop {
            // Each takes the next table that nobody has taken.
            let table = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((table, taken)) = table else { return Ok(()) };
            of_table(transaction, table, &taken)?;
        }
    };
    thread::scope(|scope| {
        let sessions = once(&mut transaction).chain(&mut other);
        let work: Vec<_> = sessions.map(|session| scope.spawn(move || read(session))).collect();
        work.into_iter().try_for_each(|work| work.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

fn of_table(transaction: &mut Transaction<'_>, table: &mut Table, taken: &[Taken]) -> Result<(), Error> {
    contents::read(transaction, table, taken)?;
    table.together = together::read(transaction, table)?;
    Ok(())
}
