//! Indexes. One behind a key or an exclusion is a part of its constraint.

use std::collections::HashMap;

use model::object::{Index, IndexKey, Options, ReplicaIdentity};
use model::{Expr, Kind, Path, QName};
use postgres::Row;
use read::sql::postgres::Printed;

use super::partitions::collation;
use super::row::{name, options, some_name};
use super::world::{World, catalog};
use crate::Error;

/// What is told of one column of an index.
#[derive(Default)]
struct Detail {
    options: Options,
    statistics: Option<i32>,
}

/// Puts every index that somebody made into its table or view, and gives back those behind constraints by number.
pub(super) fn read(world: &mut World<'_>) -> Result<HashMap<u32, Index>, Error> {
    let details = details(world)?;
    let distinct = world.since(15, "i.indnullsnotdistinct", "false");
    let rows = world.rows(&format!(
        "SELECT i.indexrelid, i.indrelid, c.relname::text, am.amname::text, i.indisunique, i.indisvalid,
                i.indisreplident, i.indisclustered, {distinct} AS not_distinct, i.indkey::int2[], i.indclass::oid[],
                i.indcollation::oid[], i.indoption::int2[], i.indnkeyatts,
                pg_get_expr(i.indexprs, i.indrelid) AS exprs, pg_get_expr(i.indpred, i.indrelid) AS predicate,
                c.reloptions, ts.spcname::text, h.inhparent, k.conindid IS NOT NULL AS behind_key,
                ARRAY(SELECT coalesce(a.attcollation, 0)
                      FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, position)
                      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
                      ORDER BY key.position) AS own
         FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid AND c.relpersistence <> 't'
         JOIN pg_am am ON am.oid = c.relam
         LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
         LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
         LEFT JOIN (SELECT DISTINCT conindid FROM pg_constraint WHERE contype IN ('p', 'u', 'x')) k
           ON k.conindid = i.indexrelid
         WHERE i.indexrelid >= 16384 ORDER BY i.indexrelid"
    ))?;
    let mut behind_keys = HashMap::new();
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("indexrelid"), row.get("indrelid"));
        if !world.tables.contains_key(&relation) && !world.views.contains_key(&relation) {
            continue;
        }
        let Some(table) = world.relation(relation) else { continue };
        let index = index(world, row, &table, &details);
        if row.get("indisreplident")
            && let Some(table) = world.tables.get_mut(&relation)
        {
            table.replica_identity = ReplicaIdentity::Index(index.name.clone());
        }
        world.note(catalog::CLASS, oid, &Path::part(Kind::Index, &table, index.name.clone()), None);
        if row.get("behind_key") {
            behind_keys.insert(oid, index);
        } else if let Some(table) = world.tables.get_mut(&relation) {
            table.indexes.push(index);
        } else if let Some(view) = world.views.get_mut(&relation) {
            view.indexes.push(index);
        }
    }
    Ok(behind_keys)
}

fn details(world: &mut World<'_>) -> Result<HashMap<(u32, i16), Detail>, Error> {
    let rows = world.rows(
        "SELECT a.attrelid, a.attnum, a.attoptions, coalesce(a.attstattarget, -1)::int4 AS target
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('i', 'I')
         WHERE a.attrelid >= 16384 AND (a.attoptions IS NOT NULL OR a.attstattarget >= 0)",
    )?;
    let details = rows.iter().map(|row| {
        let target: i32 = row.get("target");
        let detail = Detail { options: options(row, "attoptions"), statistics: (target >= 0).then_some(target) };
        ((row.get("attrelid"), row.get("attnum")), detail)
    });
    Ok(details.collect())
}

fn index(world: &mut World<'_>, row: &Row, table: &QName, details: &HashMap<(u32, i16), Detail>) -> Index {
    let known = world.known();
    let printed = Printed { schema: &known };
    let (oid, relation): (u32, u32) = (row.get("indexrelid"), row.get("indrelid"));
    let (numbers, classes): (Vec<i16>, Vec<u32>) = (row.get("indkey"), row.get("indclass"));
    let (collations, own): (Vec<u32>, Vec<u32>) = (row.get("indcollation"), row.get("own"));
    let directions: Vec<i16> = row.get("indoption");
    let width = usize::try_from(row.get::<_, i16>("indnkeyatts")).unwrap_or(0);
    let text: Option<&str> = row.get("exprs");
    let mut exprs = text.map(|text| printed.expressions(table, text)).unwrap_or_default();
    exprs.reverse();
    let mut keys = Vec::new();
    let mut statistics = Vec::new();
    for (position, number) in numbers.iter().take(width).enumerate() {
        let detail = i16::try_from(position + 1).ok().and_then(|position| details.get(&(oid, position)));
        let expr = match world.column(relation, *number) {
            Some(column) => Expr::column(column.clone()),
            None => exprs.pop().unwrap_or(Expr::Null),
        };
        let opclass_options = detail.map(|detail| detail.options.clone()).unwrap_or_default();
        // Options can only be said behind the operator class.
        let opclass = match opclass_options.is_empty() {
            true => world.opclass(classes[position]),
            false => world.opclasses.get(&classes[position]).map(|class| class.name.clone()),
        };
        keys.push(IndexKey {
            expr,
            collation: if collations[position] == 0 {
                None
            } else {
                collation(world, collations[position], own[position])
            },
            opclass,
            opclass_options,
            descending: directions[position] & 1 != 0,
            nulls_first: directions[position] & 2 != 0,
        });
        if let (Some(target), Ok(number)) = (detail.and_then(|detail| detail.statistics), u16::try_from(position + 1)) {
            statistics.push((number, target));
        }
    }
    let predicate: Option<&str> = row.get("predicate");
    let attached_to = row.get::<_, Option<u32>>("inhparent").and_then(|parent| world.relation(parent));
    Index {
        name: name(row, "relname"),
        method: name(row, "amname"),
        unique: row.get("indisunique"),
        nulls_not_distinct: row.get("not_distinct"),
        keys,
        include: world.column_names(relation, &numbers[width.min(numbers.len())..]),
        predicate: predicate.and_then(|text| world.or_problem(printed.expression(table, text), text)),
        options: options(row, "reloptions"),
        tablespace: some_name(row, "spcname"),
        valid: row.get("indisvalid"),
        // Whether it was made for the partition or attached later is not kept.
        inherited: attached_to.is_some(),
        attached_to,
        clustered: row.get("indisclustered"),
        statistics,
    }
}
