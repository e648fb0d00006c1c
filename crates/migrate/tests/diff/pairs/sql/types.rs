//! Schemas, extensions, types and sequences.

use super::super::dice::{What, World};
use super::{Book, schema, tables};

pub(super) fn schemas(book: &mut Book<'_>) {
    book.add(String::new(), [] as [&str; 0], ["schema public"]);
    for (at, name) in ["app", "\"Odd Name\""].into_iter().enumerate() {
        let Some(dice) = book.world.get(What::Schema, 0, at as u8).copied() else { continue };
        let key = format!("schema {name}");
        book.add(format!("CREATE SCHEMA {name}"), [] as [&str; 0], [key.clone()]);
        book.comment(&dice, &format!("SCHEMA {name}"), &key);
        book.owner(&dice, &format!("SCHEMA {name}"), &key);
    }
}

pub(super) fn extensions(book: &mut Book<'_>) {
    for (at, name) in ["citext", "btree_gist", "pg_trgm"].into_iter().enumerate() {
        let Some(dice) = book.world.get(What::Extension, 0, at as u8).copied() else { continue };
        let place = dice.pick(0, &["public", "public", "public", "app"]);
        let key = format!("extension {name} in {place}");
        let sql = format!("CREATE EXTENSION {name} SCHEMA {place}");
        book.add(sql, [format!("schema {place}")], [key.clone(), format!("extension {name}")]);
    }
}

pub(super) fn enum_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Enum, 0, at)?;
    let plain = [["mood", "feeling"], ["\"Order State\"", "order_state"], ["level", "user"]][usize::from(at)];
    let name = if dice.one_in(9, 10) { plain[1] } else { plain[0] };
    let name = if name == "user" { "\"user\"" } else { name };
    Some(format!("{}.{name}", schema(dice, 0)))
}

pub(super) const LABELS: [&str; 6] = ["new", "paid", "it's", "Sent", "done", "lost"];
/// A label and an attribute may have another name.
pub(super) const DONE: [&str; 2] = ["done", "finished"];
pub(super) const STREET: [&str; 2] = ["street", "\"Road\""];

/// The labels in their order; `new` is always one.
pub(super) fn labels(world: &World, at: u8) -> Vec<&'static str> {
    let Some(dice) = world.get(What::Enum, 0, at) else { return Vec::new() };
    let mut labels = vec![LABELS[0]];
    labels.extend((1..LABELS.len()).filter(|at| !dice.one_in(*at, 3)).map(|at| LABELS[at]));
    if dice.one_in(8, 6) {
        labels.iter_mut().filter(|label| **label == DONE[0]).for_each(|label| *label = DONE[1]);
    }
    if dice.one_in(6, 6) {
        labels.reverse();
    }
    if dice.one_in(7, 8) {
        labels.rotate_left(1);
    }
    labels
}

pub(super) fn enums(book: &mut Book<'_>) {
    for at in 0..3 {
        let Some(dice) = book.world.get(What::Enum, 0, at).copied() else { continue };
        let name = enum_name(book.world, at).expect("it is there");
        let labels: Vec<String> =
            labels(book.world, at).iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
        let key = format!("type {name}");
        let need = format!("schema {}", schema(&dice, 0));
        book.add(format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", ")), [need], [key.clone()]);
        book.comment(&dice, &format!("TYPE {name}"), &key);
        book.owner(&dice, &format!("TYPE {name}"), &key);
    }
}

pub(super) fn domain_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Domain, 0, at)?;
    let name = if dice.one_in(9, 10) {
        format!("kind_{at}")
    } else {
        ["amount", "\"Title\"", "state", "place", "spans"][usize::from(at)].to_owned()
    };
    Some(format!("{}.{name}", schema(dice, 0)))
}

/// The base of a domain, what it needs, and its family.
fn domain_base(world: &World, at: u8) -> Option<(String, Option<String>, &'static str)> {
    let dice = world.get(What::Domain, 0, at)?;
    let own = |name: Option<String>, family| name.map(|name| (name.clone(), Some(format!("type {name}")), family));
    let plain = |ty: &str, family| Some((ty.to_owned(), None, family));
    match at {
        0 => match dice.number(1) % 6 {
            0 | 1 => plain("integer", "number"),
            2 => plain("numeric(12,2)", "number"),
            3 => plain("bigint", "number"),
            _ => plain("numeric", "number"),
        },
        1 => match dice.number(1) % 4 {
            0 => plain("varchar(30)", "text"),
            _ => plain("text", "text"),
        },
        3 => own(composite_name(world, 0), "place"),
        4 => match (dice.number(1) % 3, range_name(world, 0)) {
            (0, Some(span)) => own(Some(span), "span"),
            (1, _) => plain("integer[]", "numbers"),
            _ => plain("daterange", "span"),
        },
        _ => match dice.number(1) % 4 {
            // A domain over a domain, or over an enum.
            0 => own(domain_name(world, 1), "text"),
            1 => own(enum_name(world, 0), "enum"),
            _ => plain("text", "text"),
        },
    }
}

