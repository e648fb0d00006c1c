//! The columns of a row as the model wants them.

use model::Name;
use model::object::Options;
use postgres::Row;

/// A text as a name.
pub(super) fn name(row: &Row, column: &str) -> Name {
    row.get::<_, &str>(column).into()
}

pub(super) fn some_name(row: &Row, column: &str) -> Option<Name> {
    row.get::<_, Option<&str>>(column).map(Name::from)
}

/// A list of texts; none when it is NULL.
pub(super) fn texts<'a>(row: &'a Row, column: &str) -> Vec<&'a str> {
    row.get::<_, Option<Vec<&str>>>(column).unwrap_or_default()
}

pub(super) fn names(row: &Row, column: &str) -> Vec<Name> {
    texts(row, column).into_iter().map(Name::from).collect()
}

/// `{name=value, …}`
pub(super) fn options(row: &Row, column: &str) -> Options {
    texts(row, column).into_iter().map(option).collect()
}

fn option(text: &str) -> (Name, Name) {
    let (name, value) = text.split_once('=').unwrap_or((text, "true"));
    (name.into(), value.into())
}

/// The letter of a "char" that was cast to text.
pub(super) fn letter(row: &Row, column: &str) -> char {
    row.get::<_, &str>(column).chars().next().unwrap_or(' ')
}
