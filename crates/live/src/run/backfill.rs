//! Rows get their new values, a window of keys at a time: each batch a short transaction that says itself how far it
//! came.
//!
//! A window is so many rows in the order of the key, whatever they need; in it the rows that still need their values
//! are locked, those that somebody else holds are left out, and the others are written. When the last window is done,
//! what was left out or came late is sought by its condition alone, until there is none.

use std::time::{Duration, Instant};

use model::name::{literal, quoted};
use model::planned::Backfill;
use postgres::Client;

use super::Options;
use super::attempt::{persist, wait};
use super::book::Book;
use super::event::{Event, Watch};
use super::halt::Halt;
use super::pace::{Others, Size};
use super::session::Session;
use crate::Error;

/// While a batch waits for one row it holds others, so it waits less than a step does.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// The part of a batch's time that others have the server for themselves.
const REST: u32 = 4;

pub(super) fn run(
    session: &mut Session,
    backfill: &Backfill,
    number: usize,
    book: &Book,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    let entry = book.entries.get(&number).filter(|_| book.is_running(number));
    let mut cursor = entry.and_then(|entry| entry.cursor.clone()).filter(|cursor| !cursor.is_empty());
    let into = backfill.into.as_ref().map(|into| session.placed(into));
    let sql = Sql::new(session.placed(&backfill.table), into, backfill);
    let total = persist(session, options, watch, |worker| estimated(worker, &sql.table))?;
    let mut run = Run {
        table: &sql.table,
        size: Size::new(backfill.batch, total),
        others: Others::new(),
        seen: entry.map_or(0, |entry| entry.seen),
        changed: entry.map_or(0, |entry| entry.changed),
        total,
        started: Instant::now(),
        before: entry.map_or(0, |entry| entry.seen),
        options,
        number,
        book,
    };
    loop {
        let question = sql.window(cursor.as_deref(), run.size.rows());
        let found = persist(session, options, watch, |worker| window(worker, &question))?;
        let Some((last, rows)) = found else { break };
        let bounds = sql.bounds(cursor.as_deref(), &last);
        run.batch(session, &sql.batch(&bounds), &last, rows, watch)?;
        cursor = Some(last);
    }
    // What was held by others, and what came behind the cursor.
    let last = cursor.unwrap_or_default();
    while persist(session, options, watch, |worker| is_due(worker, &sql))? {
        let rows = run.size.rows();
        if run.batch(session, &sql.rest(rows, Held::LeftOut), &last, 0, watch)? == 0 {
            run.batch(session, &sql.rest(rows, Held::WaitedFor), &last, 0, watch)?;
        }
    }
    Ok(())
}

struct Run<'a> {
    table: &'a str,
    size: Size,
    others: Others,
    seen: i64,
    changed: i64,
    total: u64,
    started: Instant,
    /// Rows that earlier runs have seen.
    before: i64,
    options: &'a Options,
    number: usize,
    book: &'a Book,
}

impl Run<'_> {
    fn batch(
        &mut self,
        session: &mut Session,
        statement: &str,
        cursor: &[String],
        seen: i64,
        watch: &mut dyn Watch,
    ) -> Result<i64, Halt> {
        if watch.stops() {
            return Err(Halt::Stopped);
        }
        let (book, number) = (self.book, self.number);
        let lock_timeout = self.options.lock_timeout.min(LONGEST_WAIT).as_millis();
        let started = Instant::now();
        let mut tries = 0;
        let done = persist(session, self.options, watch, |worker| {
            tries += 1;
            let mut transaction = worker.transaction()?;
            transaction.batch_execute(&format!("SET LOCAL lock_timeout = {lock_timeout}"))?;
            let row = transaction.query_one(statement, &[])?;
            let (changed, unchanged): (i64, i64) = (row.get(0), row.get(1));
            if unchanged > 0 {
                return Ok(Err(unchanged));
            }
            book.advance(&mut transaction, number, cursor, changed, seen)?;
            transaction.commit()?;
            Ok(Ok(changed))
        })?;
        let changed = done.map_err(|rows| {
            Error::refused(
                format!("{rows} rows still meet the condition of the backfill after they got their values"),
                "It would never come to its end: the plan, or a trigger of the table, is wrong; nothing was kept of it",
            )
        })?;
        let took = started.elapsed();
        if tries > 1 {
            self.size.shrink();
        } else if seen > 0 {
            self.size.learn(took, self.options.batch_time);
        }
        self.seen += seen;
        self.changed += changed;
        let rate = (self.seen - self.before) as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
        watch.see(Event::Rows {
            seen: count(self.seen),
            of: self.total.max(count(self.seen)),
            changed: count(self.changed),
            rate,
            batch: count(self.size.rows()),
        });
        wait(took.min(self.options.batch_time) / REST, watch)?;
        if self.others.let_go_first(&mut session.monitor, self.table, self.options, watch)? {
            self.size.shrink();
        }
        Ok(changed)
    }
}

