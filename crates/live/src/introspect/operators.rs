//! Casts, operators and their classes and families, collations, conversions, transforms, languages and access methods:
//! the model keeps each as its CREATE statement.

use std::collections::BTreeMap;

use model::name::{PG_CATALOG, literal, quoted};
use model::{Name, QName};
use postgres::Row;

use super::row::{letter, name, some_name, texts};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    languages(world)?;
    collations(world)?;
    operators(world)?;
    families(world)?;
    classes(world)?;
    casts(world)?;
    others(world)
}

/// `schema.name`, always with its schema.
pub(super) fn full(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// A function by number, with its schema unless it is the catalog's.
pub(super) fn function(world: &World<'_>, oid: u32) -> String {
    let QName { schema, name } = world.function(oid);
    if schema.is_empty() { quoted(&name).into_owned() } else { full(&schema, &name) }
}

/// The SQL that gives the argument types of a function.
fn types_of(oid: &str) -> String {
    format!(
        "ARRAY(SELECT format_type(argument.oid, -1) FROM pg_proc f, unnest(f.proargtypes::oid[]) WITH ORDINALITY
               AS argument (oid, position) WHERE f.oid = {oid} ORDER BY argument.position)"
    )
}

/// Those that are no member of an extension.
fn ours(world: &mut World<'_>, class: u32, sql: &str) -> Result<Vec<Row>, Error> {
    let rows = world.rows(sql)?;
    Ok(rows.into_iter().filter(|row| !world.is_member(class, row.get("oid"))).collect())
}

fn languages(world: &mut World<'_>) -> Result<(), Error> {
    for row in ours(
        world,
        catalog::LANGUAGE,
        "SELECT oid, lanname::text, lanowner, lanpltrusted, lanplcallfoid, laninline, lanvalidator
         FROM pg_language WHERE oid >= 16384 ORDER BY lanname",
    )? {
        let trusted = if row.get("lanpltrusted") { "TRUSTED " } else { "" };
        let mut create = format!("CREATE {trusted}LANGUAGE {}", quoted(row.get("lanname")));
        for (word, column) in [("HANDLER", "lanplcallfoid"), ("INLINE", "laninline"), ("VALIDATOR", "lanvalidator")] {
            let oid: u32 = row.get(column);
            if oid != 0 {
                create += &format!(" {word} {}", function(world, oid));
            }
        }
        world.add_named(catalog::LANGUAGE, row.get("oid"), Some(row.get("lanowner")), &create);
    }
    for row in ours(
        world,
        catalog::AM,
        "SELECT oid, amname::text, amhandler::oid AS handler, amtype::text FROM pg_am WHERE oid >= 16384
         ORDER BY amname",
    )? {
        let kind = if letter(&row, "amtype") == 't' { "TABLE" } else { "INDEX" };
        let handler = function(world, row.get("handler"));
        let create = format!("CREATE ACCESS METHOD {} TYPE {kind} HANDLER {handler}", quoted(row.get("amname")));
        world.add_named(catalog::AM, row.get("oid"), None, &create);
    }
    Ok(())
}

fn collations(world: &mut World<'_>) -> Result<(), Error> {
    let locale = match world.version {
        17.. => "colllocale",
        15.. => "colliculocale",
        _ => "NULL",
    };
    let rules = world.since(16, "collicurules", "NULL");
    let sql = format!(
        "SELECT oid, collname::text, collnamespace, collowner, collprovider::text, collisdeterministic,
                collcollate::text, collctype::text, {locale}::text AS locale, {rules}::text AS rules
         FROM pg_collation WHERE oid >= 16384 ORDER BY oid"
    );
    for row in ours(world, catalog::COLLATION, &sql)? {
        let mut options = Vec::new();
        let provider = match letter(&row, "collprovider") {
            'i' => "icu",
            'b' => "builtin",
            _ => "libc",
        };
        options.push(format!("provider = {provider}"));
        let (collate, ctype) = (some_name(&row, "collcollate"), some_name(&row, "collctype"));
        match (some_name(&row, "locale"), collate, ctype) {
            (Some(locale), ..) => options.push(format!("locale = {}", literal(&locale))),
            (None, Some(collate), Some(ctype)) if collate == ctype => {
                options.push(format!("locale = {}", literal(&collate)));
            }
            (None, collate, ctype) => {
                options.extend(collate.map(|collate| format!("lc_collate = {}", literal(&collate))));
                options.extend(ctype.map(|ctype| format!("lc_ctype = {}", literal(&ctype))));
            }
        }
        if !row.get::<_, bool>("collisdeterministic") {
            options.push("deterministic = false".to_owned());
        }
        options.extend(some_name(&row, "rules").map(|rules| format!("rules = {}", literal(&rules))));
        let own = full(&world.namespace(row.get("collnamespace")), row.get("collname"));
        let create = format!("CREATE COLLATION {own} ({})", options.join(", "));
        world.add_named(catalog::COLLATION, row.get("oid"), Some(row.get("collowner")), &create);
    }
    Ok(())
}

