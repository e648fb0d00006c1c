//! What `CREATE STATISTICS` collected. No version up to 18 takes it, so its stored form is made here: bytes that a cast
//! without a function calls statistics.
//!
//! Combinations and dependencies are numbers and written as they are. Common values are stored as each type stores its
//! own; for those the server is given a table with one row for each, analyzes it, and only the frequencies are written
//! over. Expressions become rows of `pg_statistic` of that table first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::QName;
use model::name::{literal, quoted};

use super::super::file::{Common, Extended, Part, PlannerStats};
use super::super::name;
use super::{Cloned, SCRATCH, columns, types};
use crate::name::qualified;
use crate::{Client, Error};

/// `statistics.h`: a number that says what follows, and the version of its layout.
const DISTINCT: [u32; 2] = [0xA352_BFA4, 1];
const DEPENDENCIES: [u32; 2] = [0xB454_9A2C, 1];

const CASTS: [&str; 3] = ["pg_ndistinct", "pg_dependencies", "pg_mcv_list"];

pub(super) fn write(client: &mut Client, stats: &PlannerStats, major: u16, cloned: &mut Cloned) -> Result<(), Error> {
    let objects: Vec<(&str, &Extended)> = stats
        .tables
        .iter()
        .flat_map(|table| table.extended.iter().map(|object| (table.name.as_str(), object)))
        .collect();
    if objects.is_empty() {
        return Ok(());
    }
    client.batch_execute(&format!("CREATE SCHEMA {SCRATCH}"))?;
    for ty in CASTS {
        client.batch_execute(&format!("CREATE CAST (bytea AS pg_catalog.{ty}) WITHOUT FUNCTION"))?;
    }
    let mut written = Ok(());
    for (table, object) in objects {
        // Before 15 there is one row for each object, and it is of the table alone.
        written = written.and_then(|()| match name::read(table).zip(name::read(&object.name)) {
            Some((table, name)) => one(client, &table, &name, object, major, cloned),
            None => Ok(()),
        });
    }
    for ty in CASTS {
        client.batch_execute(&format!("DROP CAST (bytea AS pg_catalog.{ty})"))?;
    }
    client.batch_execute(&format!("DROP SCHEMA {SCRATCH} CASCADE"))?;
    written
}

/// An object of the lab.
struct Here {
    oid: u32,
    /// Numbers of its columns in the table.
    columns: BTreeMap<String, i16>,
    /// In the order in which the server keeps values: columns by number, then expressions.
    parts: Vec<Part>,
    /// The text of each part.
    texts: Vec<String>,
}

fn one(
    client: &mut Client,
    table: &QName,
    name: &QName,
    object: &Extended,
    major: u16,
    cloned: &mut Cloned,
) -> Result<(), Error> {
    let Some(here) = find(client, name)? else {
        cloned.notes.push(format!("the lab has no statistics object {}", object.name));
        return Ok(());
    };
    let mut same = (here.parts.clone(), object.of.clone());
    same.0.sort();
    same.1.sort();
    if same.0 != same.1 {
        cloned.notes.push(format!("the statistics object {} is of other columns in the lab", object.name));
        return Ok(());
    }
    let scratch = !object.common.is_empty() || !object.expressions.is_empty();
    if scratch {
        make_scratch(client, table, &here)?;
    }
    let distinct = (!object.distinct.is_empty()).then(|| distinct(object, &here));
    let dependencies = (!object.dependencies.is_empty()).then(|| dependencies(object, &here));
    let common = match object.common.is_empty() {
        true => None,
        false => common(client, object, &here)?,
    };
    let has_expressions = expressions(client, object, &here)?;
    let bytes = |bytes: Option<Vec<u8>>, ty: &str| {
        bytes.map_or("NULL".to_owned(), |bytes| format!("'\\x{}'::bytea::pg_catalog.{ty}", hex(&bytes)))
    };
    let expressions = match has_expressions {
        true => format!(
            "(SELECT array_agg(s ORDER BY staattnum) FROM pg_catalog.pg_statistic s WHERE starelid = '{SCRATCH}.values'::regclass)"
        ),
        false => "NULL".to_owned(),
    };
    let inherited = if major >= 15 { format!("{}, ", object.inherited) } else { String::new() };
    let only = if major >= 15 { format!(" AND stxdinherit = {}", object.inherited) } else { String::new() };
    client.batch_execute(&format!(
        "DELETE FROM pg_catalog.pg_statistic_ext_data WHERE stxoid = {oid}{only};
         INSERT INTO pg_catalog.pg_statistic_ext_data VALUES ({oid}, {inherited}{}, {}, {}, {expressions});",
        bytes(distinct, "pg_ndistinct"),
        bytes(dependencies, "pg_dependencies"),
        bytes(common, "pg_mcv_list"),
        oid = here.oid,
    ))?;
    if scratch {
        client.batch_execute(&format!("DROP TABLE {SCRATCH}.values"))?;
    }
    Ok(())
}

