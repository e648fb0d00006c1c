//! Identity columns that change places: the new one goes on from the number that the old one gave out last, also when
//! the rows that got the last numbers are gone.

use model::QName;
use model::name::{literal, quoted};

/// Notes the last number for the rest of the transaction.
pub(super) fn remember(table: &QName, column: &str) -> String {
    format!(
        "SELECT set_config('{}', pg_sequence_last_value({}::regclass)::text, true)",
        setting(table, column),
        sequence(table, column)
    )
}

/// Goes on from the number that was noted, and never behind one that a row has.
pub(super) fn go_on(table: &QName, column: &str) -> String {
    format!(
        "SELECT setval({}, coalesce(last, 1), last IS NOT NULL) FROM \
         (SELECT GREATEST(max({}), nullif(current_setting('{}', true), '')::bigint) AS last FROM {table}) AS numbers",
        sequence(table, column),
        quoted(column),
        setting(table, column),
    )
}

fn sequence(table: &QName, column: &str) -> String {
    format!("pg_get_serial_sequence({}, {})", literal(&table.to_string()), literal(column))
}

fn setting(table: &QName, column: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let name: String = format!("{}_{}_{column}", table.schema, table.name).chars().map(plain).collect();
    format!("palladio.last_{name}")
}
