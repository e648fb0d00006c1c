//! Constraints, indexes, triggers, rules and policies.

use super::super::dice::{CHILD, CONSTRAINTS, Dice, INDEXES, PARTITIONS, TABLES, What, World};
use super::{Book, routines, tables};

/// A table while its parts are written.
struct Host {
    table: u8,
    name: String,
    needs: Vec<String>,
}

impl Host {
    fn of(world: &World, table: u8) -> Option<Host> {
        let name = tables::name(world, table)?;
        let needs = vec![format!("table {name}")];
        Some(Host { table, name, needs })
    }

    /// The column, when it is of that family; a need of whoever asks.
    fn column(&mut self, world: &World, column: u8, families: &[&str]) -> Option<&'static str> {
        let name = tables::column_name(world, self.table, column)?;
        let (_, family, _) = tables::ty(world, self.table, column)?;
        if !families.is_empty() && !families.contains(&family) {
            return None;
        }
        self.needs.push(format!("{family} {}.{name}", self.name));
        Some(name)
    }

    fn ty(&self, world: &World, column: u8) -> String {
        tables::ty(world, self.table, column).map(|(ty, ..)| ty).unwrap_or_default()
    }
}

fn is_partition(table: u8) -> bool {
    PARTITIONS.contains(&table)
}

pub(super) fn constraints(book: &mut Book<'_>) {
    for at in 0..CONSTRAINTS {
        for table in 0..TABLES {
            let Some(dice) = book.world.get(What::Constraint, table, at).copied() else { continue };
            constraint(book, table, at, &dice);
        }
    }
}