/// What becomes of rows that somebody else holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    LeftOut,
    WaitedFor,
}

/// The statements of a backfill.
struct Sql {
    /// The table, as this database calls it.
    table: String,
    key: Vec<String>,
    write: Write,
    condition: String,
}

/// What is written for each row that is due.
enum Write {
    /// `column = (value), …` of the row itself.
    Set(String),
    /// A row of another table, made of these values.
    Insert { into: String, columns: String, values: Vec<String> },
}

impl Sql {
    fn new(table: String, into: Option<String>, backfill: &Backfill) -> Sql {
        let joined = |one: &dyn Fn(&(model::Name, String)) -> String| {
            backfill.set.iter().map(one).collect::<Vec<String>>().join(", ")
        };
        let write = match into {
            None => Write::Set(joined(&|(column, value)| format!("{} = ({value})", quoted(column)))),
            Some(into) => Write::Insert {
                into,
                columns: joined(&|(column, _)| quoted(column).into_owned()),
                values: backfill.set.iter().map(|(_, value)| value.clone()).collect(),
            },
        };
        Sql {
            table,
            key: backfill.key.iter().map(|column| quoted(column).into_owned()).collect(),
            write,
            condition: backfill.condition.clone(),
        }
    }

    /// The last key of the next `rows` rows, and how many there are.
    fn window(&self, cursor: Option<&[String]>, rows: i64) -> String {
        let after = cursor.map_or_else(String::new, |cursor| format!("WHERE {}", self.compared(">", cursor)));
        let key = self.key.join(", ");
        let text: Vec<String> = self.key.iter().map(|column| format!("{column}::text")).collect();
        let backwards: Vec<String> = self.key.iter().map(|column| format!("{column} DESC")).collect();
        format!(
            "SELECT ARRAY[{}], count(*) OVER () FROM (SELECT {key} FROM {} {after} ORDER BY {key} LIMIT {rows}) keys \
             ORDER BY {} LIMIT 1",
            text.join(", "),
            self.table,
            backwards.join(", "),
        )
    }

    fn bounds(&self, cursor: Option<&[String]>, last: &[String]) -> String {
        let end = self.compared("<=", last);
        match cursor {
            Some(cursor) => format!("{} AND {end}", self.compared(">", cursor)),
            None => end,
        }
    }

    /// The literals have no type of their own and take that of their column.
    fn compared(&self, sign: &str, values: &[String]) -> String {
        let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
        format!("({}) {sign} ({})", self.key.join(", "), values.join(", "))
    }

    /// Writes the rows of a window that are due and free.
    fn batch(&self, bounds: &str) -> String {
        self.write(&format!("{bounds} AND ({})", self.condition), "", Held::LeftOut, &format!("{bounds} AND "))
    }

    /// Writes some of the rows that are due, wherever they are.
    fn rest(&self, rows: i64, held: Held) -> String {
        self.write(&format!("({})", self.condition), &format!(" LIMIT {rows}"), held, "")
    }

