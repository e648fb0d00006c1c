use model::object::Table;
use model::{Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};
use crate::words::grouped;

rule! {
    /// A very large table that grows with time is one piece; partition it by time before deleting from it.
    ///
    /// Deleting a month of 100 million rows takes hours, leaves the space to vacuum and the indexes bloated; dropping a partition
    /// takes milliseconds. VACUUM, index builds and a restore of one month also become small.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint PRIMARY KEY, page text NOT NULL, created_at timestamptz NOT NULL);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.visits", "rows": 181000000, "bytes": 48100000000, "dead_rows": 0}], "indexes": []}
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint PRIMARY KEY, page text NOT NULL, created_at timestamptz NOT NULL);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.visits", "rows": 1810000, "bytes": 481000000, "dead_rows": 0}], "indexes": []}
    /// ```
    "R011", note, Check::Schema(check)
}

const MANY: f64 = 50_000_000.0;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| !table.is_partitioned() && table.foreign.is_none()) {
        let Some(rows) = findings.rows(&table.name).filter(|rows| *rows >= MANY) else { continue };
        let Some(time) = time_of_writing(table) else { continue };
        findings.at(&Path::table(&table.name), format!("{} grows with time and is one piece", table.name)).why(
            format!("{} rows in the statistics; by {time} a month could be dropped in milliseconds", grouped(rows)),
        );
    }
}

/// The column that says when a row was written, never NULL.
fn time_of_writing(table: &Table) -> Option<&model::Name> {
    const WORDS: &[&str] =
        &["created", "happened", "inserted", "logged", "occurred", "recorded", "time", "timestamp", "ts"];
    let is_one = |name: &model::Name| words_of(name).first().is_some_and(|first| WORDS.contains(&first.as_str()));
    let times = table
        .columns
        .iter()
        .filter(|column| matches!(column.ty, Type::Timestamp { .. } | Type::Date) && !column.is_nullable());
    times.map(|column| &column.name).find(|name| is_one(name))
}
