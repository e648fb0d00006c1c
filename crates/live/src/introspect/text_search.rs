//! Text search: parsers, templates, dictionaries, and configurations with what they map each sort of word to.

use std::collections::BTreeMap;

use model::object::Object;
use model::{Name, Sql};
use postgres::Row;

use super::operators::{full, function};
use super::row::name;
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    for (catalog, kind, sql, functions) in [
        (
            catalog::TS_PARSER,
            "PARSER",
            "SELECT oid, prsname::text AS name, prsnamespace AS namespace, prsstart::oid AS a, prstoken::oid AS b,
                    prsend::oid AS c, prslextype::oid AS d, prsheadline::oid AS e
             FROM pg_ts_parser WHERE oid >= 16384 ORDER BY oid",
            &[("START", "a"), ("GETTOKEN", "b"), ("END", "c"), ("LEXTYPES", "d"), ("HEADLINE", "e")][..],
        ),
        (
            catalog::TS_TEMPLATE,
            "TEMPLATE",
            "SELECT oid, tmplname::text AS name, tmplnamespace AS namespace, tmplinit::oid AS a, tmpllexize::oid AS b
             FROM pg_ts_template WHERE oid >= 16384 ORDER BY oid",
            &[("INIT", "a"), ("LEXIZE", "b")][..],
        ),
    ] {
        for row in world.rows(sql)? {
            if world.is_member(catalog, row.get("oid")) {
                continue;
            }
            let mut options = Vec::new();
            for (word, column) in functions {
                let oid: u32 = row.get(*column);
                if oid != 0 {
                    options.push(format!("{word} = {}", function(world, oid)));
                }
            }
            let create = format!("CREATE TEXT SEARCH {kind} {} ({})", own(world, &row), options.join(", "));
            world.add_named(catalog, row.get("oid"), None, &create);
        }
    }
    dictionaries(world)?;
    configurations(world)
}

fn own(world: &World<'_>, row: &Row) -> String {
    full(&world.namespace(row.get("namespace")), row.get("name"))
}

fn dictionaries(world: &mut World<'_>) -> Result<(), Error> {
    for row in world.rows(
        "SELECT d.oid, d.dictname::text AS name, d.dictnamespace AS namespace, d.dictowner, d.dictinitoption,
                t.tmplname::text, t.tmplnamespace
         FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate WHERE d.oid >= 16384 ORDER BY d.oid",
    )? {
        if world.is_member(catalog::TS_DICT, row.get("oid")) {
            continue;
        }
        let template = full(&world.namespace(row.get("tmplnamespace")), row.get("tmplname"));
        let options = row.get::<_, Option<&str>>("dictinitoption");
        let options = options.map(|options| format!(", {options}")).unwrap_or_default();
        let create = format!("CREATE TEXT SEARCH DICTIONARY {} (TEMPLATE = {template}{options})", own(world, &row));
        world.add_named(catalog::TS_DICT, row.get("oid"), Some(row.get("dictowner")), &create);
    }
    Ok(())
}

fn configurations(world: &mut World<'_>) -> Result<(), Error> {
    let mut maps: BTreeMap<u32, Vec<(Name, Vec<String>)>> = BTreeMap::new();
    for row in world.rows(
        "SELECT m.mapcfg, t.alias, d.dictname::text AS name, d.dictnamespace AS namespace
         FROM pg_ts_config_map m
         JOIN pg_ts_config c ON c.oid = m.mapcfg
         JOIN LATERAL ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
         JOIN pg_ts_dict d ON d.oid = m.mapdict
         WHERE m.mapcfg >= 16384 ORDER BY m.mapcfg, m.maptokentype, m.mapseqno",
    )? {
        let dictionary = own(world, &row);
        let map = maps.entry(row.get("mapcfg")).or_default();
        let token = name(&row, "alias");
        match map.last_mut().filter(|(last, _)| *last == token) {
            Some((_, dictionaries)) => dictionaries.push(dictionary),
            None => map.push((token, vec![dictionary])),
        }
    }
    for row in world.rows(
        "SELECT c.oid, c.cfgname::text AS name, c.cfgnamespace AS namespace, c.cfgowner, p.prsname::text,
                p.prsnamespace
         FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser WHERE c.oid >= 16384 ORDER BY c.oid",
    )? {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::TS_CONFIG, oid) {
            continue;
        }
        let parser = full(&world.namespace(row.get("prsnamespace")), row.get("prsname"));
        let own = own(world, &row);
        let create = format!("CREATE TEXT SEARCH CONFIGURATION {own} (PARSER = {parser})");
        world.add_named(catalog::TS_CONFIG, oid, Some(row.get("cfgowner")), &create);
        let maps = maps.remove(&oid).unwrap_or_default();
        if let Some((_, Object::Named(named))) = world.objects.last_mut() {
            named.alters = maps
                .into_iter()
                .map(|(token, dictionaries)| {
                    let dictionaries = dictionaries.join(", ");
                    Sql::text(format!(
                        "ALTER TEXT SEARCH CONFIGURATION {own} ADD MAPPING FOR {token} WITH {dictionaries}"
                    ))
                })
                .collect();
        }
    }
    Ok(())
}
