//! Statistics, publications, event triggers, default privileges, and privileges by themselves.

use super::super::dice::{TABLES, What};
use super::{Book, ROLES, routines, schema, tables, types};

pub(super) fn said(book: &mut Book<'_>) {
    statistics(book);
    publications(book);
    event_triggers(book);
    default_privileges(book);
    grants(book);
}

fn statistics(book: &mut Book<'_>) {
    let world = book.world;
    for at in 0..3 {
        let Some(dice) = world.get(What::Statistics, 0, at).copied() else { continue };
        let table = dice.number(1) % TABLES;
        let Some(host) = tables::name(world, table) else { continue };
        let (Some(one), Some(two)) = (tables::column_name(world, table, 0), tables::column_name(world, table, 2))
        else {
            continue;
        };
        let name = format!("{}.counts_{at}", schema(&dice, 0));
        let kinds = dice.pick(2, &["", "(ndistinct) ", "(dependencies, mcv) "]);
        let key = format!("statistics {name}");
        let needs =
            [format!("schema {}", schema(&dice, 0)), format!("column {host}.{one}"), format!("column {host}.{two}")];
        let number = tables::ty(world, table, 2).is_some_and(|(_, family, _)| family == "number");
        let keys = match at == 2 && number {
            true => format!("({one} + 1), ({two} * 2)"),
            false => format!("{one}, {two}"),
        };
        book.add(format!("CREATE STATISTICS {name} {kinds}ON {keys} FROM {host}"), needs, [key.clone()]);
        if dice.one_in(3, 4) {
            book.add(format!("ALTER STATISTICS {name} SET STATISTICS 50"), [&key], [] as [&str; 0]);
        }
        book.comment(&dice, &format!("STATISTICS {name}"), &key);
        book.owner(&dice, &format!("STATISTICS {name}"), &key);
    }
}

fn publications(book: &mut Book<'_>) {
    let world = book.world;
    for at in 0..3 {
        let Some(dice) = world.get(What::Publication, 0, at).copied() else { continue };
        let mut needs = Vec::new();
        let mut members = Vec::new();
        for table in
            [0, 1, 2, 5].into_iter().enumerate().filter(|(die, _)| dice.one_in(1 + die, 2)).map(|(_, table)| table)
        {
            let Some(name) = tables::name(world, table) else { continue };
            if world.get(What::Table, table, 0).is_some_and(|dice| dice.one_in(3, 8)) {
                continue;
            }
            needs.push(format!("table {name}"));
            let filter = match tables::column_name(world, table, 0).filter(|_| world.major >= 15 && dice.one_in(6, 3)) {
                Some(id) => {
                    needs.push(format!("number {name}.{id}"));
                    format!(" WHERE ({id} > 5)")
                }
                None => String::new(),
            };
            let columns = match tables::column_name(world, table, 0) {
                // Filters and lists are of columns in the replica identity; a list over a key is always good.
                Some(id) if world.major >= 15 && dice.one_in(8, 4) => {
                    needs.push(format!("column {name}.{id}"));
                    format!(" ({id})")
                }
                _ => String::new(),
            };
            members.push(format!("{name}{columns}{filter}"));
        }
        let what = match (members.is_empty(), dice.one_in(5, 8)) {
            _ if at == 2 && world.major >= 15 => {
                let (app, odd) = ("schema app", "schema \"Odd Name\"");
                needs = vec![app.to_owned()];
                match dice.one_in(6, 2) {
                    true => {
                        needs.push(odd.to_owned());
                        " FOR TABLES IN SCHEMA app, \"Odd Name\"".to_owned()
                    }
                    false => " FOR TABLES IN SCHEMA app".to_owned(),
                }
            }
            (_, true) => {
                needs.clear();
                " FOR ALL TABLES".to_owned()
            }
            (true, _) => String::new(),
            _ => format!(" FOR TABLE {}", members.join(", ")),
        };
        let with = dice.pick(7, &["", "", " WITH (publish = 'insert')", " WITH (publish_via_partition_root = true)"]);
        let name = ["published", "\"Pub\"", "whole_schemas"][usize::from(at)];
        let key = format!("publication {name}");
        book.add(format!("CREATE PUBLICATION {name}{what}{with}"), needs, [key.clone()]);
        book.comment(&dice, &format!("PUBLICATION {name}"), &key);
    }
}