fn operators(world: &mut World<'_>) -> Result<(), Error> {
    let mut names: BTreeMap<u32, (Name, Name)> = BTreeMap::new();
    for row in world.rows("SELECT oid, oprname::text, oprnamespace FROM pg_operator WHERE oid >= 16384")? {
        names.insert(row.get("oid"), (world.namespace(row.get("oprnamespace")), name(&row, "oprname")));
    }
    for row in ours(
        world,
        catalog::OPERATOR,
        "SELECT oid, oprname::text, oprnamespace, oprowner, oprcanmerge, oprcanhash, oprcode::oid AS code,
                CASE WHEN oprleft <> 0 THEN format_type(oprleft, -1) END AS lhs,
                CASE WHEN oprright <> 0 THEN format_type(oprright, -1) END AS rhs, oprcom, oprnegate,
                oprrest::oid AS rest, oprjoin::oid AS joined
         FROM pg_operator WHERE oid >= 16384 AND oprcode <> 0 ORDER BY oid",
    )? {
        let mut options = vec![format!("FUNCTION = {}", function(world, row.get("code")))];
        options.extend(some_name(&row, "lhs").map(|side| format!("LEFTARG = {side}")));
        options.extend(some_name(&row, "rhs").map(|side| format!("RIGHTARG = {side}")));
        for (word, column) in [("COMMUTATOR", "oprcom"), ("NEGATOR", "oprnegate")] {
            if let Some((schema, symbol)) = names.get(&row.get(column)) {
                options.push(format!("{word} = OPERATOR({}.{symbol})", quoted(schema)));
            }
        }
        for (word, column) in [("RESTRICT", "rest"), ("JOIN", "joined")] {
            let oid: u32 = row.get(column);
            if oid != 0 {
                options.push(format!("{word} = {}", function(world, oid)));
            }
        }
        for (word, column) in [("HASHES", "oprcanhash"), ("MERGES", "oprcanmerge")] {
            if row.get(column) {
                options.push(word.to_owned());
            }
        }
        let schema = world.namespace(row.get("oprnamespace"));
        let own = format!("{}.{}", quoted(&schema), row.get::<_, &str>("oprname"));
        let create = format!("CREATE OPERATOR {own} ({})", options.join(", "));
        world.add_named(catalog::OPERATOR, row.get("oid"), Some(row.get("oprowner")), &create);
    }
    Ok(())
}

fn families(world: &mut World<'_>) -> Result<(), Error> {
    for row in ours(
        world,
        catalog::OPFAMILY,
        "SELECT f.oid, f.opfname::text, f.opfnamespace, f.opfowner, am.amname::text
         FROM pg_opfamily f JOIN pg_am am ON am.oid = f.opfmethod
         -- A class that names no family makes one of its own name.
         WHERE f.oid >= 16384 AND NOT EXISTS (
           SELECT FROM pg_opclass c WHERE c.opcfamily = f.oid AND c.opcname = f.opfname
             AND c.opcnamespace = f.opfnamespace)
         ORDER BY f.oid",
    )? {
        let own = full(&world.namespace(row.get("opfnamespace")), row.get("opfname"));
        let create = format!("CREATE OPERATOR FAMILY {own} USING {}", quoted(row.get("amname")));
        world.add_named(catalog::OPFAMILY, row.get("oid"), Some(row.get("opfowner")), &create);
    }
    Ok(())
}

fn classes(world: &mut World<'_>) -> Result<(), Error> {
    let mut items: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for row in world.rows(
        "SELECT d.refobjid, o.amopstrategy, p.oprname::text, n.nspname::text, o.amoppurpose::text
         FROM pg_depend d
         JOIN pg_amop o ON o.oid = d.objid
         JOIN pg_operator p ON p.oid = o.amopopr
         JOIN pg_namespace n ON n.oid = p.oprnamespace
         WHERE d.classid = 2602 AND d.refclassid = 2616 AND d.deptype = 'i' AND d.refobjid >= 16384
         ORDER BY d.refobjid, o.amopstrategy",
    )? {
        let schema = name(&row, "nspname");
        let symbol: &str = row.get("oprname");
        let own = if schema == PG_CATALOG { symbol.to_owned() } else { format!("{}.{symbol}", quoted(&schema)) };
        let number: i16 = row.get("amopstrategy");
        items.entry(row.get("refobjid")).or_default().push(format!("OPERATOR {number} {own}"));
    }
    let sql = format!(
        "SELECT d.refobjid, f.amprocnum, f.amproc::oid AS function, {} AS types
         FROM pg_depend d
         JOIN pg_amproc f ON f.oid = d.objid
         WHERE d.classid = 2603 AND d.refclassid = 2616 AND d.deptype = 'i' AND d.refobjid >= 16384
         ORDER BY d.refobjid, f.amprocnum",
        types_of("amproc")
    );
    for row in world.rows(&sql)? {
        let number: i16 = row.get("amprocnum");
        let function = super::routines::signature(world, row.get("function"), &texts(&row, "types"));
        items.entry(row.get("refobjid")).or_default().push(format!("FUNCTION {number} {function}"));
    }
    for row in ours(
        world,
        catalog::OPCLASS,
        "SELECT c.oid, c.opcname::text, c.opcnamespace, c.opcowner, am.amname::text, c.opcdefault,
                format_type(c.opcintype, -1) AS type, f.opfname::text, f.opfnamespace,
                CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, -1) END AS stored
         FROM pg_opclass c JOIN pg_am am ON am.oid = c.opcmethod JOIN pg_opfamily f ON f.oid = c.opcfamily
         WHERE c.oid >= 16384 ORDER BY c.oid",
    )? {
        let schema = world.namespace(row.get("opcnamespace"));
        let own = full(&schema, row.get("opcname"));
        let family = full(&world.namespace(row.get("opfnamespace")), row.get("opfname"));
        let of_family = if family == own { String::new() } else { format!(" FAMILY {family}") };
        let mut all = items.remove(&row.get("oid")).unwrap_or_default();
        all.extend(some_name(&row, "stored").map(|ty| format!("STORAGE {ty}")));
        if all.is_empty() {
            all.push(format!("STORAGE {}", row.get::<_, &str>("type")));
        }
        let create = format!(
            "CREATE OPERATOR CLASS {own}{} FOR TYPE {} USING {}{of_family} AS {}",
            if row.get("opcdefault") { " DEFAULT" } else { "" },
            row.get::<_, &str>("type"),
            quoted(row.get("amname")),
            all.join(", ")
        );
        world.add_named(catalog::OPCLASS, row.get("oid"), Some(row.get("opcowner")), &create);
    }
    Ok(())
}

