//! Tables, views and the names of all relations; and the names of functions, collations and operator classes, which
//! the catalogs hold by number.

use model::object::{ForeignTable, Options, Persistence, ReplicaIdentity, RowSecurity, Table, View};
use model::query::QueryKind;
use model::{Kind, Path, QName, Query, Sql};
use postgres::Row;

use super::row::{letter, name, options, some_name};
use super::world::{OpClass, World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    names(world)?;
    let rows = world.rows(
        "SELECT c.oid, c.relkind::text, c.relpersistence::text, c.relowner, c.reloptions,
                t.reloptions AS toast_options, ts.spcname::text, am.amname::text, c.reloftype, c.relrowsecurity,
                c.relforcerowsecurity, c.relreplident::text, c.relispopulated, fs.srvname::text, ft.ftoptions,
                ft.ftrelid IS NOT NULL AS is_foreign
         FROM pg_class c
         LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
         LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
         LEFT JOIN pg_am am ON am.oid = c.relam
         LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
         LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'",
    )?;
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::CLASS, oid) {
            continue;
        }
        let Some(own) = world.relation(oid) else { continue };
        let kind = match letter(row, "relkind") {
            'v' => Kind::View,
            'm' => Kind::MaterializedView,
            _ => Kind::Table,
        };
        world.note(catalog::CLASS, oid, &Path::object(kind, &own), Some(row.get("relowner")));
        if kind == Kind::Table {
            let table = table(world, row, own);
            world.tables.insert(oid, table);
        } else {
            world.views.insert(oid, view(row, own, kind));
        }
    }
    for row in world.rows(
        "SELECT inhrelid, inhparent, relispartition FROM pg_inherits
         JOIN pg_class c ON c.oid = inhrelid AND c.relkind IN ('r', 'p', 'f') ORDER BY inhrelid, inhseqno",
    )? {
        // What a partition's parent is stands with its bound.
        let parent = world.relation(row.get("inhparent"));
        let table = world.tables.get_mut(&row.get("inhrelid")).filter(|_| !row.get::<_, bool>("relispartition"));
        if let (Some(parent), Some(table)) = (parent, table) {
            table.inherits.push(parent);
        }
    }
    Ok(())
}

fn names(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, relname::text, relnamespace, reltype, relkind = 'c' AS composite FROM pg_class
         WHERE oid >= 16384 AND relkind <> 't' AND relpersistence <> 't'",
    )?;
    for row in &rows {
        let own = QName::new(world.namespace(row.get("relnamespace")), name(row, "relname"));
        if row.get("composite") {
            world.composites.insert(row.get("reltype"), own.clone());
        }
        world.relations.insert(row.get("oid"), own);
    }
    for row in world.rows("SELECT oid, proname::text, pronamespace FROM pg_proc")? {
        let own = outside_catalog(world, row.get("pronamespace"), name(&row, "proname"));
        world.functions.insert(row.get("oid"), own);
    }
    for row in world.rows("SELECT oid, collname::text, collnamespace FROM pg_collation")? {
        let own = QName::new(world.namespace(row.get("collnamespace")), name(&row, "collname"));
        world.collations.insert(row.get("oid"), own);
    }
    for row in world.rows("SELECT oid, opcname::text, opcnamespace, opcdefault FROM pg_opclass")? {
        let own = outside_catalog(world, row.get("opcnamespace"), name(&row, "opcname"));
        world.opclasses.insert(row.get("oid"), OpClass { name: own, is_default: row.get("opcdefault") });
    }
    Ok(())
}

/// The name, without a schema when it is the catalog's.
pub(super) fn outside_catalog(world: &World<'_>, namespace: u32, own: model::Name) -> QName {
    let schema = world.namespace(namespace);
    QName { schema: if schema == model::name::PG_CATALOG { model::Name::default() } else { schema }, name: own }
}

fn persistence(row: &Row) -> Persistence {
    if letter(row, "relpersistence") == 'u' { Persistence::Unlogged } else { Persistence::Permanent }
}

/// Storage parameters, those of the TOAST table with their prefix.
fn all_options(row: &Row) -> Options {
    let toast = options(row, "toast_options").into_iter();
    let toast = toast.map(|(name, value)| (format!("toast.{name}").into(), value));
    options(row, "reloptions").into_iter().chain(toast).collect()
}

fn table(world: &World<'_>, row: &Row, own: QName) -> Table {
    let of_type: u32 = row.get("reloftype");
    Table {
        persistence: persistence(row),
        of_type: (of_type != 0).then(|| world.relations_by_type(of_type)).flatten(),
        foreign: row.get::<_, bool>("is_foreign").then(|| ForeignTable {
            server: some_name(row, "srvname").unwrap_or_default(),
            options: options(row, "ftoptions"),
        }),
        row_security: RowSecurity { enabled: row.get("relrowsecurity"), forced: row.get("relforcerowsecurity") },
        replica_identity: match letter(row, "relreplident") {
            'f' => ReplicaIdentity::Full,
            // A foreign table has none and cannot have any.
            'n' if !row.get::<_, bool>("is_foreign") => ReplicaIdentity::Nothing,
            // The index is named when the indexes are read.
            _ => ReplicaIdentity::Default,
        },
        options: all_options(row),
        tablespace: some_name(row, "spcname"),
        access_method: some_name(row, "amname").filter(|method| method != "heap"),
        ..Table::new(own)
    }
}

fn view(row: &Row, own: QName, kind: Kind) -> View {
    View {
        name: own,
        materialized: kind == Kind::MaterializedView,
        columns: Vec::new(),
        query: Query::opaque(QueryKind::Select, Sql::default(), Default::default()),
        options: all_options(row),
        persistence: persistence(row),
        populated: kind == Kind::View || row.get("relispopulated"),
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        defaults: Vec::new(),
        tablespace: some_name(row, "spcname"),
        access_method: some_name(row, "amname").filter(|method| method != "heap"),
    }
}
