//! Views over tables and over views, materialized ones, and what stands in them.

use super::super::dice::{Dice, TABLES, VIEWS, What, World};
use super::{Book, routines, schema, tables};

/// The views that keep their rows.
const MATERIALIZED: [u8; 2] = [4, 5];

pub(super) fn name(world: &World, view: u8) -> Option<String> {
    let dice = world.get(What::View, 0, view)?;
    let plain = ["seen", "\"Sums\"", "deeper", "deepest", "kept", "kept_deep", "joined", "\"All\"", "chosen"]
        [usize::from(view)];
    let plain = if dice.one_in(10, 9) { format!("view_{view}") } else { plain.to_owned() };
    Some(format!("{}.{plain}", schema(dice, 0)))
}

/// What a view is made of: its query, its columns with their families, and what it needs.
struct Made {
    query: String,
    columns: Vec<(&'static str, &'static str)>,
    needs: Vec<String>,
}

pub(super) fn views(book: &mut Book<'_>) {
    for view in 0..VIEWS {
        let Some(dice) = book.world.get(What::View, 0, view).copied() else { continue };
        let Some(made) = made(book.world, view, &dice) else { continue };
        write(book, view, &dice, made);
    }
}

pub(super) fn is_materialized(view: u8) -> bool {
    MATERIALIZED.contains(&view)
}

fn made(world: &World, view: u8, dice: &Dice) -> Option<Made> {
    match view {
        0 | 3 => plain(world, dice),
        1 => sums(world, dice),
        4 => {
            if dice.one_in(6, 2) {
                sums(world, dice)
            } else {
                plain(world, dice)
            }
        }
        2 => over(world, dice, dice.number(2) % 2),
        6 => joined(world, dice),
        7 => united(world, dice),
        8 => chosen(world, dice),
        _ => over(world, dice, [0, 2, 4][usize::from(dice.number(2) % 3)]),
    }
}

/// Some columns of a table, some of them through an expression.
fn plain(world: &World, dice: &Dice) -> Option<Made> {
    let table = dice.number(1) % TABLES;
    let name = tables::name(world, table)?;
    let mut needs = vec![format!("table {name}")];
    let mut targets = Vec::new();
    let mut columns = Vec::new();
    for column in [0, 1, 2, 3, 4] {
        // Each die leaves one of them out, or not.
        if dice.one_in(2 + usize::from(column), 4) {
            continue;
        }
        let (Some(own), Some((_, family, _))) =
            (tables::column_name(world, table, column), tables::ty(world, table, column))
        else {
            continue;
        };
        needs.push(format!("{family} {name}.{own}"));
        let alias = ["id", "name", "amount", "status", "at"][usize::from(column)];
        let text = match (column, dice.number(7) % 6) {
            (1, 0) if family == "text" => format!("upper(t.{own}::text) AS {alias}"),
            (2, 1) => {
                let function = routines::name(world, 0)?;
                needs.extend(routines::key(world, 0));
                format!("{function}(t.{own}::integer) AS {alias}")
            }
            _ => format!("t.{own} AS {alias}"),
        };
        targets.push(text);
        columns.push((alias, family));
    }
    if targets.is_empty() {
        return None;
    }
    let filter = match (tables::column_name(world, table, 2), dice.number(8) % 4) {
        (Some(total), 0) => {
            needs.push(format!("number {name}.{total}"));
            format!(" WHERE t.{total} > 5")
        }
        _ => String::new(),
    };
    Some(Made { query: format!("SELECT {} FROM {name} t{filter}", targets.join(", ")), columns, needs })
}

fn sums(world: &World, dice: &Dice) -> Option<Made> {
    let table = dice.number(1) % TABLES;
    let name = tables::name(world, table)?;
    let (status, total) = (tables::column_name(world, table, 3)?, tables::column_name(world, table, 2)?);
    let (_, family, _) = tables::ty(world, table, 3)?;
    let needs = vec![format!("number {name}.{total}"), format!("{family} {name}.{status}")];
    let sum = dice.pick(2, &["sum", "max", "count"]);
    let query = format!("SELECT {status} AS status, {sum}({total}) AS amount FROM {name} GROUP BY {status}");
    Some(Made { query, columns: vec![("status", family), ("amount", "number")], needs })
}

/// Two tables, one of them through a WITH.
fn joined(world: &World, dice: &Dice) -> Option<Made> {
    let (one, other) = (dice.number(1) % 3, dice.number(2) % TABLES);
    let (left, right) = (tables::name(world, one)?, tables::name(world, other)?);
    let (id, key) = (tables::column_name(world, one, 0)?, tables::column_name(world, other, 6)?);
    let (shown, family) = (tables::column_name(world, other, 3)?, tables::ty(world, other, 3)?.1);
    let needs =
        vec![format!("number {left}.{id}"), format!("number {right}.{key}"), format!("{family} {right}.{shown}")];
    let join = dice.pick(3, &["JOIN", "LEFT JOIN"]);
    let query = format!(
        "WITH recent AS (SELECT {id} AS id FROM {left} LIMIT 10) SELECT r.id, o.{shown} AS status FROM recent r {join} {right} o ON o.{key} = r.id"
    );
    Some(Made { query, columns: vec![("id", "number"), ("status", family)], needs })
}