fn event_triggers(book: &mut Book<'_>) {
    let world = book.world;
    let Some(dice) = world.get(What::EventTrigger, 0, 0).copied() else { return };
    let (Some(function), Some(need)) = (routines::name(world, 5), routines::key(world, 5)) else { return };
    let event = dice.pick(1, &["ddl_command_end", "ddl_command_start", "sql_drop"]);
    let tags = dice.pick(2, &["", "", " WHEN TAG IN ('DROP TABLE')", " WHEN TAG IN ('DROP TABLE', 'ALTER TABLE')"]);
    book.add(
        format!("CREATE EVENT TRIGGER watch_ddl ON {event}{tags} EXECUTE FUNCTION {function}()"),
        [need],
        ["event trigger"],
    );
    if dice.one_in(3, 4) {
        book.add("ALTER EVENT TRIGGER watch_ddl DISABLE".to_owned(), ["event trigger"], [] as [&str; 0]);
    }
    book.comment(&dice, "EVENT TRIGGER watch_ddl", "event trigger");
}

fn default_privileges(book: &mut Book<'_>) {
    let world = book.world;
    for at in 0..3 {
        let Some(dice) = world.get(What::DefaultPrivileges, 0, at).copied() else { continue };
        if at == 2 {
            let what = dice.pick(1, &["EXECUTE ON FUNCTIONS", "USAGE ON TYPES"]);
            let none: [&str; 0] = [];
            book.add(format!("ALTER DEFAULT PRIVILEGES REVOKE {what} FROM PUBLIC"), none, none);
            continue;
        }
        let (place, need) = match at {
            0 => (String::new(), "schema public".to_owned()),
            _ => (format!(" IN SCHEMA {}", schema(&dice, 0)), format!("schema {}", schema(&dice, 0))),
        };
        let given = dice.pick(
            1,
            &[
                "SELECT ON TABLES",
                "SELECT, INSERT ON TABLES",
                "USAGE ON SEQUENCES",
                "EXECUTE ON FUNCTIONS",
                "USAGE ON TYPES",
            ],
        );
        let role = dice.pick(2, &ROLES);
        book.add(format!("ALTER DEFAULT PRIVILEGES{place} GRANT {given} TO {role}"), [need], [] as [&str; 0]);
    }
}

fn grants(book: &mut Book<'_>) {
    let world = book.world;
    for at in 0..8 {
        let Some(dice) = world.get(What::Grant, 0, at).copied() else { continue };
        let role = dice.pick(1, &ROLES);
        let option = if dice.one_in(2, 4) { " WITH GRANT OPTION" } else { "" };
        let (target, need) = match at {
            0 => ("USAGE ON SCHEMA app".to_owned(), "schema app".to_owned()),
            1 => ("CREATE ON SCHEMA \"Odd Name\"".to_owned(), "schema \"Odd Name\"".to_owned()),
            2 => match types::sequence_name(world, dice.number(3) % 3) {
                Some(name) => (format!("USAGE ON SEQUENCE {name}"), format!("sequence {name}")),
                None => continue,
            },
            3 => match types::enum_name(world, dice.number(3) % 3) {
                Some(name) => (format!("USAGE ON TYPE {name}"), format!("type {name}")),
                None => continue,
            },
            _ => {
                let table = dice.number(3) % TABLES;
                let Some(name) = tables::name(world, table) else { continue };
                match (dice.number(4) % 2, tables::column_name(world, table, dice.number(5) % 7)) {
                    (0, Some(column)) => {
                        let privilege = dice.pick(6, &["SELECT", "UPDATE"]);
                        (format!("{privilege} ({column}) ON {name}"), format!("column {name}.{column}"))
                    }
                    _ => {
                        let privilege = dice.pick(6, &["SELECT", "INSERT, UPDATE", "DELETE"]);
                        (format!("{privilege} ON {name}"), format!("table {name}"))
                    }
                }
            }
        };
        let (role, option) = if dice.one_in(7, 6) { ("PUBLIC", "") } else { (role, option) };
        book.add(format!("GRANT {target} TO {role}{option}"), [need], [] as [&str; 0]);
    }
}
