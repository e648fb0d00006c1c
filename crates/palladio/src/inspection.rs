//! A database as a source: what it says becomes a reading, in which nothing has a place.

use live::{Access, Target, connection};
use model::Reading;
use model::dialect::Version;
use model::reading::{FoundSource, SourceKind};

use crate::Failure;

/// The reading of a running database, and the version of its server.
pub fn read(url: &str) -> Result<(Reading, Version), Failure> {
    let name = shown(url);
    let mut client = connection::open(&Target::parse(url)?, Access::ReadOnly)?;
    let found = live::introspect(&mut client)?;
    let source = FoundSource { path: name, kind: SourceKind::Schema, files: 1, note: None };
    let reading = Reading {
        schema: found.schema,
        stats: Some(found.stats),
        problems: found.problems,
        found: vec![source],
        ..Reading::default()
    };
    Ok((reading, Version(found.version, 0)))
}

/// The one database that the sources name. It is read by itself: a database and files are two states to compare.
pub(crate) fn only(sources: &[String]) -> Result<Option<&str>, Failure> {
    match sources {
        [only] if is_url(only) => Ok(Some(only)),
        several if several.iter().any(|source| is_url(source)) => {
            Err(Failure::new("a database is read by itself, without other sources")
                .hint("Run it once for the database and once for the files"))
        }
        _ => Ok(None),
    }
}

pub(crate) fn is_url(source: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| source.starts_with(scheme))
}

/// The address without user, password and parameters.
fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let rest = rest.split(['?', '#']).next().unwrap_or("");
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_is_secret() {
        for (url, expected) in [
            ("postgres://u:s3cret@db.example:5432/shop?sslmode=require", "postgres://db.example:5432/shop"),
            ("postgresql://db/shop", "postgresql://db/shop"),
            ("postgres://u:p@ss@db/shop?password=x", "postgres://db/shop"),
            ("postgres:///shop?host=/run/sockets", "postgres:///shop"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn a_database_and_files_are_not_read_together() {
        let sources = ["postgres://db/shop".to_owned(), "schema.sql".to_owned()];
        assert_eq!(only(&sources[..1]).ok().flatten(), Some("postgres://db/shop"));
        assert_eq!(only(&sources[1..]).ok().flatten(), None);
        assert!(only(&sources).is_err());
    }
}
