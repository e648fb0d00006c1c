//! Functions, procedures and aggregates: over built-in types, over the schema's types, over its tables.

use super::super::dice::{Dice, What, World};
use super::{Book, schema, tables, types, views};

/// The name of a routine with its schema, when it is there.
pub(super) fn name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Function, 0, at)?;
    let plain = [
        "number_of",
        "number_of",
        "row_text",
        "rows_of",
        "touch",
        "on_ddl",
        "is_new",
        "\"Do It\"",
        "atomic",
        "moment",
        "total",
        "seen_text",
        "\"Rows\"",
        "in_span",
        "said",
    ];
    Some(format!("{}.{}", schema(dice, 0), plain[usize::from(at)]))
}

/// The key of a routine that others need.
pub(super) fn key(world: &World, at: u8) -> Option<String> {
    Some(format!("routine {at} {}", name(world, at)?))
}

fn routine(book: &mut Book<'_>, at: u8, signature: &str, rest: &str, mut needs: Vec<String>) {
    let Some(dice) = book.world.get(What::Function, 0, at).copied() else { return };
    let name = name(book.world, at).expect("it is there");
    let kind = if at == 7 { "PROCEDURE" } else { "FUNCTION" };
    needs.push(format!("schema {}", schema(&dice, 0)));
    let key = key(book.world, at).expect("it is there");
    book.add(format!("CREATE {kind} {name}({signature}) {rest}"), needs, [key.clone()]);
    dressed(book, &dice, kind, &format!("{name}({})", identity(signature)), &key);
}

fn dressed(book: &mut Book<'_>, dice: &Dice, kind: &str, target: &str, key: &str) {
    let none: [&str; 0] = [];
    book.comment(dice, &format!("{kind} {target}"), key);
    book.owner(dice, &format!("{kind} {target}"), key);
    if dice.one_in(9, 6) && kind != "AGGREGATE" {
        let role = dice.pick(9, &super::ROLES);
        book.add(format!("GRANT EXECUTE ON {kind} {target} TO {role}"), [key], none);
        book.add(format!("REVOKE EXECUTE ON {kind} {target} FROM PUBLIC"), [key], none);
    }
}