fn find(client: &mut Client, name: &QName) -> Result<Option<Here>, Error> {
    let row = client.query_opt(
        "SELECT e.oid, ARRAY(SELECT k::int2 FROM unnest(e.stxkeys) k ORDER BY k),
                ARRAY(SELECT a.attname::text FROM unnest(e.stxkeys) k JOIN pg_attribute a
                      ON a.attrelid = e.stxrelid AND a.attnum = k ORDER BY k),
                coalesce(pg_get_statisticsobjdef_expressions(e.oid), '{}')
         FROM pg_statistic_ext e JOIN pg_namespace n ON n.oid = e.stxnamespace
         WHERE n.nspname = $1::text AND e.stxname = $2::text",
        &[&name.schema.as_str(), &name.name.as_str()],
    )?;
    Ok(row.map(|row| {
        let (numbers, names, expressions): (Vec<i16>, Vec<String>, Vec<String>) = (row.get(1), row.get(2), row.get(3));
        let count = expressions.len();
        Here {
            oid: row.get(0),
            parts: names.iter().cloned().map(Part::Column).chain((1..).take(count).map(Part::Expression)).collect(),
            texts: names.iter().map(|name| quoted(name).into_owned()).chain(expressions).collect(),
            columns: names.into_iter().zip(numbers).collect(),
        }
    }))
}

impl Here {
    fn number(&self, part: &Part) -> i16 {
        match part {
            Part::Column(name) => self.columns.get(name).copied().unwrap_or(0),
            Part::Expression(number) => -number,
        }
    }

    /// Numbers of attributes in the order of the server: expressions count downwards and are kept after the columns.
    fn numbers(&self, parts: &[Part]) -> Vec<i16> {
        parts.iter().map(|part| self.number(part)).collect()
    }
}