fn constraint(book: &mut Book<'_>, table: u8, at: u8, dice: &Dice) {
    let world = book.world;
    let Some(mut host) = Host::of(world, table) else { return };
    let mut given = Vec::new();
    let mut valid = "";
    let body = match at {
        0 if is_partition(table) => return,
        0 => {
            let Some(id) = host.column(world, 0, &["number"]) else { return };
            let second = if dice.one_in(1, 5) { host.column(world, 1, &["text"]) } else { None };
            let columns = [Some(id), second].into_iter().flatten().collect::<Vec<_>>().join(", ");
            if second.is_none() {
                given.push(format!("key {} {}", host.name, host.ty(world, 0)));
            }
            format!("PRIMARY KEY ({columns})")
        }
        1 => {
            let Some(name) = host.column(world, 1, &["text", "citext"]) else { return };
            let key = match table {
                table if tables::is_divided(table) => host.column(world, 0, &[]).map(|id| format!("{id}, {name}")),
                _ => Some(name.to_owned()),
            };
            let nulls = if world.major >= 15 && dice.one_in(1, 4) { "NULLS NOT DISTINCT " } else { "" };
            let include = match host.column(world, 2, &["number"]).filter(|_| dice.one_in(2, 5)) {
                Some(total) => format!(" INCLUDE ({total})"),
                None => String::new(),
            };
            let later = dice.pick(3, &["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"]);
            format!("UNIQUE {nulls}({}){include}{later}", key.unwrap_or_else(|| name.to_owned()))
        }
        2 => {
            let Some(total) = host.column(world, 2, &["number"]) else { return };
            let limit = dice.pick(1, &["0", "-1", "10"]);
            if dice.one_in(2, 4) {
                valid = " NOT VALID";
            }
            match dice.number(3) % 4 {
                0 => {
                    let Some(function) = routines::name(world, 0) else { return };
                    host.needs.extend(routines::key(world, 0));
                    format!("CHECK ({function}({total}::integer) > {limit})")
                }
                1 => format!("CHECK ({total} IS NOT NULL)"),
                _ => format!("CHECK ({total} > {limit})"),
            }
        }
        3 | 6 => {
            let Some(own) = host.column(world, 6, &["number"]) else { return };
            // The second one may lead back, or to the table itself.
            let target = if at == 3 { dice.number(1) % 3 } else { [table, 2, 1][usize::from(dice.number(1) % 3)] };
            let Some(target_name) = tables::name(world, target) else { return };
            let (Some(id), Some((ty, ..))) = (tables::column_name(world, target, 0), tables::ty(world, target, 0))
            else {
                return;
            };
            host.needs.push(format!("key {target_name} {ty}"));
            let actions = dice.pick(2, &["", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", ""]);
            let later = dice.pick(3, &["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"]);
            if dice.one_in(4, 4) && !tables::is_divided(table) {
                valid = " NOT VALID";
            }
            format!("FOREIGN KEY ({own}) REFERENCES {target_name} ({id}){actions}{later}")
        }
        4 => {
            if tables::is_divided(table) || is_partition(table) {
                return;
            }
            let Some(span) = host.column(world, 5, &["range"]) else { return };
            let filter = match host.column(world, 2, &["number"]).filter(|_| dice.one_in(1, 4)) {
                Some(total) => format!(" WHERE ({total} > 0)"),
                None => String::new(),
            };
            format!("EXCLUDE USING gist ({span} WITH &&){filter}")
        }
        7 => {
            let Some(status) = host.column(world, 3, &["enum"]) else { return };
            match dice.number(1) % 3 {
                0 => format!("CHECK ({status} = 'new' OR {status} IS NULL)"),
                1 => format!("CHECK ({status} >= 'new')"),
                _ => format!("CHECK ({status} IN ('new'))"),
            }
        }
        // What 18 brought.
        8..=10 if world.major < 18 => return,
        8 => {
            let Some(total) = host.column(world, 2, &["number"]) else { return };
            let enforced = if dice.one_in(1, 2) { " NOT ENFORCED" } else { "" };
            format!("CHECK ({total} < 1000000){enforced}")
        }
        9 => {
            if is_partition(table) || tables::is_divided(table) || world.get(What::Extension, 0, 1).is_none() {
                return;
            }
            host.needs.push("extension btree_gist".to_owned());
            let (Some(id), Some(span)) = (host.column(world, 0, &["number"]), host.column(world, 5, &["range"])) else {
                return;
            };
            format!("UNIQUE ({id}, {span} WITHOUT OVERLAPS)")
        }
        10 => {
            let Some(own) = host.column(world, 6, &["number"]) else { return };
            // Said twice it is refused.
            if world.get(What::Column, tables::home(world, table), 6).is_none_or(|dice| dice.one_in(5, 4)) {
                return;
            }
            if dice.one_in(1, 2) {
                valid = " NOT VALID";
            }
            format!("NOT NULL {own}")
        }
        _ => {
            let Some(name) = host.column(world, 1, &["text", "citext"]) else { return };
            if dice.one_in(2, 4) {
                valid = " NOT VALID";
            }
            let inherit = match dice.one_in(3, 4) && !tables::is_divided(table) {
                true => " NO INHERIT",
                false => "",
            };
            let text = dice.pick(1, &["'x'", "'y'", "'it''s'"]);
            format!("CHECK ({name}::text <> {text}){inherit}")
        }
    };
    let name = constraint_name(world, table, at);
    let named = name.as_ref().map_or_else(String::new, |name| format!("CONSTRAINT {name} "));
    let key = format!("constraint {table} {at}");
    if name.is_some() {
        given.push(key.clone());
    }
    book.add(format!("ALTER TABLE {} ADD {named}{body}{valid}", host.name), host.needs, given);
    if let Some(name) = name {
        // Known and left out: what is said of a NOT NULL, which is a constraint since 18, is not kept.
        if at != 10 {
            book.comment(dice, &format!("CONSTRAINT {name} ON {}", host.name), &key);
        }
        if at == 0 && dice.one_in(9, 5) {
            let none: [&str; 0] = [];
            book.add(format!("ALTER TABLE {} REPLICA IDENTITY USING INDEX {name}", host.name), [&key], none);
        }
    }
}

/// The name that a statement gives a constraint, if it does.
pub(super) fn constraint_name(world: &World, table: u8, at: u8) -> Option<String> {
    let dice = world.get(What::Constraint, table, at)?;
    let word = Some(dice.pick(8, &["", "", "own", "other"])).filter(|word| !word.is_empty())?;
    Some(format!("\"{word} {table} {at}\""))
}

pub(super) fn indexes(book: &mut Book<'_>) {
    for table in 0..TABLES {
        for at in 0..INDEXES {
            if let Some(dice) = book.world.get(What::Index, table, at).copied() {
                index(book, table, at, &dice);
            }
        }
    }
}

fn index(book: &mut Book<'_>, table: u8, at: u8, dice: &Dice) {
    let world = book.world;
    let Some(mut host) = Host::of(world, table) else { return };
    let mut unique = "";
    let keys = match (at, dice.number(1) % 8) {
        (0, 0) => host.column(world, 1, &["text"]).map(|name| format!("USING btree (lower({name}))")),
        (0, 1) if host.ty(world, 1) == "text" => {
            host.column(world, 1, &["text"]).map(|name| format!("USING btree ({name} text_pattern_ops)"))
        }
        (0, 2) => {
            host.column(world, 1, &["text"]).map(|name| format!("USING btree ({name} COLLATE \"C\" DESC NULLS LAST)"))
        }
        (0, 3) => host.column(world, 1, &["text"]).map(|name| format!("USING hash ({name})")),
        (0, 4) if host.ty(world, 1) == "text" && world.get(What::Extension, 0, 2).is_some() => {
            let place =
                world.get(What::Extension, 0, 2).map(|dice| dice.pick(0, &["public", "public", "public", "app"]));
            let place = place.unwrap_or("public");
            host.needs.push(format!("extension pg_trgm in {place}"));
            host.column(world, 1, &["text"]).map(|name| format!("USING gin ({name} {place}.gin_trgm_ops)"))
        }
        (0, _) => host.column(world, 1, &["text", "citext"]).map(|name| format!("({name})")),
        (1, 0) => host.column(world, 2, &["number"]).map(|total| format!("USING brin ({total})")),
        (1, 1) => host.column(world, 2, &["number"]).map(|total| format!("(({total} + 1))")),
        (1, 2) => {
            let function = routines::name(world, 0);
            host.needs.extend(routines::key(world, 0));
            let total = host.column(world, 2, &["number"]);
            function.zip(total).map(|(function, total)| format!("({function}({total}::integer))"))
        }
        (1, 3) => {
            let (id, total) = (host.column(world, 0, &["number"]), host.column(world, 2, &["number"]));
            unique = "UNIQUE ";
            id.zip(total).map(|(id, total)| format!("({id}, {total} DESC)"))
        }
        (1, _) => host.column(world, 2, &["number"]).map(|total| format!("({total} DESC)")),
        (2, _) => match host.column(world, 5, &[]) {
            Some(span) => match tables::ty(world, table, 5).map(|(_, family, _)| family) {
                Some("range" | "point") => Some(format!("USING gist ({span})")),
                Some("jsonb") if dice.one_in(1, 2) => Some(format!("USING gin ({span} jsonb_path_ops)")),
                Some("jsonb" | "array" | "tsvector") => Some(format!("USING gin ({span})")),
                Some("boolean") => Some(format!("({span})")),
                _ => None,
            },
            None => None,
        },
        (3, _) => host.column(world, 3, &["enum", "text"]).map(|status| format!("({status})")),
        (4, _) => {
            let (status, total) = (host.column(world, 3, &["enum"]), host.column(world, 2, &["number"]));
            status.zip(total).map(|(status, total)| format!("({status} DESC, {total})"))
        }
        _ => {
            unique = "UNIQUE ";
            let (id, own) = (host.column(world, 0, &["number"]), host.column(world, 6, &["number"]));
            let nulls = if world.major >= 15 && dice.one_in(6, 3) { " NULLS NOT DISTINCT" } else { "" };
            id.zip(own).map(|(id, own)| format!("({id}, {own}){nulls}"))
        }
    };
    let Some(mut keys) = keys else { return };
    if keys.starts_with('(')
        && unique.is_empty()
        && dice.one_in(2, 6)
        && let Some(id) = host.column(world, 0, &["number"])
    {
        keys += &format!(" INCLUDE ({id})");
    }
    if keys.contains("btree") && dice.one_in(3, 4) {
        keys += " WITH (fillfactor = 80)";
    }
    if dice.one_in(4, 4) {
        let filter = match dice.number(5) % 4 {
            0 => host.column(world, 3, &["enum"]).map(|status| format!("{status} = 'new'")),
            3 => host.column(world, 3, &["enum"]).map(|status| format!("{status} IN ('new') OR {status} > 'new'")),
            1 => host.column(world, 2, &["number"]).map(|total| format!("{total} > 3")),
            _ => host.column(world, 1, &["text"]).map(|name| format!("{name} IS NOT NULL")),
        };
        keys += &filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
    }
    let name = index_name(world, table, at).expect("it is there");
    let key = format!("index {table} {at}");
    book.add(format!("CREATE {unique}INDEX {name} ON {} {keys}", host.name), host.needs, [key.clone()]);
    let space = tables::schema_of(world, table).unwrap_or("public");
    book.comment(dice, &format!("INDEX {space}.{name}"), &key);
    if unique.is_empty() && keys.starts_with('(') && dice.one_in(9, 8) && !tables::is_divided(table) {
        book.add(format!("ALTER TABLE {} CLUSTER ON {name}", host.name), [key.clone()], [] as [&str; 0]);
    }
}

pub(super) fn index_name(world: &World, table: u8, at: u8) -> Option<String> {
    let dice = world.get(What::Index, table, at)?;
    Some(if dice.number(8) % 4 == 3 { format!("\"Idx {table} {at}\"") } else { format!("index_{table}_{at}") })
}

pub(super) fn triggers(book: &mut Book<'_>) {
    for table in 0..TABLES {
        for at in 0..3 {
            let Some(dice) = book.world.get(What::Trigger, table, at).copied() else { continue };
            let world = book.world;
            let (Some(mut host), Some(function)) = (Host::of(world, table), routines::name(world, 4)) else { continue };
            host.needs.extend(routines::key(world, 4));
            let of = match host.column(world, 2, &["number"]).filter(|_| dice.one_in(1, 3)) {
                Some(total) => format!(" OF {total}"),
                None => String::new(),
            };
            let events = dice.pick(2, &["INSERT", "UPDATEOF", "INSERT OR UPDATEOF", "DELETE"]).replace("OF", &of);
            let when = match host.column(world, 2, &["number"]).filter(|_| dice.one_in(3, 3)) {
                Some(total) if !events.contains("DELETE") => format!(" WHEN (NEW.{total} > 1)"),
                _ => String::new(),
            };
            let name = dice.pick(4, &["watch", "watch", "\"Watch\""]);
            // A partition has those of its parent, too.
            let name = if at == 0 && !is_partition(table) { name.to_owned() } else { format!("trigger_{table}_{at}") };
            let constraint = at == 1 && dice.one_in(5, 3);
            let sql = match constraint {
                _ if at == 2 => {
                    let what = dice.pick(
                        2,
                        &[
                            "AFTER UPDATE ON T REFERENCING NEW TABLE AS fresh OLD TABLE AS \"Old\"",
                            "AFTER INSERT ON T REFERENCING NEW TABLE AS fresh",
                            "BEFORE TRUNCATE ON T",
                            "AFTER DELETE ON T REFERENCING OLD TABLE AS gone",
                        ],
                    );
                    let what = what.replace("ON T", &format!("ON {}", host.name));
                    format!("CREATE TRIGGER {name} {what} FOR EACH STATEMENT EXECUTE FUNCTION {function}()")
                }
                true => format!(
                    "CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW{when} EXECUTE FUNCTION {function}()",
                    host.name
                ),
                false => {
                    let timing = dice.pick(6, &["BEFORE", "AFTER"]);
                    let argument = dice.pick(7, &["", "", "'arg'"]);
                    format!(
                        "CREATE TRIGGER {name} {timing} {events} ON {} FOR EACH ROW{when} EXECUTE FUNCTION {function}({argument})",
                        host.name
                    )
                }
            };
            let key = format!("trigger {table} {at}");
            book.add(sql, host.needs, [key.clone()]);
            if dice.one_in(8, 5) {
                let word = dice.pick(8, &["DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"]);
                book.add(format!("ALTER TABLE {} {word} TRIGGER {name}", host.name), [key.clone()], [] as [&str; 0]);
            }
            book.comment(&dice, &format!("TRIGGER {name} ON {}", host.name), &key);
        }
    }
}

pub(super) fn rules(book: &mut Book<'_>) {
    for table in 0..TABLES {
        for at in 0..2 {
            let Some(dice) = book.world.get(What::Rule, table, at).copied() else { continue };
            let Some(mut host) = Host::of(book.world, table) else { continue };
            let body = match at {
                0 => dice
                    .pick(
                        1,
                        &[
                            "INSERT TO T DO INSTEAD NOTHING",
                            "DELETE TO T DO ALSO NOTHING",
                            "UPDATE TO T DO INSTEAD NOTHING",
                        ],
                    )
                    .to_owned(),
                _ => match rule_over_another(book.world, &mut host, &dice) {
                    Some(body) => body,
                    None => continue,
                },
            };
            let body = body.replace(" T ", &format!(" {} ", host.name));
            let name = ["quiet", "\"Loud\""][usize::from(at)];
            let key = format!("rule {table} {at}");
            book.add(format!("CREATE RULE {name} AS ON {body}"), host.needs, [key.clone()]);
            if dice.one_in(5, 6) {
                let none: [&str; 0] = [];
                book.add(format!("ALTER TABLE {} DISABLE RULE {name}", host.name), [&key], none);
            }
            book.comment(&dice, &format!("RULE {name} ON {}", host.name), &key);
        }
    }
}

/// A rule that writes to another table.
fn rule_over_another(world: &World, host: &mut Host, dice: &Dice) -> Option<String> {
    let id = host.column(world, 0, &["number"])?;
    let mut target = Host::of(world, dice.number(2) % 3)?;
    let key = target.column(world, 6, &["number"])?;
    host.needs.extend(target.needs);
    let other = target.name;
    Some(match dice.number(3) % 3 {
        0 => format!("DELETE TO T DO ALSO DELETE FROM {other} WHERE {key} = OLD.{id}"),
        1 => format!("INSERT TO T WHERE NEW.{id} < 0 DO INSTEAD UPDATE {other} SET {key} = NEW.{id}"),
        _ => format!("UPDATE TO T DO ALSO INSERT INTO {other} ({key}) VALUES (OLD.{id})"),
    })
}

pub(super) fn policies(book: &mut Book<'_>) {
    for table in 0..TABLES {
        for at in 0..2 {
            let Some(dice) = book.world.get(What::Policy, table, at).copied() else { continue };
            let world = book.world;
            let Some(mut host) = Host::of(world, table) else { continue };
            let command = dice.pick(1, &["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]);
            let expr = match dice.number(2) % 5 {
                0 => host.column(world, 2, &["number"]).map(|total| format!("{total} > 1")),
                1 => policy_over_another(world, &mut host, &dice),
                2 => {
                    host.needs.extend(routines::key(world, 0));
                    let id = host.column(world, 0, &["number"]);
                    routines::name(world, 0).zip(id).map(|(function, id)| format!("{function}({id}::integer) = 1"))
                }
                3 => host.column(world, 3, &["enum"]).map(|status| format!("{status} = 'new'")),
                _ => Some("true".to_owned()),
            };
            let Some(expr) = expr else { continue };
            let both = super::ROLES.join(", ");
            let role = dice.pick(3, &["PUBLIC", super::ROLES[0], super::ROLES[1], both.as_str()]);
            let kind = if dice.one_in(4, 5) { " AS RESTRICTIVE" } else { "" };
            let using = if command == "INSERT" { String::new() } else { format!(" USING ({expr})") };
            let checked = command == "INSERT" || ["ALL", "UPDATE"].contains(&command) && dice.one_in(5, 2);
            let check = if checked { format!(" WITH CHECK ({expr})") } else { String::new() };
            let name = if at == 0 { "mine".to_owned() } else { dice.pick(6, &["yours", "\"Yours\""]).to_owned() };
            let key = format!("policy {table} {at}");
            book.add(
                format!("CREATE POLICY {name} ON {}{kind} FOR {command} TO {role}{using}{check}", host.name),
                host.needs,
                [key.clone()],
            );
            book.comment(&dice, &format!("POLICY {name} ON {}", host.name), &key);
        }
    }
}

/// A policy that looks into another table.
fn policy_over_another(world: &World, host: &mut Host, dice: &Dice) -> Option<String> {
    let other = dice.number(7) % 3;
    let id = host.column(world, 0, &["number"])?;
    let mut target = Host::of(world, other)?;
    let key = target.column(world, 6, &["number"])?;
    host.needs.extend(target.needs);
    let own = &host.name;
    (other != host.table && host.table != CHILD || dice.one_in(8, 2))
        .then(|| format!("EXISTS (SELECT 1 FROM {} o WHERE o.{key} = {own}.{id})", target.name))
}
