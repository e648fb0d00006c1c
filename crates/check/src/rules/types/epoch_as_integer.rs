use model::{Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// An instant is kept as a number; `timestamptz` takes the same 8 bytes and is one.
    ///
    /// Whether the number counts seconds or milliseconds stands nowhere, and a service that guesses wrong writes dates in the
    /// year 57,000. Nobody can read it in a result, and `date_trunc`, ranges and partitions by month need a conversion.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, created_at bigint NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE tokens (id bigint PRIMARY KEY, expires_at integer NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, starts_at_step integer, look_at integer);
    /// ```
    "T018", note, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    const DONE: &[&str] = &["begins", "ends", "expires", "expiry", "starts"];
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Integer | Type::BigInt) {
        return;
    }
    let words = at.words;
    let [.., done, at] = words else { return };
    if at != "at" || !(done.ends_with("ed") || DONE.contains(&done.as_str())) {
        return;
    }
    let draft = findings
        .at_type(
            &column_path(table, column),
            format!("{}.{} counts from 1970 in a unit that is not said", table.name, column.name),
        )
        .why("seconds and milliseconds look alike to the database");
    if column.ty == Type::Integer {
        draft.why("an integer of seconds ends on 19 January 2038");
    }
}
