//! Statements that make and drop an index while the table is in use.

use model::object::Index;
use model::step::How;
use model::{Change, Name, QName, Schema};

/// What makes the index without stopping writes.
///
/// A partitioned table takes none concurrently: an index on it alone is made first, and becomes valid when each
/// partition's own, made concurrently, is attached.
pub fn made(schema: &Schema, table: &QName, index: &Index) -> Vec<String> {
    let mut lines = Vec::new();
    make(schema, table, index, &mut lines);
    lines
}

fn make(schema: &Schema, table: &QName, index: &Index, lines: &mut Vec<String>) {
    let change = Change::add_index(table, index.clone());
    if !is_partitioned(schema, table) {
        let how = How { concurrently: true, ..How::default() };
        lines.extend(write::sql::postgres::change_as(schema, &change, &how));
        return;
    }
    let alone = write::sql::postgres::change(schema, &change).concat();
    let name = model::name::quoted(index.name.as_str());
    lines.push(alone.replacen(&format!(" {name} ON "), &format!(" {name} ON ONLY "), 1));
    let whole = QName::new(table.schema.clone(), index.name.clone());
    for part in schema.tables().filter(|part| part.partition_of.as_ref().is_some_and(|of| of.parent == *table)) {
        let own = Index { name: name_on(&part.name, table, index), ..index.clone() };
        make(schema, &part.name, &own, lines);
        let attached = QName::new(part.name.schema.clone(), own.name);
        lines.push(format!("ALTER INDEX {whole} ATTACH PARTITION {attached};"));
    }
}

/// What drops it; that of a partitioned table goes with a lock on all of it, which is held for a moment.
pub fn dropped(schema: &Schema, table: &QName, index: &Name) -> String {
    let how = if is_partitioned(schema, table) { "" } else { " CONCURRENTLY" };
    format!("DROP INDEX{how} {};", QName::new(table.schema.clone(), index.clone()))
}

pub fn is_partitioned(schema: &Schema, table: &QName) -> bool {
    schema.table(table).is_some_and(|table| table.partition_by.is_some())
}

/// The name of the index with the partition's name for that of the table.
fn name_on(part: &QName, table: &QName, index: &Index) -> Name {
    let end = index.name.as_str().strip_prefix(table.name.as_str()).unwrap_or("_idx");
    let room = 63_usize.saturating_sub(end.len());
    let stem = part.name.as_str();
    let cut = (0..=room.min(stem.len())).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{end}", &stem[..cut]).into()
}
