use model::object::{Column, Table};
use model::{Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Outlier, Style, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::{At, column_path, words_of};
use crate::words::comma;

rule! {
    /// An instant does not end as the others do; call it `…_at` where they are.
    ///
    /// With `created_at` in one table and `created_on` or `creation_time` in the next, each query has to look the name up,
    /// and generic code (soft deletion, auditing, paging by time) misses the odd one. The rule speaks only where most
    /// instants of the project end alike, or where `naming.time-suffixes` of the configuration lists the words. Names that
    /// say what they are (`valid_from`, `expires`, `last_seen`) are left alone.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     created_at timestamptz,
    ///     updated_at timestamptz,
    ///     shipped_at timestamptz,
    ///     paid_at timestamptz,
    ///     cancelled_on timestamptz
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     created_at timestamptz,
    ///     updated_at timestamptz,
    ///     shipped_at timestamptz,
    ///     paid_at timestamptz,
    ///     valid_from timestamptz,
    ///     due_on date
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     create_time timestamptz,
    ///     update_time timestamptz,
    ///     ship_time timestamptz,
    ///     pay_time timestamptz,
    ///     cancel_time timestamptz
    /// );
    /// ```
    "N011", note, fix, Check::Schema(check)
}

/// Words that say that the name speaks of a time and nothing else.
const SUFFIXES: &[&str] = &["at", "date", "datetime", "dt", "on", "time", "timestamp", "ts"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let is_instant = |column: &Column| matches!(column.ty, Type::Timestamp { .. });
    let told = findings.house().time_suffixes.as_deref();
    let mut instants: Vec<(&Table, &Column, Name)> = Vec::new();
    for At { table, column, words, .. } in findings.sight().columns().filter(|at| is_instant(at.column)) {
        let Some(last) = words.last().filter(|last| words.len() > 1 && SUFFIXES.contains(&last.as_str())) else {
            continue;
        };
        instants.push((table, column, last.clone()));
    }
    let told_way = told.and_then(|words| words.first()).map(String::as_str);
    let shown = instants.iter().map(|(_, _, last)| last.as_str());
    let Some(style) = style(told_way, shown, "at") else { return };
    let (Style::Told(way) | Style::Shown { way, .. }) = style else { return };
    // `start_time` says more than `start_at` would: only what has happened is called by when.
    let has_happened =
        |column: &Column| words_of(&column.name).iter().rev().nth(1).is_some_and(|word| word.ends_with("ed"));
    let fits = |last: &str| told.map_or(last == way, |words| words.iter().any(|word| word == last));
    let outliers =
        instants.iter().filter(|(_, column, last)| !fits(last) && has_happened(column)).map(|(table, column, last)| {
            let path = column_path(table, column);
            let stem = &column.name[..column.name.len() - last.len()];
            let camel = column.name.ends_with(|char: char| char.is_alphanumeric()) && !stem.ends_with('_');
            let better = match camel {
                true => stem.to_owned() + &way[..1].to_uppercase() + &way[1..],
                false => format!("{stem}{way}"),
            };
            Outlier { changes: renames::part(schema, &path, &better), path, better }
        });
    let outliers = outliers.collect();
    let way = format!("end in {}", told.map_or(way.to_owned(), comma));
    let why = "a query that knows the one name fails with the other";
    report(findings, style, outliers, &Wording { things: "instants", way, why });
}
