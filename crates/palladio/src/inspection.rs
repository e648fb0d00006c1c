//! A database as a source: what it says becomes a reading, in which nothing has a place.

use live::{Access, Target, connection};
use model::Reading;
use model::dialect::Version;
use model::reading::{FoundSource, SourceKind};

use crate::Failure;

/// The reading of a running database, and the version of its server.
pub fn read(target: &Target) -> Result<(Reading, Version), Failure> {
    let mut client = connection::open(target, Access::ReadOnly)?;
    let found = live::introspect(&mut client)?;
    let source = FoundSource { path: target.address(), kind: SourceKind::Schema, files: 1, note: None };
    let reading = Reading {
        schema: found.schema,
        stats: Some(found.stats),
        problems: found.problems,
        found: vec![source],
        ..Reading::default()
    };
    Ok((reading, Version(found.version, 0)))
}
