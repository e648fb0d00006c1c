use std::collections::BTreeMap;

use model::object::{Column, Table};
use model::{Change, Name, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};

rule! {
    /// Nearly all tables have a column of that name and this one has not; add it.
    ///
    /// Code that treats all tables alike (auditing, synchronization, soft deletion, the base class of the models) fails on this
    /// one, or leaves it out without a word. Only times of writing are looked at, and only tables with a key of their own.
    ///
    /// ```sql,bad
    /// CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE e (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE f (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE g (id bigint PRIMARY KEY, name text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);
    /// CREATE TABLE b (id bigint PRIMARY KEY, name text NOT NULL);
    /// ```
    "D019", note, opt_in, fix, Check::Schema(check)
}

const FEWEST: usize = 6;
const MOST: usize = 85;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let with_key =
        |table: &&Table| table.foreign.is_none() && table.primary_key().is_some_and(|key| key.columns.len() == 1);
    let tables: Vec<&Table> = own_tables(schema).filter(with_key).collect();
    let mut having: BTreeMap<&Name, Vec<&Column>> = BTreeMap::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        let first = words_of(&column.name).into_iter().next().unwrap_or_default();
        if matches!(column.ty, Type::Timestamp { .. }) && matches!(first.as_str(), "created" | "updated") {
            having.entry(&column.name).or_default().push(column);
        }
    }
    for (name, columns) in having {
        if columns.len() < FEWEST || columns.len() * 100 < tables.len() * MOST {
            continue;
        }
        for table in tables.iter().filter(|table| table.column(name).is_none()) {
            let model = columns[0];
            let column = Column { not_null: None, default: None, ..model.clone() };
            findings
                .at(&Path::table(&table.name), format!("{} has no {name}", table.name))
                .why(format!("{} of {} tables have one", columns.len(), tables.len()))
                .fix("add it, NULL for old rows", vec![Change::add_column(&table.name, column)]);
        }
    }
}
