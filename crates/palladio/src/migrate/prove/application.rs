//! The queries that stand in files: the application asks them.

use live::prove::Asked;
use model::Reading;
use model::query::Origin;
use read::sql::postgres::sendable;

/// Those that can be sent; where a template stands, only its tool knows what is asked.
pub(super) fn queries(reading: &Reading) -> Vec<Asked> {
    let of_files = reading.queries.iter().filter(|found| found.origin == Origin::File);
    let asked = of_files.filter_map(|found| {
        let sendable = sendable(reading.sources.text(found.place));
        if sendable.templated {
            return None;
        }
        let file = reading.sources.file(found.place.file);
        let start = file.position(found.place.start);
        let name = found.name.as_ref().map_or_else(|| format!("of line {}", start.line), ToString::to_string);
        Some(Asked {
            name,
            sql: sendable.text.trim_end().trim_end_matches(';').to_owned(),
            file: file.path.to_string(),
            start: (start.line, start.column),
        })
    });
    asked.collect()
}