/// The arguments without their defaults.
fn identity(signature: &str) -> String {
    signature
        .split(", ")
        .map(|argument| argument.split(" DEFAULT ").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn manner(dice: &Dice) -> String {
    let mut words = String::new();
    if dice.one_in(5, 4) {
        words += " STRICT";
    }
    if dice.one_in(6, 5) {
        words += " SECURITY DEFINER";
    }
    if dice.one_in(7, 5) {
        words += " COST 7";
    }
    if dice.one_in(8, 5) {
        words += " SET search_path TO 'public', 'pg_temp'";
    }
    words
}

pub(super) fn over_builtin_types(book: &mut Book<'_>) {
    if let Some(dice) = book.world.get(What::Function, 0, 0).copied() {
        let argument = dice.pick(1, &["a", "a", "a", "x"]);
        let second = dice.pick(2, &["", "", ", b integer DEFAULT 1", ", b integer DEFAULT 2"]);
        let body = dice.pick(3, &["SELECT 1", "SELECT 2", "SELECT $1"]);
        let rest = format!("RETURNS integer LANGUAGE sql IMMUTABLE{} AS $$ {body} $$", manner(&dice));
        routine(book, 0, &format!("{argument} integer{second}"), &rest, Vec::new());
    }
    if let Some(dice) = book.world.get(What::Function, 0, 1).copied() {
        let returns = dice.pick(1, &["integer", "integer", "bigint"]);
        let body = dice.pick(3, &["SELECT length($1)", "SELECT 1"]);
        let rest = format!("RETURNS {returns} LANGUAGE sql IMMUTABLE{} AS $$ {body} $$", manner(&dice));
        routine(book, 1, "text", &rest, Vec::new());
    }
    if let Some(dice) = book.world.get(What::Function, 0, 4).copied() {
        let body = dice.pick(1, &["RETURN NEW;", "NEW := NEW; RETURN NEW;", "RETURN NULL;"]);
        let rest = format!("RETURNS trigger LANGUAGE plpgsql{} AS $$ BEGIN {body} END $$", manner(&dice));
        routine(book, 4, "", &rest, Vec::new());
    }
    if book.world.get(What::Function, 0, 5).is_some() {
        routine(book, 5, "", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$", Vec::new());
    }
    if let Some(dice) = book.world.get(What::Function, 0, 9).copied() {
        let volatility = dice.pick(1, &["STABLE", "VOLATILE"]);
        let rest = format!("RETURNS timestamptz LANGUAGE sql {volatility}{} AS $$ SELECT now() $$", manner(&dice));
        routine(book, 9, "", &rest, Vec::new());
    }
    // The aggregate stands on the first function with two arguments.
    if let Some(dice) = book.world.get(What::Function, 0, 10).copied() {
        let first = book.world.get(What::Function, 0, 0).copied().filter(|dice| dice.number(2) % 4 >= 2);
        if first.is_some() {
            let (own, step) = (name(book.world, 10).expect("it is there"), name(book.world, 0).expect("it is there"));
            let start = dice.pick(1, &["0", "1"]);
            let needs = [key(book.world, 0).expect("it is there"), format!("schema {}", schema(&dice, 0))];
            let own_key = key(book.world, 10).expect("it is there");
            book.add(
                format!("CREATE AGGREGATE {own}(integer) (SFUNC = {step}, STYPE = integer, INITCOND = '{start}')"),
                needs,
                [own_key.clone()],
            );
            dressed(book, &dice, "AGGREGATE", &format!("{own}(integer)"), &own_key);
        }
    }
}

pub(super) fn over_own_types(book: &mut Book<'_>) {
    over_ranges_and_labels(book);
    if let Some(dice) = book.world.get(What::Function, 0, 6).copied() {
        let own = match dice.number(1) % 4 {
            0 => types::domain_name(book.world, 1),
            1 => types::composite_name(book.world, 0),
            2 => types::enum_name(book.world, 0).map(|name| format!("{name}[]")),
            _ => types::enum_name(book.world, 0),
        };
        let Some(own) = own else { return };
        let needs = vec![format!("type {}", own.trim_end_matches("[]"))];
        let rest = format!("RETURNS boolean LANGUAGE sql IMMUTABLE{} AS $$ SELECT $1 IS NOT NULL $$", manner(&dice));
        routine(book, 6, &format!("it {own}"), &rest, needs);
    }
}

fn over_ranges_and_labels(book: &mut Book<'_>) {
    let world = book.world;
    if let (Some(dice), Some(span)) = (world.get(What::Function, 0, 13).copied(), types::range_name(world, 0)) {
        let own = match dice.number(1) % 3 {
            0 => types::multirange_name(world, 0).expect("it is beside the range"),
            _ => span.clone(),
        };
        let rest = format!("RETURNS boolean LANGUAGE sql IMMUTABLE{} AS $$ SELECT isempty($1) $$", manner(&dice));
        routine(book, 13, &format!("it {own}"), &rest, vec![format!("type {span}")]);
    }
    if let (Some(dice), Some(state)) = (world.get(What::Function, 0, 14).copied(), types::enum_name(world, 0)) {
        let (argument, returns) = match dice.number(1) % 3 {
            0 => (format!("it {state} DEFAULT 'new'"), "text".to_owned()),
            1 => (format!("it text, OUT found {state}, OUT many {state}[]"), "record".to_owned()),
            _ => (format!("VARIADIC it {state}[]"), state.clone()),
        };
        let rest = format!("RETURNS {returns} LANGUAGE plpgsql{} AS $$ BEGIN RETURN NULL; END $$", manner(&dice));
        let rest = if dice.number(1) % 3 == 1 { rest.replace("RETURN NULL;", "NULL;") } else { rest };
        routine(book, 14, &argument, &rest, vec![format!("type {state}")]);
    }
}

pub(super) fn over_views(book: &mut Book<'_>) {
    let world = book.world;
    if let Some(dice) = world.get(What::Function, 0, 7).copied() {
        let argument = match (dice.number(1) % 3, views::name(world, 0)) {
            (0, Some(view)) => (format!("it {view}"), vec![format!("view {view}")]),
            (1, _) => ("INOUT a integer DEFAULT 3".to_owned(), Vec::new()),
            _ => ("a integer".to_owned(), Vec::new()),
        };
        let rest = format!("LANGUAGE plpgsql AS $$ BEGIN NULL; {} END $$", dice.pick(3, &["", "NULL;"]));
        routine(book, 7, &argument.0, &rest, argument.1);
    }
    if let (Some(dice), Some(view)) = (world.get(What::Function, 0, 11).copied(), views::name(world, 2)) {
        let array = dice.pick(4, &["", "[]"]);
        let rest = format!("RETURNS text LANGUAGE sql STABLE{} AS $$ SELECT $1::text $$", manner(&dice));
        routine(book, 11, &format!("it {view}{array}"), &rest, vec![format!("view {view}")]);
    }
    if let Some(dice) = world.get(What::Function, 0, 12).copied() {
        let (returns, needs) = match (dice.number(1) % 3, views::name(world, 6), types::enum_name(world, 0)) {
            (0, Some(view), _) => (format!("SETOF {view}"), vec![format!("view {view}")]),
            (1, _, Some(state)) => (format!("TABLE(id bigint, state {state})"), vec![format!("type {state}")]),
            _ => ("SETOF record".to_owned(), Vec::new()),
        };
        let rest = format!("RETURNS {returns} LANGUAGE plpgsql{} AS $$ BEGIN RETURN; END $$", manner(&dice));
        routine(book, 12, "", &rest, needs);
    }
}

pub(super) fn over_tables(book: &mut Book<'_>) {
    let world = book.world;
    if let (Some(dice), Some(table)) = (world.get(What::Function, 0, 2).copied(), tables::name(world, 0)) {
        let body = dice.pick(3, &["SELECT 'a'", "SELECT $1::text"]);
        let array = dice.pick(4, &["", "", "[]"]);
        let rest = format!("RETURNS text LANGUAGE sql STABLE{} AS $$ {body} $$", manner(&dice));
        routine(book, 2, &format!("it {table}{array}"), &rest, vec![format!("table {table}")]);
    }
    if let (Some(dice), Some(table)) = (world.get(What::Function, 0, 3).copied(), tables::name(world, 1)) {
        let (returns, needs) = match dice.number(1) % 3 {
            0 => (format!("SETOF {table}"), vec![format!("table {table}")]),
            1 => ("TABLE(id bigint, said text)".to_owned(), Vec::new()),
            _ => (table.to_string(), vec![format!("table {table}")]),
        };
        let rest = format!("RETURNS {returns} LANGUAGE plpgsql{} AS $$ BEGIN RETURN; END $$", manner(&dice));
        let rest = if dice.number(1) % 3 == 2 { rest.replace("RETURN;", "RETURN NULL;") } else { rest };
        routine(book, 3, "", &rest, needs);
    }
    if let (Some(dice), Some(table)) = (world.get(What::Function, 0, 8).copied(), tables::name(world, 0))
        && let Some(column) = tables::column_name(world, 0, 0)
    {
        let needs = vec![format!("column {table}.{column}")];
        let body = match dice.number(1) % 2 {
            0 => format!("RETURN (SELECT count({column}) FROM {table})"),
            _ => format!("BEGIN ATOMIC SELECT count({column}) FROM {table}; END"),
        };
        routine(book, 8, "", &format!("RETURNS bigint LANGUAGE sql STABLE {body}"), needs);
    }
}
