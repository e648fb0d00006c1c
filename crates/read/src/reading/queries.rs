//! Files of queries, read against the finished schema.

use std::collections::BTreeMap;

use model::reading::{FoundSource, SourceKind};
use model::{FileId, Reading};

use super::scripts::Scripts;
use crate::layout::{Section, Wrap};
use crate::session;

/// Reads the statements of each file; they are asked of the schema and change nothing.
pub(super) fn read(reading: &mut Reading, scripts: &mut Scripts, files: &[FileId]) {
    let mut folders: BTreeMap<String, u32> = BTreeMap::new();
    for &file in files {
        let source = reading.sources.file(file);
        let folder = source.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        *folders.entry(folder.to_owned()).or_default() += 1;
        let whole = std::iter::once(0..source.text.len()).collect();
        let section = Section { file, ranges: whole, wrap: Wrap::Never };
        let ran = scripts.run(&reading.sources, &section, |script| session::ask(&reading.schema, script));
        reading.queries.extend(ran.queries);
        reading.problems.extend(ran.problems);
        reading.coverage.statements += ran.coverage.statements;
        reading.coverage.understood += ran.coverage.understood;
    }
    let found = folders.into_iter();
    reading.found.extend(found.map(|(path, files)| FoundSource { path, kind: SourceKind::Queries, files, note: None }));
}
