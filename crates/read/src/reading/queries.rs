//! Files of queries, read against the finished schema.

use std::collections::BTreeMap;

use model::reading::{FoundSource, SourceKind};
use model::{FileId, Reading, Sources};

use super::scripts::Scripts;
use crate::layout::{Section, Wrap};
use crate::session;

/// The whole of each file.
pub(super) fn sections(sources: &Sources, files: &[FileId]) -> Vec<Section> {
    let whole = |file| std::iter::once(0..sources.file(file).text.len()).collect();
    files.iter().map(|&file| Section { file, ranges: whole(file), wrap: Wrap::Never }).collect()
}

/// Reads the statements of each file; they are asked of the schema and change nothing.
pub(super) fn read(reading: &mut Reading, scripts: &mut Scripts<'_, '_>, sections: &[Section]) {
    let mut folders: BTreeMap<String, u32> = BTreeMap::new();
    for section in sections {
        let source = reading.sources.file(section.file);
        let folder = source.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        *folders.entry(folder.to_owned()).or_default() += 1;
        let ran = scripts.run(section, |script| session::ask(&reading.schema, script));
        reading.queries.extend(ran.queries);
        reading.problems.extend(ran.problems);
        reading.coverage.statements += ran.coverage.statements;
        reading.coverage.understood += ran.coverage.understood;
    }
    let found = folders.into_iter();
    reading.found.extend(found.map(|(path, files)| FoundSource { path, kind: SourceKind::Queries, files, note: None }));
}