fn casts(world: &mut World<'_>) -> Result<(), Error> {
    let sql = format!(
        "SELECT c.oid, format_type(c.castsource, -1) AS source, format_type(c.casttarget, -1) AS target, c.castfunc,
                c.castcontext::text, c.castmethod::text, {} AS types
         FROM pg_cast c WHERE c.oid >= 16384
           -- A range comes with a cast to its multirange.
           AND NOT EXISTS (SELECT FROM pg_range r WHERE r.rngtypid = c.castsource AND r.rngmultitypid = c.casttarget)
         ORDER BY c.oid",
        types_of("c.castfunc")
    );
    for row in ours(world, catalog::CAST, &sql)? {
        let how = match letter(&row, "castmethod") {
            'i' => "WITH INOUT".to_owned(),
            'b' => "WITHOUT FUNCTION".to_owned(),
            _ => format!(
                "WITH FUNCTION {}",
                super::routines::signature(world, row.get("castfunc"), &texts(&row, "types"))
            ),
        };
        let context = match letter(&row, "castcontext") {
            'a' => " AS ASSIGNMENT",
            'i' => " AS IMPLICIT",
            _ => "",
        };
        let (from, to): (&str, &str) = (row.get("source"), row.get("target"));
        world.add_named(catalog::CAST, row.get("oid"), None, &format!("CREATE CAST ({from} AS {to}) {how}{context}"));
    }
    Ok(())
}

fn others(world: &mut World<'_>) -> Result<(), Error> {
    for row in ours(
        world,
        catalog::CONVERSION,
        "SELECT oid, conname::text, connamespace, conowner, pg_encoding_to_char(conforencoding)::text AS source,
                pg_encoding_to_char(contoencoding)::text AS target, conproc::oid AS function, condefault
         FROM pg_conversion WHERE oid >= 16384 ORDER BY oid",
    )? {
        let create = format!(
            "CREATE {}CONVERSION {} FOR {} TO {} FROM {}",
            if row.get("condefault") { "DEFAULT " } else { "" },
            full(&world.namespace(row.get("connamespace")), row.get("conname")),
            literal(row.get("source")),
            literal(row.get("target")),
            function(world, row.get("function"))
        );
        world.add_named(catalog::CONVERSION, row.get("oid"), Some(row.get("conowner")), &create);
    }
    let sql = format!(
        "SELECT t.oid, format_type(t.trftype, -1) AS type, l.lanname::text, t.trffromsql::oid AS source,
                t.trftosql::oid AS target, {} AS source_types, {} AS target_types
         FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384 ORDER BY t.oid",
        types_of("t.trffromsql"),
        types_of("t.trftosql")
    );
    for row in ours(world, catalog::TRANSFORM, &sql)? {
        let mut parts = Vec::new();
        for (word, column, types) in [("FROM SQL", "source", "source_types"), ("TO SQL", "target", "target_types")] {
            let oid: u32 = row.get(column);
            if oid != 0 {
                let function = super::routines::signature(world, oid, &texts(&row, types));
                parts.push(format!("{word} WITH FUNCTION {function}"));
            }
        }
        let create = format!(
            "CREATE TRANSFORM FOR {} LANGUAGE {} ({})",
            row.get::<_, &str>("type"),
            quoted(row.get("lanname")),
            parts.join(", ")
        );
        world.add_named(catalog::TRANSFORM, row.get("oid"), None, &create);
    }
    Ok(())
}
