//! Columns: their types and facts, and what their defaults say.

use std::sync::Arc;

use model::object::{Column, Generated, NotNull, Options};
use model::{Kind, Name, Path, QName};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name, options};
use super::world::World;
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT a.attrelid, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod) AS type,
                CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation ELSE 0 END AS collation, a.attnotnull,
                CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage ELSE ' ' END::text AS storage,
                a.attcompression::text, coalesce(a.attstattarget, -1)::int4 AS target, a.attoptions, a.attfdwoptions,
                c.relispartition OR c.reloftype <> 0 OR (a.attinhcount > 0 AND NOT a.attislocal) AS inherited
         FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid
         JOIN pg_type t ON t.oid = a.atttypid
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relpersistence <> 't'
           AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attrelid, a.attnum",
    )?;
    for row in &rows {
        let relation: u32 = row.get("attrelid");
        let own = name(row, "attname");
        world.columns.entry(relation).or_default().push((row.get("attnum"), own.clone()));
        if let Some(view) = world.views.get_mut(&relation) {
            view.columns.push(own);
        } else if world.tables.contains_key(&relation) {
            let column = column(world, row, own);
            if let Some(table) = world.tables.get_mut(&relation) {
                table.columns.push(Arc::new(column));
            }
        }
    }
    Ok(())
}

fn column(world: &mut World<'_>, row: &Row, own: Name) -> Column {
    let ty = world.data_type(row.get("type"));
    let target: i32 = row.get("target");
    let mut all: Options = options(row, "attoptions");
    all.extend(options(row, "attfdwoptions"));
    Column {
        collation: world.collations.get(&row.get("collation")).cloned(),
        not_null: row.get::<_, bool>("attnotnull").then(NotNull::default),
        storage: storage(letter(row, "storage")),
        compression: match letter(row, "attcompression") {
            'p' => Some(Name::new_static("pglz")),
            'l' => Some(Name::new_static("lz4")),
            _ => None,
        },
        statistics: (target >= 0).then_some(target),
        options: all,
        inherited: row.get("inherited"),
        ..Column::new(own, ty)
    }
}

fn storage(letter: char) -> Option<Name> {
    Some(Name::new_static(match letter {
        'p' => "PLAIN",
        'e' => "EXTERNAL",
        'x' => "EXTENDED",
        'm' => "MAIN",
        _ => return None,
    }))
}

/// Defaults and generation expressions, which may use functions and sequences.
pub(super) fn defaults(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT d.adrelid, d.adnum, a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid) AS expr
         FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid >= 16384 ORDER BY d.adrelid, d.adnum",
    )?;
    let known = world.known();
    let printed = Printed { schema: &known };
    for row in &rows {
        let (relation, text) = (row.get::<_, u32>("adrelid"), row.get::<_, &str>("expr"));
        let (Some(table), Some(own)) = (world.relation(relation), world.column(relation, row.get("adnum")).cloned())
        else {
            continue;
        };
        let Some(expr) = world.or_problem(printed.expression(&table, text), text) else { continue };
        if let Some(view) = world.views.get_mut(&relation) {
            view.defaults.push((own, expr));
        } else if let Some(column) = world.tables.get_mut(&relation).and_then(|table| table.column_mut(&own)) {
            match letter(row, "attgenerated") {
                ' ' => column.default = Some(expr),
                stored => column.generated = Some(Box::new(Generated { expr, stored: stored == 's' })),
            }
        }
    }
    Ok(())
}

/// The path of a column, for what is said about it.
pub(super) fn path(world: &World<'_>, relation: u32, number: i16) -> Option<Path> {
    let owner: QName = world.relation(relation)?;
    Some(Path::part(Kind::Column, &owner, world.column(relation, number)?.clone()))
}
