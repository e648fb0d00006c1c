use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A date or time is kept as text; use `date` or `timestamptz`.
    ///
    /// As text, `2.1.2026` sorts behind `10.1.2025`, `2026-02-30` is stored without complaint, and neither “the last 7 days” nor
    /// an index on it works. Every query has to parse, and fails on the first value that is written differently.
    ///
    /// ```sql,bad
    /// CREATE TABLE invoices (id bigint PRIMARY KEY, due_date varchar(10));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, shipped_at text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE invoices (id bigint PRIMARY KEY, due_date date, date_format text, depends_on text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE films (id bigint PRIMARY KEY, look_at text, release_date_label text);
    /// ```
    "T016", fix, Check::Column(check)
}

/// `…_at` after these speaks of an instant.
const DONE: &[&str] = &["accessed", "begins", "deleted", "ends", "expires", "run", "seen", "sent", "starts"];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Text | Type::Varchar(_) | Type::Char(_)) || column.generated.is_some() {
        return;
    }
    let words = at.words;
    let ty = match words.iter().map(Name::as_str).collect::<Vec<_>>()[..] {
        [.., "date"] | ["dob"] | ["birthday"] | ["birthdate"] | [.., "birth", "day"] => Type::Date,
        [.., "datetime" | "timestamp"] => instant(),
        [.., done, "at"] if done.ends_with("ed") || DONE.contains(&done) => instant(),
        _ => return,
    };
    let path = column_path(table, column);
    let title = format!("make it {ty}");
    let mut changes = Vec::new();
    if column.default.is_some() {
        changes.push(Change::alter(path.clone(), model::Aspect::Default(None)));
    }
    changes.push(Change::set_type(path.clone(), ty));
    findings
        .at_type(&path, format!("{}.{} takes what is no date and sorts by letters", table.name, column.name))
        .why("2026-02-30 is stored; the last 7 days cannot be asked for with an index")
        .unsafe_fix(title, changes);
}

fn instant() -> Type {
    Type::Timestamp { zone: true, precision: None }
}