/// `statext_ndistinct_serialize`: how many there are, then for each a count, how many attributes, and which.
fn distinct(object: &Extended, here: &Here) -> Vec<u8> {
    let mut bytes = head(DISTINCT, object.distinct.len());
    for item in &object.distinct {
        let mut numbers = here.numbers(&item.of);
        numbers.sort_by_key(|number| (*number < 0, number.abs()));
        bytes.extend(item.count.to_ne_bytes());
        bytes.extend((numbers.len() as u32).to_ne_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
    }
    bytes
}

/// `statext_dependencies_serialize`: the degree, how many attributes, and which; the last one depends on the others.
fn dependencies(object: &Extended, here: &Here) -> Vec<u8> {
    let mut bytes = head(DEPENDENCIES, object.dependencies.len());
    for item in &object.dependencies {
        let numbers = here.numbers(&item.of);
        bytes.extend(item.degree.to_ne_bytes());
        bytes.extend((numbers.len() as i16).to_ne_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
    }
    bytes
}

fn head(kind: [u32; 2], count: usize) -> Vec<u8> {
    [kind[0], kind[1], count as u32].into_iter().flat_map(u32::to_ne_bytes).collect()
}

/// A table with a column for each part, of the same type and collation.
fn make_scratch(client: &mut Client, table: &QName, here: &Here) -> Result<(), Error> {
    let parts = here.texts.iter().enumerate().map(|(index, text)| format!("({text}) AS c{index}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    Ok(client.batch_execute(&format!(
        "CREATE TABLE {SCRATCH}.values AS SELECT {parts} FROM ONLY {} LIMIT 0",
        qualified(table)
    ))?)
}

/// One row for each common value, so that ANALYZE keeps all of them; then the frequencies in place of its own. They are
/// at the end of the list, after the values: for each item a byte for each part that says whether it is NULL, two
/// frequencies, and two bytes for each part that say which of its values (`statext_mcv_serialize` in `mcv.c`).
fn common(client: &mut Client, object: &Extended, here: &Here) -> Result<Option<Vec<u8>>, Error> {
    let parts = here.parts.len();
    let order: Vec<usize> =
        here.parts.iter().filter_map(|part| object.of.iter().position(|other| other == part)).collect();
    let ordered = |item: &Common| -> Option<Vec<Option<String>>> {
        order.iter().map(|index| item.values.get(*index).cloned()).collect()
    };
    let Some(items) = object.common.iter().map(ordered).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let names: Vec<String> = (0..parts).map(|index| format!("c{index}")).collect();
    let columns = names.join(", ");
    let types = client.query(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute
         WHERE attrelid = ($1::text || '.values')::regclass AND attnum > 0 ORDER BY attnum",
        &[&SCRATCH],
    )?;
    let types: Vec<String> = types.iter().map(|row| row.get(0)).collect();
    let mut script = String::new();
    for item in &items {
        let value = |(value, ty): (&Option<String>, &String)| match value {
            Some(value) => format!("{}::{ty}", literal(value)),
            None => "NULL".to_owned(),
        };
        let values = item.iter().zip(&types).map(value).collect::<Vec<_>>().join(", ");
        writeln!(script, "INSERT INTO {SCRATCH}.values VALUES ({values});").expect("a string takes it");
    }
    client.batch_execute(&format!(
        "BEGIN; {script} COMMIT;
         CREATE STATISTICS {SCRATCH}.list (mcv) ON {columns} FROM {SCRATCH}.values;
         ALTER STATISTICS {SCRATCH}.list SET STATISTICS 10000;
         ANALYZE {SCRATCH}.values;"
    ))?;
    let rows = client.query(
        "SELECT d.stxdmcv::bytea, i.values FROM pg_statistic_ext e JOIN pg_statistic_ext_data d ON d.stxoid = e.oid,
                pg_mcv_list_items(d.stxdmcv) i
         WHERE e.stxname = 'list' AND e.stxnamespace = $1::text::regnamespace ORDER BY i.index",
        &[&SCRATCH],
    )?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut bytes: Vec<u8> = first.get(0);
    let size = parts * 3 + 16;
    let Some(begin) = bytes.len().checked_sub(size * rows.len()) else { return Ok(None) };
    for (index, row) in rows.iter().enumerate() {
        let values: Vec<Option<String>> = row.get(1);
        let Some(found) = items.iter().position(|item| *item == values) else { return Ok(None) };
        let item = &object.common[found];
        let at = begin + size * index + parts;
        bytes[at..at + 8].copy_from_slice(&f64::from(item.frequency).to_ne_bytes());
        bytes[at + 8..at + 16].copy_from_slice(&f64::from(item.base_frequency).to_ne_bytes());
    }
    Ok(Some(bytes))
}

/// Statistics of expressions as statistics of the scratch table, from where they are taken as they are. Whether there
/// are some of every expression.
fn expressions(client: &mut Client, object: &Extended, here: &Here) -> Result<bool, Error> {
    let wanted: Vec<usize> =
        (0..here.parts.len()).filter(|index| matches!(here.parts[*index], Part::Expression(_))).collect();
    if wanted.is_empty() || object.expressions.len() != wanted.len() {
        return Ok(false);
    }
    let types = types::read(client)?;
    let scratch: u32 = client.query_one("SELECT ($1::text || '.values')::regclass::oid", &[&SCRATCH])?.get(0);
    let attributes = columns::attributes(client)?;
    let attributes = attributes.get(&scratch).map_or(&[][..], |found| &found[..]);
    let mut script = format!("DELETE FROM pg_catalog.pg_statistic WHERE starelid = {scratch};\n");
    for index in wanted {
        let column = object.expressions.iter().find(|column| here.parts[index] == Part::Expression(column.number));
        let (Some(column), Some((_, attribute))) = (column, attributes.get(index)) else { return Ok(false) };
        script += &columns::insert(column, *attribute, &types);
    }
    client.batch_execute(&script)?;
    Ok(true)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes it");
        text
    })
}
