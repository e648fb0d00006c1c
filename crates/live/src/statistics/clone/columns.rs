//! Rows of `pg_statistic`, as ANALYZE would have written them.
//!
//! <https://www.postgresql.org/docs/current/catalog-pg-statistic.html>; the kinds of slots are in `pg_statistic.h`. The
//! planner looks for a kind in any slot, and for the operator that sorted a histogram.

use std::collections::BTreeMap;

use model::QName;
use model::name::literal;

use super::super::file::{Column, PlannerStats};
use super::super::name;
use super::relations::Relations;
use super::types::{self, Facts};
use crate::name::qualified;
use crate::{Client, Error};

/// A column to write statistics of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) relation: u32,
    pub(super) number: i16,
    pub(super) ty: u32,
    pub(super) collation: u32,
}

const TSVECTOR: u32 = 3614;
const TEXT: u32 = 25;
const TEXT_EQUAL: u32 = 98;
const DEFAULT_COLLATION: u32 = 100;
const FLOAT8: u32 = 701;
const FLOAT8_LESS: u32 = 672;
const SLOTS: usize = 5;

pub(super) fn write(client: &mut Client, stats: &PlannerStats, here: &Relations) -> Result<(), Error> {
    let types = types::read(client)?;
    let attributes = attributes(client)?;
    let mut script = String::new();
    for table in stats.tables.iter().filter(|table| !table.columns.is_empty()) {
        let Some(found) = here.tables.get(&table.name) else { continue };
        script += &forget(found.oid);
        let known = attributes.get(&found.oid);
        for column in &table.columns {
            let at = known.and_then(|known| known.iter().find(|(name, _)| *name == column.name));
            if let Some((_, attribute)) = at {
                script += &insert(column, *attribute, &types);
            }
        }
    }
    for index in stats.indexes.iter().filter(|index| !index.columns.is_empty()) {
        let (Some(found), Some(name)) = (here.indexes.get(&index.name), name::read(&index.name)) else { continue };
        script += &forget(found.oid);
        let known = attributes.get(&found.oid);
        for column in &index.columns {
            let at = known.and_then(|known| known.iter().find(|(_, at)| at.number == column.number));
            let Some((_, attribute)) = at else { continue };
            if let Some(ty) = type_of_expression(client, &name, column.number)? {
                script += &insert(column, Attribute { ty, ..*attribute }, &types);
            }
        }
    }
    Ok(client.batch_execute(&script)?)
}

fn forget(relation: u32) -> String {
    format!("DELETE FROM pg_catalog.pg_statistic WHERE starelid = {relation};\n")
}

/// The columns of every relation, with their names.
pub(super) fn attributes(client: &mut Client) -> Result<BTreeMap<u32, Vec<(String, Attribute)>>, Error> {
    let mut found: BTreeMap<u32, Vec<(String, Attribute)>> = BTreeMap::new();
    for row in client.query(
        "SELECT attrelid, attnum, attname::text, atttypid, attcollation FROM pg_catalog.pg_attribute
         WHERE attnum > 0 AND NOT attisdropped AND attrelid >= 16384 ORDER BY attrelid, attnum",
        &[],
    )? {
        let attribute = Attribute { relation: row.get(0), number: row.get(1), ty: row.get(3), collation: row.get(4) };
        found.entry(attribute.relation).or_default().push((row.get(2), attribute));
    }
    Ok(found)
}

/// ANALYZE compares what the expression gives, which is not what the index stores: a GIN index of a tsvector stores
/// text (`examine_attribute` in `analyze.c`).
fn type_of_expression(client: &mut Client, index: &QName, number: i16) -> Result<Option<u32>, Error> {
    let row = client.query_opt(
        "SELECT n.nspname::text, c.relname::text, pg_get_indexdef(i.indexrelid, $2::int2::int, false)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE i.indexrelid = $1::text::regclass",
        &[&qualified(index), &number],
    )?;
    let Some(row) = row else { return Ok(None) };
    let (table, expression) = (QName::new(row.get::<_, &str>(0), row.get::<_, &str>(1)), row.get::<_, &str>(2));
    let prepared = client.prepare(&format!("SELECT ({expression}) FROM {}", qualified(&table)))?;
    Ok(prepared.columns().first().map(|column| column.type_().oid()))
}

/// Something of one kind that is known of a column.
struct Slot {
    kind: u8,
    operator: u32,
    collation: u32,
    numbers: Option<String>,
    values: Option<String>,
}

pub(super) fn insert(column: &Column, at: Attribute, types: &BTreeMap<u32, Facts>) -> String {
    let mut slots = slots(column, at, types);
    slots.truncate(SLOTS);
    let empty = || Slot { kind: 0, operator: 0, collation: 0, numbers: None, values: None };
    slots.resize_with(SLOTS, empty);
    let each = |write: &dyn Fn(&Slot) -> String| slots.iter().map(write).collect::<Vec<_>>().join(", ");
    let null = || "NULL".to_owned();
    format!(
        "INSERT INTO pg_catalog.pg_statistic VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});\n",
        at.relation,
        at.number,
        column.inherited,
        column.null_frac,
        column.avg_width,
        column.n_distinct,
        each(&|slot| slot.kind.to_string()),
        each(&|slot| slot.operator.to_string()),
        each(&|slot| slot.collation.to_string()),
        each(&|slot| slot.numbers.clone().unwrap_or_else(null)),
        each(&|slot| slot.values.clone().unwrap_or_else(null)),
    )
}

fn slots(column: &Column, at: Attribute, types: &BTreeMap<u32, Facts>) -> Vec<Slot> {
    let facts = types.get(&at.ty).copied().unwrap_or_default();
    // Words of a tsvector are text, compared by the default collation (`ts_typanalyze.c`).
    let (element, equal, collation) = match at.ty {
        TSVECTOR => (TEXT, TEXT_EQUAL, DEFAULT_COLLATION),
        _ => (facts.element, types.get(&facts.element).map_or(0, |facts| facts.equal), at.collation),
    };
    let mut slots = Vec::new();
    let mut add = |kind, operator, collation, numbers: Option<&[f32]>, values: Option<(&str, u32)>| {
        let numbers = numbers.map(|numbers| {
            let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
            format!("'{{{}}}'::real[]", numbers.join(","))
        });
        let values = values.map(|(values, ty)| format!("array_in({}, {ty}, -1)", literal(values)));
        slots.push(Slot { kind, operator, collation, numbers, values });
    };
    if let (Some(values), Some(frequencies)) = (&column.most_common_vals, &column.most_common_freqs) {
        add(1, facts.equal, at.collation, Some(frequencies), Some((values, at.ty)));
    }
    if let Some(bounds) = &column.histogram_bounds {
        add(2, facts.less, at.collation, None, Some((bounds, at.ty)));
    }
    if let Some(correlation) = column.correlation {
        add(3, facts.less, at.collation, Some(&[correlation]), None);
    }
    if let (Some(values), Some(frequencies)) = (&column.most_common_elems, &column.most_common_elem_freqs)
        && element != 0
    {
        add(4, equal, collation, Some(frequencies), Some((values, element)));
    }
    if let Some(counts) = &column.elem_count_histogram {
        add(5, equal, collation, Some(counts), None);
    }
    if let (Some(lengths), Some(empty)) = (&column.range_length_histogram, column.range_empty_frac) {
        add(6, FLOAT8_LESS, 0, Some(&[empty]), Some((lengths, FLOAT8)));
    }
    if let Some(bounds) = &column.range_bounds_histogram {
        add(7, 0, 0, None, Some((bounds, at.ty)));
    }
    slots
}
