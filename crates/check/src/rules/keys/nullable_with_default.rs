use std::collections::BTreeMap;

use model::object::{Column, NotNull, Table};
use model::{Aspect, Change, Expr, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_columns};

rule! {
    /// A flag or time of creation has a default and may be NULL all the same; make it NOT NULL.
    ///
    /// The default says what is meant when nothing is given; an explicit NULL still gets in. `WHERE NOT is_deleted` then misses
    /// the row, and so does `WHERE is_deleted`: with NULL it is in neither list. Other defaults are left alone, as NULL
    /// may say “none” there. Where it is the habit of a project, one finding speaks for all.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, is_deleted boolean DEFAULT false);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, created_at timestamptz DEFAULT now());
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, is_deleted boolean NOT NULL DEFAULT false, quota integer DEFAULT 10);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, is_verified boolean DEFAULT NULL, seen_at timestamptz DEFAULT now());
    /// ```
    "K019", note, fix, Check::Schema(check)
}

/// Of more than so many of a sort, one finding speaks for all.
const HABIT: usize = 3;

/// What NULL means in such a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Flag,
    Creation,
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut found: BTreeMap<Sort, Vec<(&Table, &Column)>> = BTreeMap::new();
    for (table, column) in own_columns(schema) {
        let in_key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
        if let Some(sort) = sort(column).filter(|_| column.is_nullable() && !in_key) {
            found.entry(sort).or_default().push((table, column));
        }
    }
    for (sort, columns) in found {
        let (lost, why) = match sort {
            Sort::Flag => ("is in neither list", "a comparison with NULL is neither true nor false"),
            Sort::Creation => ("sorts behind everything", "the time at which a row is made is always known"),
        };
        let together = if columns.len() > HABIT { columns.len() } else { 1 };
        for columns in columns.chunks(together) {
            let (table, column) = columns[0];
            let path = column_path(table, column);
            let message = match columns.len() {
                1 => format!("a row with NULL in {}.{} {lost}", table.name, column.name),
                count => format!(
                    "a row with NULL in {}.{} {lost}; {} more columns are like it",
                    table.name,
                    column.name,
                    count - 1
                ),
            };
            let required = |(table, column): &(&Table, &Column)| {
                Change::alter(column_path(table, column), Aspect::NotNull(Some(NotNull::default())))
            };
            findings.at(&path, message).why(why).unsafe_fix("make it NOT NULL", columns.iter().map(required).collect());
        }
    }
}

fn sort(column: &Column) -> Option<Sort> {
    match (&column.ty, column.default.as_ref().map(Expr::without_casts)) {
        (Type::Boolean, Some(Expr::Bool(_))) => Some(Sort::Flag),
        (Type::Timestamp { .. }, Some(default)) if is_now(default) && is_creation(&column.name) => Some(Sort::Creation),
        _ => None,
    }
}

fn is_now(default: &Expr) -> bool {
    match default {
        Expr::Call(call) => matches!(
            call.function.name.as_str(),
            "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" | "timezone"
        ),
        Expr::Keyword(word) => matches!(word.as_str(), "CURRENT_TIMESTAMP" | "LOCALTIMESTAMP"),
        _ => false,
    }
}

fn is_creation(name: &str) -> bool {
    ["created", "inserted", "create_time", "creation", "added_at"]
        .iter()
        .any(|word| name.to_ascii_lowercase().starts_with(word))
}
