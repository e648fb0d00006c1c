//! The values of columns as one number each, so that what was lost or changed on the way shows.

use model::name::quoted;
use model::{Name, QName};
use postgres::Client;

/// A column that keeps its values, by its names before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub before: (QName, Name),
    pub after: (QName, Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// How many rows there are, and their values, whatever their order.
pub(super) type Image = (i64, Option<String>);

pub(super) fn take(client: &mut Client, kept: &[Kept], moment: Moment) -> Result<Vec<Image>, postgres::Error> {
    let mut images = Vec::new();
    for one in kept {
        let (table, column) = if moment == Moment::Before { &one.before } else { &one.after };
        let column = quoted(column);
        let query = format!(
            "SELECT count(*), md5(string_agg(md5(coalesce({column}::text, '~')), '' ORDER BY md5(coalesce({column}::text, '~')))) \
             FROM {table}"
        );
        let image = match client.query_one(&query, &[]) {
            Ok(row) => (row.get(0), row.get(1)),
            // Gone altogether: a count that no table has.
            Err(_) => (-1, None),
        };
        images.push(image);
    }
    Ok(images)
}

pub(super) fn changed(kept: &[Kept], before: &[Image], after: &[Image]) -> Vec<String> {
    let pairs = kept.iter().zip(before.iter().zip(after));
    let different = pairs.filter(|(_, (before, after))| before != after);
    let said = different.map(|(kept, (before, after))| {
        let (table, column) = &kept.after;
        let name = format!("{table}.{}", quoted(column));
        match (before.0, after.0) {
            (_, -1) => format!("{name} is not there"),
            (rows, now) if rows != now => format!("{table} has {now} rows, and had {rows}"),
            _ => format!("{name} has other values than before"),
        }
    });
    said.collect()
}
