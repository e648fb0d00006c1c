use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A birthday is stored as an instant and moves with the time zone; use `date`.
    ///
    /// Midnight of 1 May in Berlin is 30 April in London: whoever reads it in another zone than it was written in sees the day
    /// before.
    ///
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, birth_date timestamptz);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, date_of_birth timestamptz);
    /// ```
    /// ```sql,good
    /// CREATE TABLE people (id bigint PRIMARY KEY, birth_date date, born_at timestamptz);
    /// ```
    "T031", fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Timestamp { .. }) {
        return;
    }
    let names_day = matches!(
        at.words.iter().map(Name::as_str).collect::<Vec<_>>()[..],
        ["dob"] | ["birthday"] | ["birthdate"] | [.., "birth", "date" | "day"] | [.., "date", "of", "birth"]
    );
    if !names_day {
        return;
    }
    let path = column_path(table, column);
    findings
        .at_type(&path, format!("{}.{} is another day in another time zone", table.name, column.name))
        .why("midnight in Berlin is the day before in London")
        .unsafe_fix("make it date", vec![Change::set_type(path, Type::Date)]);
}
