use model::object::NotNull;
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
    /// may say “none” there.
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

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, column) in own_columns(schema) {
        let in_key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
        if !column.is_nullable() || in_key {
            continue;
        }
        let (lost, when) = match (&column.ty, column.default.as_ref().map(Expr::without_casts)) {
            (Type::Boolean, Some(Expr::Bool(_))) => ("is in neither list", "a comparison with NULL is neither true nor false"),
            (Type::Timestamp { .. }, Some(default)) if is_now(default) && is_creation(&column.name) => {
                ("sorts behind everything", "the time at which a row is made is always known")
            }
            _ => continue,
        };
        let path = column_path(table, column);
        findings
            .at(&path, format!("a row with NULL in {}.{} {lost}", table.name, column.name))
            .why(when)
            .unsafe_fix("make it NOT NULL", vec![Change::alter(path, Aspect::NotNull(Some(NotNull::default())))]);
    }
}

fn is_now(default: &Expr) -> bool {
    match default {
        Expr::Call(call) => matches!(call.function.name.as_str(), "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" | "timezone"),
        Expr::Keyword(word) => matches!(word.as_str(), "CURRENT_TIMESTAMP" | "LOCALTIMESTAMP"),
        _ => false,
    }
}

fn is_creation(name: &str) -> bool {
    ["created", "inserted", "create_time", "creation", "added_at"].iter().any(|word| name.to_ascii_lowercase().starts_with(word))
}
