//! Tables, their columns, partitions and children.

use super::super::dice::{CHILD, COLUMNS, DIVIDED, Dice, PARTITIONED, PARTITIONS, TABLES, What, World};
use super::{Book, routines, schema, types};

const NAMES: [[&str; 2]; TABLES as usize] = [
    ["orders", "purchases"],
    ["\"Items\"", "items"],
    ["\"order\"", "\"group\""],
    ["measures", "readings"],
    ["special_orders", "special"],
    ["the_name_of_this_table_is_as_long_as_a_name_can_be_in_this_place", "\"häuser\""],
    ["measures_low", "low"],
    ["measures_high", "\"High\""],
    ["measures_far", "far_off"],
    ["measures_farther", "\"Farther\""],
];

pub(super) fn schema_of(world: &World, table: u8) -> Option<&'static str> {
    world.get(What::Table, table, 0).map(|dice| schema(dice, 0))
}

pub(super) fn name(world: &World, table: u8) -> Option<String> {
    let dice = world.get(What::Table, table, 0)?;
    let name = NAMES[usize::from(table)][usize::from(dice.one_in(1, 8))];
    // One of more than 63 bytes is cut by the database; ours is exact.
    Some(format!("{}.{}", schema(dice, 0), &name[..name.len().min(63)]))
}

const COLUMN_NAMES: [[&str; 2]; COLUMNS as usize] = [
    ["id", "key"],
    ["name", "title"],
    ["\"Total\"", "total"],
    ["status", "\"end\""],
    ["at", "created_at"],
    ["span", "extra"],
    ["order_id", "parent_id"],
    ["computed", "derived"],
];

pub(super) fn column_name(world: &World, table: u8, column: u8) -> Option<&'static str> {
    let home = home(world, table);
    let dice = world.get(What::Column, home, column)?;
    // Nothing hangs on a name that is not there.
    world.get(What::Table, home, 0)?;
    let name = COLUMN_NAMES[usize::from(column)][usize::from(dice.one_in(9, 8) && !is_partition_key(home, column))];
    Some(name)
}

const SUBPARTITION: u8 = 9;

/// A table that has partitions, or may have some.
pub(super) fn is_divided(table: u8) -> bool {
    table == PARTITIONED || table == DIVIDED
}

fn divided_by(dice: &Dice) -> &'static str {
    if dice.one_in(1, 8) { "HASH" } else { "RANGE" }
}

/// No ALTER changes it, so that it goes with the name.
fn partitioned_by(dice: &Dice) -> &'static str {
    if dice.one_in(1, 8) { "LIST" } else { "RANGE" }
}

fn is_partition_key(table: u8, column: u8) -> bool {
    table == PARTITIONED && column == 0
}

/// The table that the columns are written in.
pub(super) fn home(world: &World, table: u8) -> u8 {
    match table {
        CHILD if inherits(world) => 0,
        table if PARTITIONS.contains(&table) => PARTITIONED,
        table => table,
    }
}

pub(super) fn inherits(world: &World) -> bool {
    world.get(What::Table, CHILD, 0).is_some_and(|dice| !dice.one_in(2, 4)) && name(world, 0).is_some()
}