pub(super) fn domain_family(world: &World, at: u8) -> Option<&'static str> {
    domain_base(world, at).map(|(_, _, family)| family)
}

pub(super) fn domains(book: &mut Book<'_>, which: std::ops::Range<u8>) {
    for at in which {
        let Some(dice) = book.world.get(What::Domain, 0, at).copied() else { continue };
        let name = domain_name(book.world, at).expect("it is there");
        let Some((base, need, family)) = domain_base(book.world, at) else { continue };
        let mut needs = vec![format!("schema {}", schema(&dice, 0))];
        needs.extend(need);
        let mut sql = format!("CREATE DOMAIN {name} AS {base}");
        if dice.one_in(2, 4) {
            let default = match family {
                "number" => dice.pick(3, &["0", "1", "42"]),
                "enum" => "'new'",
                "place" => "NULL",
                "span" => "'empty'",
                "numbers" => dice.pick(3, &["'{}'", "'{1,2}'", "ARRAY[1]"]),
                _ => dice.pick(3, &["''", "'new'", "'it''s'"]),
            };
            sql += &format!(" DEFAULT {default}");
        }
        if dice.one_in(4, 8) {
            sql += " NOT NULL";
        }
        let key = format!("type {name}");
        book.add(sql, needs, [key.clone()]);
        let place = street(book.world, 0).map(|street| format!("(value).{street} IS DISTINCT FROM 'x'"));
        let check = match family {
            "number" => dice.pick(5, &["value >= 0", "value > -10", "value <> 7"]),
            "enum" => "value <> 'lost'",
            "place" => place.as_deref().unwrap_or("value IS NOT NULL"),
            "span" => dice.pick(5, &["NOT isempty(value) OR true", "value IS NOT NULL OR true"]),
            "numbers" => dice.pick(5, &["cardinality(value) < 9", "value <> '{7}'"]),
            _ => dice.pick(5, &["length(value) < 40", "value <> 'x'", "value !~ 'z$'"]),
        };
        if dice.one_in(6, 2) && (family != "enum" || labels(book.world, 0).contains(&"lost")) {
            let valid = if dice.one_in(7, 6) { " NOT VALID" } else { "" };
            let check_name = dice.pick(8, &["fine", "fine", "\"Fine\""]);
            book.add(
                format!("ALTER DOMAIN {name} ADD CONSTRAINT {check_name} CHECK ({check}){valid}"),
                [key.clone()],
                [format!("check of {name}")],
            );
            let on = format!("CONSTRAINT {check_name} ON DOMAIN {name}");
            book.comment(&dice, &on, &format!("check of {name}"));
        }
        book.comment(&dice, &format!("DOMAIN {name}"), &key);
        book.owner(&dice, &format!("DOMAIN {name}"), &key);
    }
}

pub(super) fn composite_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Composite, 0, at)?;
    let name =
        if dice.one_in(9, 10) { format!("pair_{at}") } else { ["address", "\"Money\""][usize::from(at)].to_owned() };
    Some(format!("{}.{name}", schema(dice, 0)))
}

/// The first attribute of a composite type.
pub(super) fn street(world: &World, at: u8) -> Option<&'static str> {
    let dice = world.get(What::Composite, 0, at)?;
    Some(STREET[usize::from(dice.one_in(7, 6))])
}

pub(super) fn composites(book: &mut Book<'_>) {
    for at in 0..2 {
        let Some(dice) = book.world.get(What::Composite, 0, at).copied() else { continue };
        let name = composite_name(book.world, at).expect("it is there");
        let mut needs = vec![format!("schema {}", schema(&dice, 0))];
        let street = street(book.world, at).expect("it is there");
        let mut attributes = vec![format!("{street} {}", dice.pick(1, &["text", "text", "varchar(80)"]))];
        if !dice.one_in(2, 3) {
            attributes.push(format!("zip {}", dice.pick(3, &["text", "integer", "char(5)"])));
        }
        if let Some(state) = enum_name(book.world, 0).filter(|_| dice.one_in(4, 3)) {
            needs.push(format!("type {state}"));
            attributes.push(format!("state {state}"));
        }
        if let Some(inner) = composite_name(book.world, 0).filter(|_| at == 1 && dice.one_in(5, 3)) {
            needs.push(format!("type {inner}"));
            attributes.push(format!("\"In\" {inner}[]"));
        }
        let key = format!("type {name}");
        book.add(format!("CREATE TYPE {name} AS ({})", attributes.join(", ")), needs, [key.clone()]);
        book.comment(&dice, &format!("TYPE {name}"), &key);
        if dice.one_in(6, 4) {
            book.add(format!("COMMENT ON COLUMN {name}.{street} IS 'where'"), [key.clone()], [] as [&str; 0]);
        }
        book.owner(&dice, &format!("TYPE {name}"), &key);
    }
}

