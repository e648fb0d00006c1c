//! What the model knows by its text alone: collations, text search, operators, casts, foreign tables; and typed tables.

use super::super::dice::{What, World};
use super::{Book, ROLES, routines, schema, types};

const NONE: [&str; 0] = [];

pub(super) fn collation(world: &World) -> Option<String> {
    let dice = world.get(What::Collation, 0, 0)?;
    Some(format!("{}.plain_text", schema(dice, 0)))
}

pub(super) fn collations(book: &mut Book<'_>) {
    let Some(dice) = book.world.get(What::Collation, 0, 0).copied() else { return };
    let name = collation(book.world).expect("it is there");
    let locale = dice.pick(1, &["C", "C", "POSIX"]);
    let key = format!("collation {name}");
    let needs = [format!("schema {}", schema(&dice, 0))];
    book.add(format!("CREATE COLLATION {name} (provider = libc, locale = '{locale}')"), needs, [key.clone()]);
    book.comment(&dice, &format!("COLLATION {name}"), &key);
    book.owner(&dice, &format!("COLLATION {name}"), &key);
}

pub(super) fn foreign(book: &mut Book<'_>) {
    let Some(dice) = book.world.get(What::Foreign, 0, 0).copied() else { return };
    book.add("CREATE FOREIGN DATA WRAPPER dummy".to_owned(), NONE, ["wrapper"]);
    // Known and left out: other options of a server would be a server made anew, under its tables.
    let sql = "CREATE SERVER elsewhere FOREIGN DATA WRAPPER dummy OPTIONS (host 'here')";
    book.add(sql.to_owned(), ["wrapper"], ["server"]);
    book.comment(&dice, "SERVER elsewhere", "server");
    if dice.one_in(2, 2) {
        let role = dice.pick(3, &ROLES);
        book.add(format!("CREATE USER MAPPING FOR {role} SERVER elsewhere OPTIONS (user 'x')"), ["server"], NONE);
        book.add(format!("GRANT USAGE ON FOREIGN SERVER elsewhere TO {role}"), ["server"], NONE);
    }
    let space = schema(&dice, 4);
    let ty = dice.pick(5, &["integer", "bigint"]);
    let note = dice.pick(6, &["", ", note text", ", note text OPTIONS (name 'remark') NOT NULL"]);
    let table = dice.pick(7, &["", " OPTIONS (table 'far')"]);
    let key = format!("foreign table {space}.far");
    let needs = ["server".to_owned(), format!("schema {space}")];
    let sql = format!("CREATE FOREIGN TABLE {space}.far (id {ty}{note}) SERVER elsewhere{table}");
    book.add(sql, needs, [key.clone()]);
    book.comment(&dice, &format!("FOREIGN TABLE {space}.far"), &key);
    book.owner(&dice, &format!("FOREIGN TABLE {space}.far"), &key);
}

pub(super) fn typed(book: &mut Book<'_>) {
    let world = book.world;
    let (Some(dice), Some(ty)) = (world.get(What::Typed, 0, 0).copied(), types::composite_name(world, 0)) else {
        return;
    };
    let street = types::street(world, 0).expect("it is there");
    let space = schema(&dice, 0);
    let columns = match dice.number(1) % 3 {
        0 => format!(" ({street} WITH OPTIONS NOT NULL)"),
        1 => format!(" ({street} WITH OPTIONS DEFAULT 'here')"),
        _ => String::new(),
    };
    let key = format!("typed {space}");
    let needs = [format!("type {ty}"), format!("schema {space}")];
    book.add(format!("CREATE TABLE {space}.typed OF {ty}{columns}"), needs, [key.clone()]);
    book.comment(&dice, &format!("TABLE {space}.typed"), &key);
}

pub(super) fn text_search(book: &mut Book<'_>) {
    let Some(dice) = book.world.get(What::TextSearch, 0, 0).copied() else { return };
    let space = schema(&dice, 0);
    let need = format!("schema {space}");
    let accept = dice.pick(1, &["", ", accept = 'false'"]);
    book.add(
        format!("CREATE TEXT SEARCH DICTIONARY {space}.words (TEMPLATE = pg_catalog.simple{accept})"),
        [need.clone()],
        ["dictionary"],
    );
    book.add(
        format!("CREATE TEXT SEARCH CONFIGURATION {space}.search (PARSER = pg_catalog.\"default\")"),
        [need],
        ["configuration"],
    );
    let tokens = dice.pick(2, &["asciiword", "asciiword, word"]);
    book.add(
        format!("ALTER TEXT SEARCH CONFIGURATION {space}.search ADD MAPPING FOR {tokens} WITH {space}.words"),
        ["configuration", "dictionary"],
        NONE,
    );
    book.comment(&dice, &format!("TEXT SEARCH CONFIGURATION {space}.search"), "configuration");
}

/// Over the first function, where that has two arguments.
pub(super) fn operators(book: &mut Book<'_>) {
    let world = book.world;
    let Some(dice) = world.get(What::Operator, 0, 0).copied() else { return };
    let takes_two = world.get(What::Function, 0, 0).is_some_and(|dice| dice.number(2) % 4 >= 2);
    let (Some(function), Some(key)) = (routines::name(world, 0).filter(|_| takes_two), routines::key(world, 0)) else {
        return;
    };
    let space = schema(&dice, 0);
    let commutes = if dice.one_in(1, 2) { format!(", COMMUTATOR = OPERATOR({space}.<<+>>)") } else { String::new() };
    let needs = [key, format!("schema {space}")];
    book.add(
        format!(
            "CREATE OPERATOR {space}.<<+>> (FUNCTION = {function}, LEFTARG = integer, RIGHTARG = integer{commutes})"
        ),
        needs,
        ["operator"],
    );
    book.comment(&dice, &format!("OPERATOR {space}.<<+>> (integer, integer)"), "operator");
}

pub(super) fn casts(book: &mut Book<'_>) {
    let world = book.world;
    let (Some(dice), Some(ty)) = (world.get(What::Cast, 0, 0).copied(), types::composite_name(world, 0)) else {
        return;
    };
    let when = dice.pick(1, &["", " AS ASSIGNMENT"]);
    book.add(format!("CREATE CAST ({ty} AS json) WITH INOUT{when}"), [format!("type {ty}")], ["cast"]);
    book.comment(&dice, &format!("CAST ({ty} AS json)"), "cast");
}
