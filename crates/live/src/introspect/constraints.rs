//! Constraints of tables: keys, references, checks, exclusions, and the names of NOT NULL.

use std::collections::HashMap;

use model::apply::naming::make_object_name;
use model::object::{
    Constraint, ConstraintKind, Deferrable, Exclude, Excluded, ForeignKey, Index, Key, NotNull, RefAction,
};
use model::{Expr, Name, Path, QName};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>, behind_keys: &HashMap<u32, Index>) -> Result<(), Error> {
    let set_columns = world.since(15, "c.confdelsetcols", "NULL::int2[]");
    let period = world.since(18, "c.conperiod", "false");
    let enforced = world.since(18, "c.conenforced", "true");
    let rows = world.rows(&format!(
        "SELECT c.oid, c.conname::text, c.contype::text, c.condeferrable, c.condeferred, c.convalidated, c.conrelid,
                c.conindid, c.confrelid, c.confupdtype::text, c.confdeltype::text, c.confmatchtype::text,
                c.connoinherit, c.conkey, c.confkey, {set_columns} AS set_columns, {period} AS period,
                {enforced} AS enforced, pg_get_expr(c.conbin, c.conrelid) AS expr,
                c.coninhcount > 0 AND (NOT c.conislocal OR r.relispartition) AS inherited,
                ARRAY(SELECT o.oprname::text FROM unnest(c.conexclop) WITH ORDINALITY AS key (oid, position)
                      JOIN pg_operator o ON o.oid = key.oid ORDER BY key.position) AS operators
         FROM pg_constraint c
         JOIN pg_class r ON r.oid = c.conrelid
         LEFT JOIN pg_constraint p ON p.oid = c.conparentid
         WHERE c.oid >= 16384 AND c.contype IN ('p', 'u', 'f', 'c', 'x', 'n')
           -- A reference to a partitioned table has a part for each partition of it.
           AND NOT (c.contype = 'f' AND p.conrelid IS NOT DISTINCT FROM c.conrelid)
         ORDER BY c.oid"
    ))?;
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("oid"), row.get("conrelid"));
        let Some(table) = world.relation(relation).filter(|_| world.tables.contains_key(&relation)) else { continue };
        if letter(row, "contype") == 'n' {
            not_null(world, row, relation, &table);
            continue;
        }
        let Some(kind) = kind(world, row, &table, behind_keys) else { continue };
        let index = behind_keys.get(&row.get("conindid")).filter(|_| letter(row, "contype") != 'f');
        let constraint = Constraint {
            deferrable: match (row.get("condeferrable"), row.get("condeferred")) {
                (false, _) => Deferrable::No,
                (true, false) => Deferrable::InitiallyImmediate,
                (true, true) => Deferrable::InitiallyDeferred,
            },
            // A key that was made with ONLY waits for the partitions; only its index says so. What is not enforced
            // is not checked either, whether or not it would hold.
            valid: (row.get("convalidated") || !row.get::<_, bool>("enforced"))
                && index.is_none_or(|index| index.valid),
            enforced: row.get("enforced"),
            no_inherit: row.get::<_, bool>("connoinherit") && letter(row, "contype") == 'c',
            inherited: row.get("inherited"),
            ..Constraint::new(name(row, "conname"), kind)
        };
        world.note(catalog::CONSTRAINT, oid, &Path::constraint(&table, constraint.name.clone()), None);
        if let Some(table) = world.tables.get_mut(&relation) {
            table.constraints.push(constraint);
        }
    }
    Ok(())
}

fn kind(world: &mut World<'_>, row: &Row, table: &QName, behind_keys: &HashMap<u32, Index>) -> Option<ConstraintKind> {
    let relation: u32 = row.get("conrelid");
    let columns = world.column_names(relation, &row.get::<_, Option<Vec<i16>>>("conkey").unwrap_or_default());
    let index = behind_keys.get(&row.get("conindid"));
    Some(match letter(row, "contype") {
        'p' => ConstraintKind::PrimaryKey(key(row, columns, index?)),
        'u' => ConstraintKind::Unique(key(row, columns, index?)),
        'x' => ConstraintKind::Exclude(exclude(row, index?)),
        'f' => ConstraintKind::ForeignKey(foreign_key(world, row, columns)?),
        _ => {
            let text = row.get::<_, Option<&str>>("expr")?;
            let known = world.known();
            let expr = world.or_problem(Printed { schema: &known }.expression(table, text), text);
            ConstraintKind::Check(expr.unwrap_or(Expr::Null))
        }
    })
}

fn key(row: &Row, columns: Vec<Name>, index: &Index) -> Key {
    Key {
        columns,
        include: index.include.clone(),
        nulls_not_distinct: index.nulls_not_distinct,
        without_overlaps: row.get("period"),
        options: index.options.clone(),
        tablespace: index.tablespace.clone(),
        using_index: None,
    }
}

fn exclude(row: &Row, index: &Index) -> Exclude {
    let operators: Vec<&str> = row.get("operators");
    let elements = index.keys.iter().zip(operators);
    Exclude {
        method: index.method.clone(),
        elements: elements.map(|(key, operator)| Excluded { key: key.clone(), operator: operator.into() }).collect(),
        include: index.include.clone(),
        predicate: index.predicate.clone(),
        options: index.options.clone(),
        tablespace: index.tablespace.clone(),
    }
}

fn foreign_key(world: &World<'_>, row: &Row, columns: Vec<Name>) -> Option<ForeignKey> {
    let target: u32 = row.get("confrelid");
    let numbers = |column: &str| row.get::<_, Option<Vec<i16>>>(column).unwrap_or_default();
    Some(ForeignKey {
        columns,
        table: world.relation(target)?,
        targets: world.column_names(target, &numbers("confkey")),
        on_delete: action(letter(row, "confdeltype")),
        on_update: action(letter(row, "confupdtype")),
        set_columns: world.column_names(row.get("conrelid"), &numbers("set_columns")),
        match_full: letter(row, "confmatchtype") == 'f',
        period: row.get("period"),
    })
}

fn action(letter: char) -> RefAction {
    match letter {
        'r' => RefAction::Restrict,
        'c' => RefAction::Cascade,
        'n' => RefAction::SetNull,
        'd' => RefAction::SetDefault,
        _ => RefAction::NoAction,
    }
}

/// The constraint behind NOT NULL, since 18. A name that the database chose is nobody's: for this table, or for the one
/// that it was inherited or copied from, or before a table was renamed.
fn not_null(world: &mut World<'_>, row: &Row, relation: u32, table: &QName) {
    let numbers: Vec<i16> = row.get::<_, Option<Vec<i16>>>("conkey").unwrap_or_default();
    let Some(own) = numbers.first().and_then(|number| world.column(relation, *number)).cloned() else { return };
    let given = name(row, "conname");
    let chosen = make_object_name(&table.name, Some(&own), "not_null");
    let ending = format!("_{own}_not_null");
    let path = Path::constraint(table, given.clone());
    world.note(catalog::CONSTRAINT, row.get("oid"), &path, None);
    if let Some(column) = world.tables.get_mut(&relation).and_then(|table| table.column_mut(&own)) {
        column.not_null = Some(NotNull {
            name: Some(given).filter(|given| *given != chosen && !given.ends_with(&*ending)),
            not_valid: !row.get::<_, bool>("convalidated"),
            no_inherit: row.get("connoinherit"),
        });
    }
}