/// The type of a column, its family, and what it needs.
pub(super) fn ty(world: &World, table: u8, column: u8) -> Option<(String, &'static str, Option<String>)> {
    let home = home(world, table);
    let dice = world.get(What::Column, home, column)?;
    world.get(What::Table, home, 0)?;
    let plain = |ty: &str, family| Some((ty.to_owned(), family, None));
    let own = |name: Option<String>, family| {
        let name = name?;
        Some((name.clone(), family, Some(format!("type {name}"))))
    };
    let or_text = |found: Option<(String, &'static str, Option<String>)>| found.or_else(|| plain("text", "text"));
    let number = dice.number(0);
    match column {
        0 if is_partition_key(home, column) => plain("integer", "number"),
        0 => plain(["integer", "bigint", "integer", "bigint", "smallint"][usize::from(number % 5)], "number"),
        1 => match number % 8 {
            0 => plain("varchar(20)", "text"),
            1 => plain("varchar(50)", "text"),
            2 => or_text(own(types::domain_name(world, 1), "text")),
            3 if world.get(What::Extension, 0, 0).is_some() => {
                let place = world.get(What::Extension, 0, 0)?.pick(0, &["public", "public", "public", "app"]);
                Some((format!("{place}.citext"), "citext", Some(format!("extension citext in {place}"))))
            }
            4 => plain("char(4)", "text"),
            _ => plain("text", "text"),
        },
        2 => match number % 8 {
            0 => plain("numeric(10,2)", "number"),
            1 => plain("numeric", "number"),
            2 => plain("bigint", "number"),
            3 => plain("double precision", "number"),
            4 => own(types::domain_name(world, 0), "number").or_else(|| plain("integer", "number")),
            _ => plain("integer", "number"),
        },
        3 => match number % 7 {
            0 => or_text(own(types::enum_name(world, 1), "enum")),
            1 => or_text(
                types::enum_name(world, 0).map(|name| (format!("{name}[]"), "array", Some(format!("type {name}")))),
            ),
            2 => or_text(own(types::domain_name(world, 2), types::domain_family(world, 2).unwrap_or("text"))),
            3 => plain("text", "text"),
            _ => or_text(own(types::enum_name(world, 0), "enum")),
        },
        4 => plain(
            ["timestamptz", "timestamp", "date", "time", "timestamptz(3)", "interval", "timestamptz"]
                [usize::from(number % 7)],
            "time",
        ),
        5 => match number % 18 {
            0 => plain("int4range", "range"),
            1 => plain("int4multirange", "other"),
            2 => plain("text[]", "array"),
            3 => plain("jsonb", "jsonb"),
            4 => plain("json", "other"),
            5 => plain("uuid", "other"),
            6 => plain("bytea", "other"),
            7 => plain("inet", "other"),
            8 => plain("tsvector", "tsvector"),
            9 => plain("point", "point"),
            10 => or_text(own(types::composite_name(world, 0), "other")),
            11 => or_text(own(types::composite_name(world, 1), "other")),
            12 => own(types::range_name(world, 0), "range").or_else(|| plain("int4range", "range")),
            13 => own(types::range_name(world, 1), "range").or_else(|| plain("int4range", "range")),
            14 => or_text(own(types::domain_name(world, 3), "other")),
            15 => or_text(own(types::domain_name(world, 4), "other")),
            16 => or_text(types::multirange_name(world, 0).map(|name| {
                let range = types::range_name(world, 0).expect("it has a multirange");
                (name, "other", Some(format!("type {range}")))
            })),
            _ => plain("boolean", "boolean"),
        },
        6 => plain(["integer", "bigint"][usize::from(number % 2)], "number"),
        _ => match number % 3 {
            0 => plain("bigint", "number"),
            _ => plain("text", "text"),
        },
    }
}

/// `column app.t.c` and `number app.t.c`: what a column gives to those that need it.
fn gives(table: &str, column: &str, family: &str) -> Vec<String> {
    vec![format!("column {table}.{column}"), format!("{family} {table}.{column}")]
}

pub(super) fn tables(book: &mut Book<'_>) {
    let world = book.world;
    for table in 0..TABLES {
        let (Some(dice), Some(name)) = (world.get(What::Table, table, 0).copied(), name(world, table)) else {
            continue;
        };
        let key = format!("table {name}");
        let mut needs = vec![format!("schema {}", schema(&dice, 0))];
        let mut given = vec![key.clone()];
        let unlogged = dice.one_in(3, 8) && !PARTITIONS.contains(&table) && table != PARTITIONED;
        let words = if unlogged { "UNLOGGED TABLE" } else { "TABLE" };
        let mut sql = format!("CREATE {words} {name}");
        let mut first = 0;
        let mut copied = None;
        if table == PARTITIONED {
            let Some(column) = column_name(world, table, 0) else { continue };
            let by = partitioned_by(&dice);
            sql += &format!(" ({}) PARTITION BY {by} ({column})", column_text(world, table, 0, &mut needs));
            given.extend(gives(&name, column, "number"));
            given.push(format!("partitioned {by} {name}"));
            first = 1;
        } else if PARTITIONS.contains(&table) {
            partition(book, table, &dice, &name);
            continue;
        } else if table == CHILD && inherits(world) {
            let parent = self::name(world, 0).expect("it is there");
            needs.push(format!("table {parent}"));
            sql += &format!(" (own_note text) INHERITS ({parent})");
            given.push(format!("column {name}.own_note"));
            copied = Some(parent);
        } else {
            sql += " ()";
        }
        if table != PARTITIONED && dice.one_in(4, 4) {
            sql += &format!(" WITH (fillfactor = {})", dice.pick(5, &["70", "80", "90"]));
        }
        book.add(sql, needs, given);
        if let Some(parent) = copied {
            book.copies(&parent, &name);
        }
        if !(table == CHILD && inherits(world)) {
            for column in first..COLUMNS {
                add_column(book, table, column, &name, &key);
            }
        }
        for column in 0..COLUMNS {
            facts_of_column(book, table, column, &name);
        }
        dressed(book, table, &dice, &name, &key);
    }
    for at in 0..3 {
        let (Some((table, column)), Some(sequence)) = (types::owned_by(world, at), types::sequence_name(world, at))
        else {
            continue;
        };
        if let (Some(table), Some(column)) = (name(world, table), column_name(world, table, column)) {
            let needs = [format!("sequence {sequence}"), format!("column {table}.{column}")];
            book.add(format!("ALTER SEQUENCE {sequence} OWNED BY {table}.{column}"), needs, [] as [&str; 0]);
        }
    }
}

fn partition(book: &mut Book<'_>, table: u8, dice: &Dice, name: &str) {
    let world = book.world;
    let Some(parent) = self::name(world, PARTITIONED) else { return };
    let by = partitioned_by(world.get(What::Table, PARTITIONED, 0).expect("it has a name"));
    let parent = match table {
        SUBPARTITION => self::name(world, DIVIDED),
        _ => Some(parent),
    };
    let Some(parent) = parent else { return };
    let low = table == PARTITIONS.start;
    let divided = world.get(What::Table, DIVIDED, 0).map_or("HASH", divided_by);
    let by = if table == SUBPARTITION { divided } else { by };
    let bound = match (by, low, dice.number(2) % 5) {
        ("RANGE", _, _) if table == DIVIDED => "FOR VALUES FROM (300) TO (500)".to_owned(),
        (_, _, _) if table == DIVIDED => "FOR VALUES IN (7, 8)".to_owned(),
        ("HASH", _, 0) => "FOR VALUES WITH (MODULUS 3, REMAINDER 0)".to_owned(),
        ("HASH", _, _) => "FOR VALUES WITH (MODULUS 2, REMAINDER 0)".to_owned(),
        ("RANGE", _, 0) if table == SUBPARTITION => "FOR VALUES FROM (300) TO (350)".to_owned(),
        ("RANGE", _, _) if table == SUBPARTITION => "FOR VALUES FROM (300) TO (400)".to_owned(),
        (_, _, _) if table == SUBPARTITION => "FOR VALUES IN (7)".to_owned(),
        (_, false, 0) => "DEFAULT".to_owned(),
        ("RANGE", true, 0) => "FOR VALUES FROM (MINVALUE) TO (50)".to_owned(),
        ("RANGE", true, _) => "FOR VALUES FROM (0) TO (100)".to_owned(),
        ("RANGE", false, 1) => "FOR VALUES FROM (100) TO (300)".to_owned(),
        ("RANGE", false, _) => "FOR VALUES FROM (100) TO (200)".to_owned(),
        (_, true, 0) => "FOR VALUES IN (1, 2)".to_owned(),
        (_, true, _) => "FOR VALUES IN (1)".to_owned(),
        (_, false, _) => "FOR VALUES IN (3, 4)".to_owned(),
    };
    let needs = vec![format!("schema {}", schema(dice, 0)), format!("partitioned {by} {parent}")];
    let key = format!("table {name}");
    let mut given = vec![key.clone()];
    let divided = match table {
        DIVIDED => {
            given.push(format!("partitioned {divided} {name}"));
            format!(" PARTITION BY {divided} ({})", column_name(world, PARTITIONED, 0).unwrap_or("id"))
        }
        _ => String::new(),
    };
    match dice.one_in(3, 6) {
        // On its own: what a partition is after it was detached.
        true => book.add(format!("CREATE TABLE {name} (LIKE {parent}){divided}"), needs, given),
        false => {
            given.push(format!("is partition {name}"));
            book.add(format!("CREATE TABLE {name} PARTITION OF {parent} {bound}{divided}"), needs, given);
        }
    }
    book.copies(&parent, name);
    for column in 0..COLUMNS {
        facts_of_column(book, table, column, name);
    }
    dressed(book, table, dice, name, &key);
}

fn dressed(book: &mut Book<'_>, table: u8, dice: &Dice, name: &str, key: &str) {
    let none: [&str; 0] = [];
    if dice.one_in(6, 5) {
        book.add(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"), [key], none);
        if dice.one_in(7, 2) {
            book.add(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"), [key], none);
        }
    }
    if dice.one_in(8, 6) && !is_divided(table) {
        let identity = dice.pick(8, &["FULL", "NOTHING"]);
        book.add(format!("ALTER TABLE {name} REPLICA IDENTITY {identity}"), [key], none);
    }
    book.comment(dice, &format!("TABLE {name}"), key);
    book.owner(dice, &format!("TABLE {name}"), key);
    if dice.one_in(9, 4) {
        let role = dice.pick(9, &super::ROLES);
        let privileges = dice.pick(5, &["SELECT", "SELECT, INSERT", "ALL", "UPDATE, DELETE, TRUNCATE"]);
        let option = if dice.one_in(4, 3) { " WITH GRANT OPTION" } else { "" };
        book.add(format!("GRANT {privileges} ON {name} TO {role}{option}"), [key], none);
    }
}

fn add_column(book: &mut Book<'_>, table: u8, column: u8, name: &str, key: &str) {
    let world = book.world;
    let (Some(own), Some((_, family, _))) = (column_name(world, table, column), ty(world, table, column)) else {
        return;
    };
    let mut needs = vec![key.to_owned()];
    let text = column_text(world, table, column, &mut needs);
    book.add(format!("ALTER TABLE {name} ADD COLUMN {text}"), needs, gives(name, own, family));
}

/// The definition of a column, and what it needs.
fn column_text(world: &World, table: u8, column: u8, needs: &mut Vec<String>) -> String {
    let dice = world.get(What::Column, table, column).expect("it is there");
    let name = column_name(world, table, column).expect("it is there");
    let (ty, family, need) = ty(world, table, column).expect("it is there");
    needs.extend(need);
    let mut text = format!("{name} {ty}");
    let is_text = family == "text" && !ty.contains('.') && !ty.starts_with("char(");
    if is_text && dice.one_in(1, 8) {
        match super::others::collation(world).filter(|_| dice.one_in(10, 2)) {
            Some(own) => {
                needs.push(format!("collation {own}"));
                text += &format!(" COLLATE {own}");
            }
            None => text += " COLLATE \"C\"",
        }
    }
    let whole = ["integer", "bigint", "smallint"].contains(&ty.as_str());
    if column == 7
        && let Some(generated) = generated(world, table, &ty, dice, needs)
    {
        return format!("{text} {generated}");
    }
    if column == 0 && whole && dice.one_in(2, 3) && table != PARTITIONED {
        let when = dice.pick(3, &["ALWAYS", "BY DEFAULT"]);
        let options = dice.pick(4, &["", "", " (START WITH 10)", " (INCREMENT BY 5 CACHE 3)"]);
        return format!("{text} GENERATED {when} AS IDENTITY{options}");
    }
    if dice.one_in(2, 3)
        && let Some(default) = default(world, &ty, family, dice, needs)
    {
        text += &format!(" DEFAULT {default}");
    }
    if dice.one_in(5, 4) {
        if world.major >= 18 && dice.one_in(10, 4) {
            text += &format!(" CONSTRAINT \"must {table} {column}\"");
        }
        text += " NOT NULL";
    }
    text
}

fn default(world: &World, ty: &str, family: &str, dice: &Dice, needs: &mut Vec<String>) -> Option<String> {
    let number = dice.number(3);
    Some(match (family, ty) {
        ("number", _) => match number % 5 {
            0 => {
                let sequence = types::sequence_name(world, dice.number(4) % 3)?;
                needs.push(format!("sequence {sequence}"));
                format!("nextval('{}')", sequence.replace('\'', "''"))
            }
            1 => {
                let function = routines::name(world, 0)?;
                needs.push(routines::key(world, 0)?);
                format!("{function}(3)")
            }
            2 => "0".to_owned(),
            3 => "-1".to_owned(),
            _ => "(1 + 2)".to_owned(),
        },
        ("text", _) | ("citext", _) => ["''", "'a'", "'it''s'", "upper('x')"][usize::from(number % 4)].to_owned(),
        ("enum", _) => "'new'".to_owned(),
        ("time", "timestamptz" | "timestamp" | "timestamptz(3)") => match number % 3 {
            0 => {
                let function = routines::name(world, 9)?;
                needs.push(routines::key(world, 9)?);
                format!("{function}()")
            }
            1 => "now()".to_owned(),
            _ => "CURRENT_TIMESTAMP".to_owned(),
        },
        ("time", "date") => "CURRENT_DATE".to_owned(),
        ("array", _) => "'{}'".to_owned(),
        ("jsonb", _) => "'{}'".to_owned(),
        ("boolean", _) => ["true", "false"][usize::from(number % 2)].to_owned(),
        ("other", "uuid") => "gen_random_uuid()".to_owned(),
        _ => return None,
    })
}

fn generated(world: &World, table: u8, ty: &str, dice: &Dice, needs: &mut Vec<String>) -> Option<String> {
    let own = name(world, table)?;
    let of = |column: u8, family: &str| {
        let name = column_name(world, table, column)?;
        (self::ty(world, table, column)?.1 == family).then(|| (name, format!("{family} {own}.{name}")))
    };
    let expr = match ty {
        "bigint" => {
            let (name, need) = of([0, 2][usize::from(dice.number(1) % 2)], "number")?;
            needs.push(need);
            match dice.number(2) % 3 {
                0 => {
                    needs.push(routines::key(world, 0)?);
                    format!("{}({name}::integer)", routines::name(world, 0)?)
                }
                1 => format!("{name} * 2"),
                _ => format!("{name} + 1"),
            }
        }
        _ => {
            let (name, need) = of(1, "text")?;
            needs.push(need);
            dice.pick(2, &["upper(N)", "lower(N)", "COALESCE(N, '')"]).replace('N', &format!("{name}::text"))
        }
    };
    let stored = if world.major >= 18 && dice.one_in(6, 3) { "VIRTUAL" } else { "STORED" };
    Some(format!("GENERATED ALWAYS AS ({expr}) {stored}"))
}

/// What ALTER COLUMN says of a column of this very table, also of one that it has from its parent.
fn facts_of_column(book: &mut Book<'_>, table: u8, column: u8, table_name: &str) {
    let world = book.world;
    let Some(dice) = world.get(What::Column, table, column).copied() else { return };
    let (Some(name), Some((ty, ..))) = (column_name(world, table, column), ty(world, table, column)) else { return };
    let need = format!("column {table_name}.{name}");
    let none: [&str; 0] = [];
    let inherits = table != home(world, table);
    if dice.one_in(6, 8) && ["text", "jsonb", "text[]", "bytea"].contains(&ty.as_str()) && !inherits {
        let storage = dice.pick(6, &["EXTERNAL", "MAIN"]);
        book.add(format!("ALTER TABLE {table_name} ALTER COLUMN {name} SET STORAGE {storage}"), [&need], none);
    }
    if dice.one_in(4, 9) && ty == "text" && !inherits {
        book.add(format!("ALTER TABLE {table_name} ALTER COLUMN {name} SET COMPRESSION pglz"), [&need], none);
    }
    if dice.one_in(3, 9) {
        let options = dice.pick(3, &["n_distinct = 5", "n_distinct = -0.5", "n_distinct_inherited = 7"]);
        book.add(format!("ALTER TABLE {table_name} ALTER COLUMN {name} SET ({options})"), [&need], none);
    }
    if dice.one_in(7, 8) {
        let target = dice.pick(7, &["100", "500"]);
        book.add(format!("ALTER TABLE {table_name} ALTER COLUMN {name} SET STATISTICS {target}"), [&need], none);
    }
    if dice.one_in(8, 8) {
        let role = dice.pick(9, &super::ROLES);
        let privilege = dice.pick(10, &["SELECT", "UPDATE", "INSERT", "REFERENCES"]);
        book.add(format!("GRANT {privilege} ({name}) ON {table_name} TO {role}"), [&need], none);
    }
    book.comment(&dice, &format!("COLUMN {table_name}.{name}"), &need);
}

/// Values for a few rows of a table: what most constraints are content with. Nothing where the table has no column that
/// takes a value.
pub(crate) fn row_values(world: &World, table: u8, row: u32) -> Option<String> {
    let name = name(world, table)?;
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for column in 0..7 {
        let (Some(own), Some((ty, family, _))) = (column_name(world, table, column), ty(world, table, column)) else {
            continue;
        };
        let value = match (column, family, ty.as_str()) {
            (0, ..) => format!("{}", row + 1),
            (6, ..) => "1".to_owned(),
            (_, "number", _) => format!("{}", row + 2),
            (_, "text" | "citext", _) => format!("'{}'", row + 1),
            (_, "enum", _) => "'new'".to_owned(),
            (_, "array", _) => "'{}'".to_owned(),
            (_, "jsonb", _) | (_, _, "json") => "'{}'".to_owned(),
            (_, _, "int4range") => format!("'[{},{})'", row * 10, row * 10 + 5),
            (_, _, "timestamptz" | "timestamp" | "date" | "timestamptz(3)") => "'2026-01-01'".to_owned(),
            (_, "boolean", _) => "true".to_owned(),
            _ => continue,
        };
        columns.push(own);
        values.push(value);
    }
    if columns.is_empty() {
        return None;
    }
    let columns = columns.join(", ");
    Some(format!("INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({})", values.join(", ")))
}
