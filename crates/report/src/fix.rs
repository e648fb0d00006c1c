//! A fix as text: the statements that do its changes, or the statements as they should have been written.

use model::{Change, Edit, Fix, Place, Reading, Schema, Sources};

pub(crate) struct FixText {
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) sql: Vec<String>,
}

impl FixText {
    pub(crate) fn of(fix: &Fix, reading: &Reading, places: &Statements) -> FixText {
        let sql = match &fix.edits[..] {
            [] => to_run(fix, &reading.schema),
            edits => edited(edits, &reading.sources, places),
        };
        FixText { title: fix.title.clone(), safe: fix.safe, sql }
    }
}

/// What is to be run of a fix that edits nothing.
pub(crate) fn to_run(fix: &Fix, schema: &Schema) -> Vec<String> {
    let mut sql = statements(schema, &fix.changes);
    sql.extend(fix.run.iter().map(|statement| format!("{statement};")));
    sql
}

/// The statements that do changes one after the other, to a database that stands as `before`.
pub fn statements(before: &Schema, changes: &[Change]) -> Vec<String> {
    let mut schema = before.clone();
    let mut statements = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        statements.extend(write::sql::postgres::change(&schema, change));
        // Nobody asks what the last one leaves, and of a drop that is dear to know. A change that the database would
        // refuse is shown all the same: the finding says why it is wanted.
        if index + 1 < changes.len() {
            let _ = model::apply(&mut schema, change);
        }
    }
    statements
}

/// Every statement that the edits touch, as it reads after them.
fn edited(edits: &[Edit], sources: &Sources, statements: &Statements) -> Vec<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.place);
    let mut extents: Vec<(Place, Vec<&Edit>)> = Vec::new();
    for edit in edits {
        let extent = statements.around(edit.place, sources);
        match extents.last_mut() {
            Some((last, inside)) if last.file == extent.file && extent.start < last.end => {
                last.end = last.end.max(extent.end);
                inside.push(edit);
            }
            _ => extents.push((extent, vec![edit])),
        }
    }
    extents.iter().map(|(extent, edits)| patched(*extent, edits, sources)).filter(|text| !text.is_empty()).collect()
}

/// The text of a place after the edits in it, which are in order. Of two that overlap, the first counts.
fn patched(extent: Place, edits: &[&Edit], sources: &Sources) -> String {
    let text = &sources.file(extent.file).text;
    let mut out = String::new();
    let mut done = extent.start;
    for edit in edits.iter().filter(|edit| edit.place.file == extent.file) {
        if edit.place.start < done || edit.place.end > extent.end {
            continue;
        }
        out += text.get(done as usize..edit.place.start as usize).unwrap_or("");
        out += &edit.text;
        done = edit.place.end;
    }
    out += text.get(done as usize..extent.end as usize).unwrap_or("");
    out.trim().to_owned()
}

/// The places of all statements, to find the one around an edit.
pub(crate) struct Statements {
    places: Vec<Place>,
}

impl Statements {
    pub(crate) fn of(reading: &Reading) -> Statements {
        let steps = reading.migrations.iter().flat_map(|migration| &migration.steps).map(|step| step.place);
        let queries = reading.queries.iter().map(|query| query.place);
        let mut places: Vec<Place> = steps.chain(queries).collect();
        places.sort_unstable();
        places.dedup();
        Statements { places }
    }

    /// The statement that holds the place, else its lines; of what is too long to show, the place itself.
    fn around(&self, place: Place, sources: &Sources) -> Place {
        const LONGEST: u32 = 16 * 1024;
        /// Statements overlap only where a block or routine holds others, so the holder is near.
        const NEAR: usize = 64;
        let before = self.places.partition_point(|other| (other.file, other.start) <= (place.file, place.start));
        let holds = |other: &&Place| other.file == place.file && other.end >= place.end && other.end > place.start;
        let statement = self.places[..before].iter().rev().take(NEAR).find(holds).copied();
        let lines = || {
            let file = sources.file(place.file);
            let first = file.line_at(place.start);
            let last = file.line_at(place.end);
            Place::new(place.file, first.start as u32, last.end as u32)
        };
        let short = |extent: &Place| extent.end - extent.start <= LONGEST;
        statement.filter(short).or_else(|| Some(lines()).filter(short)).unwrap_or(place)
    }
}