fn united(world: &World, dice: &Dice) -> Option<Made> {
    let (one, other) = (dice.number(1) % TABLES, dice.number(2) % TABLES);
    let (first, second) = (tables::name(world, one)?, tables::name(world, other)?);
    let (id, key) = (tables::column_name(world, one, 0)?, tables::column_name(world, other, 2)?);
    let needs = vec![format!("number {first}.{id}"), format!("number {second}.{key}")];
    let how = dice.pick(3, &["UNION ALL", "UNION", "EXCEPT"]);
    let query = format!("SELECT {id}::numeric AS id FROM {first} {how} SELECT {key}::numeric FROM {second}");
    Some(Made { query, columns: vec![("id", "number")], needs })
}

/// Rows by the value of an enum, in a way that only the type's operators know.
fn chosen(world: &World, dice: &Dice) -> Option<Made> {
    let table = dice.number(1) % TABLES;
    let name = tables::name(world, table)?;
    let (status, (_, family, _)) = (tables::column_name(world, table, 3)?, tables::ty(world, table, 3)?);
    let id = tables::column_name(world, table, 0)?;
    let needs = vec![format!("enum {name}.{status}"), format!("number {name}.{id}")];
    let filter = dice.pick(2, &["= 'new'", "IN ('new')", ">= 'new'", "IS DISTINCT FROM 'new'"]);
    let query = format!("SELECT {id} AS id, {status} AS status FROM {name} WHERE {status} {filter}");
    Some(Made { query, columns: vec![("id", "number"), ("status", family)], needs })
}

fn over(world: &World, dice: &Dice, below: u8) -> Option<Made> {
    let name = name(world, below)?;
    let made = made(world, below, world.get(What::View, 0, below)?)?;
    let mut needs = vec![format!("view {name}")];
    let kept: Vec<_> =
        made.columns.into_iter().enumerate().filter(|(at, _)| *at == 0 || !dice.one_in(3 + at, 5)).collect();
    needs.extend(kept.iter().map(|(_, (column, family))| format!("{family} {name}.{column}")));
    let targets: Vec<String> = kept.iter().map(|(_, (column, _))| format!("v.{column}")).collect();
    let columns = kept.into_iter().map(|(_, column)| column).collect();
    Some(Made { query: format!("SELECT {} FROM {name} v", targets.join(", ")), columns, needs })
}

fn write(book: &mut Book<'_>, view: u8, dice: &Dice, made: Made) {
    let world = book.world;
    let none: [&str; 0] = [];
    let name = name(world, view).expect("it is there");
    let materialized = is_materialized(view);
    let kind = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let mut options = Vec::new();
    if !materialized {
        if dice.one_in(8, 5) {
            options.push("security_barrier = true");
        }
        if world.major >= 15 && dice.one_in(9, 5) {
            options.push("security_invoker = true");
        }
    }
    let with = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    let key = format!("view {name}");
    let mut needs = made.needs;
    needs.push(format!("schema {}", schema(dice, 0)));
    let mut given = vec![key.clone()];
    given.extend(made.columns.iter().map(|(column, family)| format!("{family} {name}.{column}")));
    given.extend(made.columns.iter().map(|(column, _)| format!("column {name}.{column}")));
    book.add(format!("CREATE {kind} {name}{with} AS {}", made.query), needs, given);
    book.comment(dice, &format!("{kind} {name}"), &key);
    book.owner(dice, &format!("{kind} {name}"), &key);
    let (first, family) = made.columns[0];
    if dice.one_in(6, 4) {
        let role = dice.pick(6, &super::ROLES);
        book.add(format!("GRANT SELECT ON {name} TO {role}"), [&key], none);
        book.add(format!("GRANT SELECT ({first}) ON {name} TO PUBLIC"), [&key], none);
    }
    if dice.one_in(4, 4) {
        let column = format!("column {name}.{first}");
        book.add(format!("COMMENT ON COLUMN {name}.{first} IS 'seen'"), [column], none);
    }
    if materialized && ["number", "text", "enum"].contains(&family) && dice.one_in(5, 2) {
        let unique = dice.pick(9, &["", "UNIQUE "]);
        let index = format!("index of view {view}");
        book.add(format!("CREATE {unique}INDEX view_index_{view} ON {name} ({first})"), [&key], [index.clone()]);
        book.comment(dice, &format!("INDEX {}.view_index_{view}", schema(dice, 0)), &index);
    }
    if !materialized {
        if let Some(function) = routines::name(world, 4).filter(|_| dice.one_in(5, 4)) {
            let needs = [Some(key.clone()), routines::key(world, 4)].into_iter().flatten();
            book.add(
                format!(
                    "CREATE TRIGGER instead INSTEAD OF INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION {function}()"
                ),
                needs,
                none,
            );
        }
        if dice.one_in(7, 5) {
            book.add(format!("CREATE RULE no_delete AS ON DELETE TO {name} DO INSTEAD NOTHING"), [&key], none);
        }
        if family == "number" && dice.one_in(3, 6) {
            book.add(format!("ALTER VIEW {name} ALTER COLUMN {first} SET DEFAULT 5"), [&key], none);
        }
    }
}