pub(super) fn range_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Range, 0, at)?;
    let plain = [["span", "stretch"], ["\"Floatrange\"", "floats"]][usize::from(at)];
    Some(format!("{}.{}", schema(dice, 0), plain[usize::from(dice.one_in(9, 8))]))
}

/// The multirange type beside a range; the one of another name where that is said.
pub(super) fn multirange_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Range, 0, at)?;
    let space = schema(dice, 0);
    if dice.one_in(3, 3) {
        return Some(format!("{space}.many_{at}"));
    }
    let name = range_name(world, at)?.split_once('.')?.1.trim_matches('"').to_owned();
    let usual =
        if name.contains("range") { name.replacen("range", "multirange", 1) } else { format!("{name}_multirange") };
    Some(format!("{space}.\"{usual}\""))
}

pub(super) fn ranges(book: &mut Book<'_>) {
    for at in 0..2 {
        let Some(dice) = book.world.get(What::Range, 0, at).copied() else { continue };
        let name = range_name(book.world, at).expect("it is there");
        let mut needs = vec![format!("schema {}", schema(&dice, 0))];
        let mut subtype = match dice.number(1) % 5 {
            0 | 1 => "numeric".to_owned(),
            2 => "text".to_owned(),
            3 => enum_name(book.world, 0).unwrap_or_else(|| "time".to_owned()),
            _ => "real".to_owned(),
        };
        let mut rest = String::new();
        if at == 1 {
            subtype = "double precision".to_owned();
            if dice.one_in(2, 3) {
                rest += ", subtype_diff = float8mi";
            }
        }
        if subtype.contains('.') {
            needs.push(format!("type {subtype}"));
        }
        if dice.one_in(3, 3) {
            rest += &format!(", multirange_type_name = {}", multirange_name(book.world, at).expect("it is there"));
        }
        let key = format!("type {name}");
        book.add(format!("CREATE TYPE {name} AS RANGE (subtype = {subtype}{rest})"), needs, [key.clone()]);
        book.comment(&dice, &format!("TYPE {name}"), &key);
        book.owner(&dice, &format!("TYPE {name}"), &key);
    }
}

pub(super) fn sequence_name(world: &World, at: u8) -> Option<String> {
    let dice = world.get(What::Sequence, 0, at)?;
    let name = if dice.one_in(9, 12) {
        format!("numbers_{at}")
    } else {
        ["ticket_seq", "\"Seq\"", "order_seq"][usize::from(at)].to_owned()
    };
    Some(format!("{}.{name}", schema(dice, 0)))
}

pub(super) fn sequences(book: &mut Book<'_>) {
    for at in 0..3 {
        let Some(dice) = book.world.get(What::Sequence, 0, at).copied() else { continue };
        let name = sequence_name(book.world, at).expect("it is there");
        let unlogged = book.world.major >= 15 && dice.one_in(8, 6);
        let mut sql = format!("CREATE {}SEQUENCE {name}", if unlogged { "UNLOGGED " } else { "" });
        if dice.one_in(1, 3) {
            sql += " AS integer";
        }
        if dice.one_in(2, 3) {
            sql += dice.pick(3, &[" INCREMENT 10", " START 100", " MAXVALUE 5000", " MINVALUE -5 START 3"]);
        }
        if dice.one_in(4, 4) {
            sql += " CACHE 20";
        }
        if dice.one_in(5, 5) {
            sql += " CYCLE";
        }
        let key = format!("sequence {name}");
        book.add(sql, [format!("schema {}", schema(&dice, 0))], [key.clone()]);
        book.comment(&dice, &format!("SEQUENCE {name}"), &key);
        // One that a column owns has the owner of its table.
        if owned_by(book.world, at).is_none() {
            book.owner(&dice, &format!("SEQUENCE {name}"), &key);
        }
    }
}

/// The table and column that a sequence goes away with; both in its schema.
pub(super) fn owned_by(world: &World, at: u8) -> Option<(u8, u8)> {
    let dice = world.get(What::Sequence, 0, at)?;
    let table = dice.number(7) % 3;
    let same = tables::schema_of(world, table)? == schema(dice, 0);
    (same && dice.one_in(6, 2)).then_some((table, 2))
}