    /// How many rows were written, and how many of them are due again. The rows are locked in the order of their key,
    /// as by whoever else does it orderly; from then on nobody changes them.
    fn write(&self, which: &str, limit: &str, held: Held, bounds: &str) -> String {
        let (table, key, condition) = (&self.table, self.key.join(", "), &self.condition);
        let skip = if held == Held::LeftOut { " SKIP LOCKED" } else { "" };
        let due = |columns: &[String]| {
            format!(
                "WITH due AS MATERIALIZED (SELECT {} FROM {table} WHERE {which} ORDER BY {key}{limit} \
                 FOR NO KEY UPDATE{skip})",
                columns.join(", "),
            )
        };
        match &self.write {
            Write::Set(set) => {
                let key = self.key.iter().enumerate();
                let columns: Vec<String> =
                    key.clone().map(|(index, column)| format!("{column} AS palladio_key_{index}")).collect();
                let same: Vec<String> =
                    key.map(|(index, column)| format!("{table}.{column} = due.palladio_key_{index}")).collect();
                format!(
                    "{}, written AS (UPDATE {table} SET {set} FROM due WHERE {bounds}{} \
                     RETURNING ({condition}) IS TRUE AS again) \
                     SELECT count(*), count(*) FILTER (WHERE again) FROM written",
                    due(&columns),
                    same.join(" AND "),
                )
            }
            // Whose row is there by now has it from a trigger, which knew the newest values.
            Write::Insert { into, columns, values } => {
                let named: Vec<String> = values
                    .iter()
                    .enumerate()
                    .map(|(index, value)| format!("({value}) AS palladio_value_{index}"))
                    .collect();
                format!(
                    "{}, written AS (INSERT INTO {into} ({columns}) SELECT * FROM due ON CONFLICT DO NOTHING RETURNING 1) \
                     SELECT (SELECT count(*) FROM due), 0::bigint FROM (SELECT count(*) FROM written) AS written",
                    due(&named),
                )
            }
        }
    }
}

fn window(worker: &mut Client, question: &str) -> Result<Option<(Vec<String>, i64)>, postgres::Error> {
    Ok(worker.query_opt(question, &[])?.map(|row| (row.get(0), row.get(1))))
}

fn is_due(worker: &mut Client, sql: &Sql) -> Result<bool, postgres::Error> {
    let question = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE ({}))", sql.table, sql.condition);
    Ok(worker.query_one(&question, &[])?.get(0))
}

/// About how many rows the table has, as the planner takes it; also when nobody has counted yet.
fn estimated(worker: &mut Client, table: &str) -> Result<u64, postgres::Error> {
    let lines = worker.query(&format!("EXPLAIN SELECT 1 FROM {table}"), &[])?;
    // Seq Scan on orders  (cost=0.00..155.00 rows=10000 width=4)
    let rows = |line: &str| line.split("rows=").nth(1)?.split(' ').next()?.parse().ok();
    Ok(lines.first().and_then(|line| rows(line.get(0))).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use model::QName;

    use super::*;

    #[test]
    fn a_batch_is_one_statement() {
        let backfill = Backfill {
            table: QName::public("orders"),
            key: vec!["shop".into(), "id".into()],
            into: None,
            set: vec![("total".into(), "price * count".to_owned())],
            condition: "total IS NULL".to_owned(),
            batch: 100,
        };
        let sql = Sql::new("public.orders".to_owned(), None, &backfill);
        let (cursor, last) = (["a'b".to_owned(), "7".to_owned()], ["b".to_owned(), "9".to_owned()]);
        assert_eq!(
            sql.window(Some(&cursor), 50),
            "SELECT ARRAY[shop::text, id::text], count(*) OVER () FROM (SELECT shop, id FROM public.orders \
             WHERE (shop, id) > ('a''b', '7') ORDER BY shop, id LIMIT 50) keys ORDER BY shop DESC, id DESC LIMIT 1"
        );
        assert_eq!(
            sql.batch(&sql.bounds(Some(&cursor), &last)),
            "WITH due AS MATERIALIZED (SELECT shop AS palladio_key_0, id AS palladio_key_1 FROM public.orders \
             WHERE (shop, id) > ('a''b', '7') AND (shop, id) <= ('b', '9') AND (total IS NULL) ORDER BY shop, id \
             FOR NO KEY UPDATE SKIP LOCKED), \
             written AS (UPDATE public.orders SET total = (price * count) FROM due \
             WHERE (shop, id) > ('a''b', '7') AND (shop, id) <= ('b', '9') \
             AND public.orders.shop = due.palladio_key_0 AND public.orders.id = due.palladio_key_1 \
             RETURNING (total IS NULL) IS TRUE AS again) \
             SELECT count(*), count(*) FILTER (WHERE again) FROM written"
        );
    }
}
