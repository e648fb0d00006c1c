//! Publications and subscriptions.

use std::collections::BTreeMap;

use model::name::quoted;
use model::object::{Object, Options, Publication, PublishedTable};
use model::{Kind, Name, Path};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name, texts};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let generated = world.since(18, "pubgencols::text", "'n'");
    let rows = world.rows(&format!(
        "SELECT oid, pubname::text, pubowner, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
                {generated} AS generated
         FROM pg_publication WHERE oid >= 16384 ORDER BY oid"
    ))?;
    let mut found: BTreeMap<u32, Publication> = BTreeMap::new();
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::PUBLICATION, oid) {
            continue;
        }
        let publication = Publication {
            name: name(row, "pubname"),
            all_tables: row.get("puballtables"),
            tables: Vec::new(),
            schemas: Vec::new(),
            options: options(row),
        };
        let path = Path::global(Kind::Publication, publication.name.clone());
        world.note(catalog::PUBLICATION, oid, &path, Some(row.get("pubowner")));
        found.insert(oid, publication);
    }
    tables(world, &mut found)?;
    if world.version >= 15 {
        for row in world.rows("SELECT pnpubid, pnnspid FROM pg_publication_namespace ORDER BY oid")? {
            let schema = world.namespace(row.get("pnnspid"));
            if let Some(publication) = found.get_mut(&row.get("pnpubid")) {
                publication.schemas.push(schema);
            }
        }
    }
    for publication in found.into_values() {
        let path = Path::global(Kind::Publication, publication.name.clone());
        world.objects.push((path, Object::Publication(publication)));
    }
    subscriptions(world)
}

fn tables(world: &mut World<'_>, found: &mut BTreeMap<u32, Publication>) -> Result<(), Error> {
    let details = world.since(
        15,
        "pg_get_expr(prqual, prrelid) AS filter, prattrs::int2[] AS columns",
        "NULL::text AS filter, NULL::int2[] AS columns",
    );
    let rows = world.rows(&format!("SELECT prpubid, prrelid, {details} FROM pg_publication_rel ORDER BY oid"))?;
    let known = world.known();
    for row in &rows {
        let relation: u32 = row.get("prrelid");
        let Some(table) = world.relation(relation) else { continue };
        let filter = row.get::<_, Option<&str>>("filter");
        let filter =
            filter.and_then(|text| world.or_problem(Printed { schema: &known }.expression(&table, text), text));
        let columns = row.get::<_, Option<Vec<i16>>>("columns").unwrap_or_default();
        let columns = world.column_names(relation, &columns);
        if let Some(publication) = found.get_mut(&row.get("prpubid")) {
            publication.tables.push(PublishedTable { table, columns, filter });
        }
    }
    Ok(())
}

fn options(row: &Row) -> Options {
    let kinds =
        [("pubinsert", "insert"), ("pubupdate", "update"), ("pubdelete", "delete"), ("pubtruncate", "truncate")];
    let published: Vec<&str> =
        kinds.iter().filter(|(column, _)| row.get::<_, bool>(*column)).map(|(_, word)| *word).collect();
    let mut options = Options::new();
    if published.len() < kinds.len() {
        options.insert(Name::new_static("publish"), published.join(", ").into());
    }
    if row.get("pubviaroot") {
        options.insert(Name::new_static("publish_via_partition_root"), Name::new_static("true"));
    }
    if letter(row, "generated") == 's' {
        options.insert(Name::new_static("publish_generated_columns"), Name::new_static("stored"));
    }
    options
}

/// Where they connect to holds a password as a rule: it is left out.
fn subscriptions(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT s.oid, subname::text, subowner, subenabled, subpublications, subslotname::text
         FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
         WHERE s.oid >= 16384 ORDER BY s.oid",
    )?;
    for row in &rows {
        let publications: Vec<String> = texts(row, "subpublications").iter().map(|own| quoted(own).into()).collect();
        let connects = if row.get("subenabled") { "" } else { ", enabled = false" };
        let slot = match row.get::<_, Option<&str>>("subslotname") {
            Some(slot) => quoted(slot).into_owned(),
            None => "NONE".to_owned(),
        };
        let create = format!(
            "CREATE SUBSCRIPTION {} CONNECTION '' PUBLICATION {} WITH (connect = false, slot_name = {slot}{connects})",
            quoted(row.get("subname")),
            publications.join(", ")
        );
        world.add_named(catalog::SUBSCRIPTION, row.get("oid"), Some(row.get("subowner")), &create);
    }
    Ok(())
}
