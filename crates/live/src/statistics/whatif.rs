//! Indexes that stand for the planner alone: real ones on an empty clone, as long as they would be, which stand or do
//! not stand from one EXPLAIN to the next.
//!
//! `CREATE INDEX` writes the file without keeping its pages in memory, so that it can be lengthened and its height
//! written before the planner looks (`nbtsort.c`). Built on the table itself it would read all the pages that are not
//! there, and set its rows to none: so it is built on an empty twin of the table. To let it stand, a transaction that is
//! never committed says that it is the table's, and a planner that does not see it loses no time with it.
//!
//! Nobody else sees it either: several sessions plan at the same time, each with indexes of its own. All of them make
//! the same ones in the same order, and say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};

use model::QName;

use crate::name::qualified;
use crate::{Error, Lab};
pub use seat::{Planned, Seat};

mod parameters;
mod seat;

/// A database of a lab, on which indexes come and go.
pub struct WhatIf {
    seats: Vec<Seat>,
    parts: BTreeMap<QName, Vec<Part>>,
    /// Indexes of the schema that do not stand.
    hidden: BTreeSet<u32>,
}

impl std::fmt::Debug for WhatIf {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("WhatIf").field("seats", &self.seats).finish_non_exhaustive()
    }
}

/// An index that is to stand.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    pub table: &'w QName,
    /// Makes it on a table, under a name.
    pub statement: &'w (dyn Fn(&QName, &str) -> String + Sync),
    pub rows: f64,
    pub pages: u32,
    pub height: u32,
}

impl std::fmt::Debug for Wanted<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Wanted").field("table", self.table).field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// A table with rows of its own, and an empty one that is like it.
#[derive(Clone, Debug)]
struct Part {
    table: u32,
    twin: QName,
    twin_oid: u32,
    /// Of the rows of the whole table.
    share: f64,
}

/// The schema of the twins.
const TWINS: &str = "palladio_twins";
/// Each makes every index anew, and has a system column of tables to itself ([`seat`]), of which there are six.
const MOST_SEATS: usize = 4;

impl WhatIf {
    /// On a database that statistics were cloned into.
    pub fn new(lab: &Lab, database: &str) -> Result<WhatIf, Error> {
        let count = available_parallelism().map_or(1, usize::from).min(MOST_SEATS);
        let mut seats: Vec<Seat> =
            (0..count).map(|number| Seat::new(lab, database, number)).collect::<Result<_, _>>()?;
        seats[0].committed()?.batch_execute(&format!("CREATE SCHEMA {TWINS}"))?;
        Ok(WhatIf { seats, parts: BTreeMap::new(), hidden: BTreeSet::new() })
    }

    /// Makes indexes, of so many rows, pages and levels, which do not stand yet; or says what the server says to one. The
    /// number of each is how many were made before.
    pub fn make(&mut self, wanted: &[Wanted<'_>]) -> Vec<Result<(), Error>> {
        let parts: Vec<Result<Vec<Part>, Error>> = wanted.iter().map(|wanted| self.parts(wanted.table)).collect();
        let possible: Vec<(&Wanted<'_>, &[Part])> =
            wanted.iter().zip(&parts).filter_map(|(wanted, parts)| Some((wanted, parts.as_deref().ok()?))).collect();
        let mut made: Vec<Result<(), Error>> = thread::scope(|scope| {
            let possible = &possible;
            let work: Vec<_> = self.seats.iter_mut().map(|seat| scope.spawn(move || seat.make(possible))).collect();
            let made = work.into_iter().map(|made| made.join().unwrap_or_else(|panic| resume_unwind(panic)));
            // What one cannot make none has.
            made.reduce(|all, one| all.into_iter().zip(one).map(|(all, one)| all.and(one)).collect())
                .unwrap_or_default()
        });
        let are_made: Vec<bool> = made.iter().map(Result::is_ok).collect();
        self.seats.iter_mut().for_each(|seat| seat.keep(&are_made));
        let mut made = made.drain(..);
        parts.into_iter().map(|parts| parts.and_then(|_| made.next().expect("it was tried"))).collect()
    }

    /// The table, or its partitions, each with an empty twin.
    fn parts(&mut self, table: &QName) -> Result<Vec<Part>, Error> {
        if let Some(known) = self.parts.get(table) {
            return Ok(known.clone());
        }
        let client = self.seats[0].committed()?;
        let rows = client.query(
            "SELECT c.oid, n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::float8
             FROM pg_partition_tree($1::text::regclass) t JOIN pg_class c ON c.oid = t.relid
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')
             UNION
             SELECT c.oid, n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::float8
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = $1::text::regclass AND c.relkind IN ('r', 'm')
             ORDER BY 1",
            &[&qualified(table)],
        )?;
        let total: f64 = rows.iter().map(|row| row.get::<_, f64>(3)).sum();
        let mut parts = Vec::new();
        for row in &rows {
            let table: u32 = row.get(0);
            let own = QName::new(row.get::<_, &str>(1), row.get::<_, &str>(2));
            let twin = QName::new(TWINS, format!("of_{table}"));
            let (made, like) = (qualified(&twin), qualified(&own));
            client.batch_execute(&format!(
                "CREATE TABLE {made} (LIKE {like} INCLUDING GENERATED);
                 UPDATE pg_catalog.pg_class SET relhasindex = true WHERE oid = {table}"
            ))?;
            let twin_oid = client.query_one("SELECT $1::text::regclass::oid", &[&made])?.get(0);
            let share = if total > 0.0 { row.get::<_, f64>(3) / total } else { 1.0 / rows.len() as f64 };
            parts.push(Part { table, twin, twin_oid, share });
        }
        self.parts.insert(table.clone(), parts.clone());
        Ok(parts)
    }

    /// Those who can be asked, at the same time; at least one.
    pub fn seats(&mut self) -> &mut [Seat] {
        &mut self.seats
    }

    /// Lets the planner pass over these indexes of the schema, and over no others of it. Those of partitions go with the
    /// one of their table.
    pub fn hide(&mut self, indexes: &[QName]) -> Result<(), Error> {
        let client = self.seats[0].committed()?;
        let named: Vec<String> = indexes.iter().map(qualified).collect();
        let rows = client.query(
            "WITH RECURSIVE hidden AS (
               SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name
               UNION
               SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN hidden h ON i.inhparent = h.oid)
             SELECT oid FROM hidden WHERE oid IS NOT NULL",
            &[&named],
        )?;
        let wanted: BTreeSet<u32> = rows.iter().map(|row| row.get(0)).collect();
        for (oids, valid) in [
            (wanted.difference(&self.hidden).collect::<Vec<_>>(), false),
            (self.hidden.difference(&wanted).collect::<Vec<_>>(), true),
        ] {
            if !oids.is_empty() {
                client.batch_execute(&format!(
                    "UPDATE pg_catalog.pg_index SET indisvalid = {valid} WHERE indexrelid IN ({})",
                    listed(oids)
                ))?;
            }
        }
        self.hidden = wanted;
        Ok(())
    }
}

fn listed<'o>(oids: impl IntoIterator<Item = &'o u32>) -> String {
    oids.into_iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}
