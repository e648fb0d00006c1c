//! Types that users made: enums, composites, ranges, base types, and domains with their checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::name::quoted;
use model::object::{Attribute, Composite, Domain, DomainCheck, Enum, NotNull, Object, Options, Range};
use model::{Kind, Name, Path, QName};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name, some_name};
use super::world::{World, catalog};
use crate::Error;

/// The types that need no expression.
pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let mut values: BTreeMap<u32, Vec<Name>> = BTreeMap::new();
    for row in world.rows("SELECT enumtypid, enumlabel::text FROM pg_enum ORDER BY enumtypid, enumsortorder")? {
        values.entry(row.get("enumtypid")).or_default().push(name(&row, "enumlabel"));
    }
    let mut attributes = attributes(world)?;
    let mut ranges = ranges(world)?;
    let rows = world.rows(
        "SELECT t.oid, t.typname::text, t.typnamespace, t.typowner, t.typtype::text, t.typrelid, t.typisdefined,
                t.typlen, t.typbyval, t.typalign::text, t.typstorage::text, t.typcategory::text, t.typispreferred,
                t.typdelim::text, t.typdefault, t.typinput::oid AS input, t.typoutput::oid AS output,
                t.typreceive::oid AS receive, t.typsend::oid AS send, t.typmodin::oid AS modin,
                t.typmodout::oid AS modout, t.typanalyze::oid AS analyze, t.typcollation <> 0 AS collatable,
                CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, -1) END AS element
         FROM pg_type t
         LEFT JOIN pg_class c ON c.oid = t.typrelid
         WHERE t.oid >= 16384 AND t.typtype IN ('e', 'c', 'r', 'b', 'p') AND coalesce(c.relkind, 'c') = 'c'
           AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
         ORDER BY t.oid",
    )?;
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::TYPE, oid) {
            continue;
        }
        let own = QName::new(world.namespace(row.get("typnamespace")), name(row, "typname"));
        let owner = Some(row.get("typowner"));
        let (kind, object) = match letter(row, "typtype") {
            'e' => {
                let values = values.remove(&oid).unwrap_or_default();
                (Kind::Enum, Object::Enum(Arc::new(Enum { name: own.clone(), values })))
            }
            'c' => {
                let relation: u32 = row.get("typrelid");
                let attributes = attributes.remove(&relation).unwrap_or_default();
                let path = Path::object(Kind::Composite, &own);
                world.note(catalog::CLASS, relation, &path, None);
                (Kind::Composite, Object::Composite(Arc::new(Composite { name: own.clone(), attributes })))
            }
            'r' => {
                let Some(mut range) = ranges.remove(&oid) else { continue };
                range.name = own.clone();
                let multirange = range.multirange();
                range.set_multirange(&multirange);
                (Kind::Range, Object::Range(range))
            }
            _ => {
                let create = base(world, row, &own);
                world.add_named(catalog::TYPE, oid, owner, &create);
                continue;
            }
        };
        let path = Path::object(kind, &own);
        world.note(catalog::TYPE, oid, &path, owner);
        world.objects.push((path, object));
    }
    Ok(())
}

fn attributes(world: &mut World<'_>) -> Result<BTreeMap<u32, Vec<Attribute>>, Error> {
    let rows = world.rows(
        "SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod) AS type,
                CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation ELSE 0 END AS collation
         FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
         JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
    )?;
    let mut found: BTreeMap<u32, Vec<Attribute>> = BTreeMap::new();
    for row in &rows {
        let ty = world.data_type(row.get("type"));
        let collation = world.collations.get(&row.get("collation")).cloned();
        found.entry(row.get("attrelid")).or_default().push(Attribute { name: name(row, "attname"), ty, collation });
    }
    Ok(found)
}

fn ranges(world: &mut World<'_>) -> Result<BTreeMap<u32, Range>, Error> {
    let rows = world.rows(
        "SELECT r.rngtypid, format_type(r.rngsubtype, -1) AS subtype, r.rngsubopc, r.rngcanonical::oid AS canonical,
                r.rngsubdiff::oid AS diff, m.typname::text AS multirange, m.typnamespace AS multirange_space,
                CASE WHEN r.rngcollation <> t.typcollation THEN r.rngcollation ELSE 0 END AS collation
         FROM pg_range r
         JOIN pg_type t ON t.oid = r.rngsubtype
         LEFT JOIN pg_type m ON m.oid = r.rngmultitypid
         WHERE r.rngtypid >= 16384",
    )?;
    let mut found = BTreeMap::new();
    for row in &rows {
        let mut options = Options::new();
        if let Some(class) = world.opclass(row.get("rngsubopc")) {
            options.insert(Name::new_static("subtype_opclass"), class.to_string().into());
        }
        if let Some(collation) = world.collations.get(&row.get("collation")) {
            options.insert(Name::new_static("collation"), collation.to_string().into());
        }
        for (option, column) in [("canonical", "canonical"), ("subtype_diff", "diff")] {
            let function: u32 = row.get(column);
            if function != 0 {
                options.insert(Name::new_static(option), world.function(function).to_string().into());
            }
        }
        if let Some(multirange) = some_name(row, "multirange") {
            let multirange = QName::new(world.namespace(row.get("multirange_space")), multirange);
            options.insert(Name::new_static("multirange_type_name"), multirange.to_string().into());
        }
        let subtype = world.data_type(row.get("subtype"));
        found.insert(row.get("rngtypid"), Range { name: QName::new("", ""), subtype, options });
    }
    Ok(found)
}

/// `CREATE TYPE name (INPUT = …)`, or the shell that stands in for it.
fn base(world: &World<'_>, row: &Row, own: &QName) -> String {
    let create = format!("CREATE TYPE {}.{}", quoted(&own.schema), quoted(&own.name));
    if !row.get::<_, bool>("typisdefined") {
        return create;
    }
    let mut options = Vec::new();
    for (option, column) in [
        ("INPUT", "input"),
        ("OUTPUT", "output"),
        ("RECEIVE", "receive"),
        ("SEND", "send"),
        ("TYPMOD_IN", "modin"),
        ("TYPMOD_OUT", "modout"),
        ("ANALYZE", "analyze"),
    ] {
        let function: u32 = row.get(column);
        if function != 0 {
            options.push(format!("{option} = {}", world.function(function)));
        }
    }
    match row.get::<_, i16>("typlen") {
        -1 => options.push("INTERNALLENGTH = VARIABLE".to_owned()),
        length => options.push(format!("INTERNALLENGTH = {length}")),
    }
    if row.get("typbyval") {
        options.push("PASSEDBYVALUE".to_owned());
    }
    options.push(format!(
        "ALIGNMENT = {}",
        match letter(row, "typalign") {
            'c' => "char",
            's' => "int2",
            'd' => "double",
            _ => "int4",
        }
    ));
    options.push(format!(
        "STORAGE = {}",
        match letter(row, "typstorage") {
            'e' => "external",
            'x' => "extended",
            'm' => "main",
            _ => "plain",
        }
    ));
    if letter(row, "typcategory") != 'U' {
        options.push(format!("CATEGORY = '{}'", letter(row, "typcategory")));
    }
    if row.get("typispreferred") {
        options.push("PREFERRED = true".to_owned());
    }
    if let Some(default) = some_name(row, "typdefault") {
        options.push(format!("DEFAULT = {}", model::name::literal(&default)));
    }
    if let Some(element) = some_name(row, "element") {
        options.push(format!("ELEMENT = {element}"));
    }
    if letter(row, "typdelim") != ',' {
        options.push(format!("DELIMITER = '{}'", letter(row, "typdelim")));
    }
    if row.get("collatable") {
        options.push("COLLATABLE = true".to_owned());
    }
    format!("{create} ({})", options.join(", "))
}

/// Domains, whose checks and defaults are expressions.
pub(super) fn domains(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT t.oid, t.typname::text, t.typnamespace, t.typowner, format_type(t.typbasetype, t.typtypmod) AS base,
                t.typnotnull, pg_get_expr(t.typdefaultbin, 0) AS expr,
                CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation ELSE 0 END AS collation
         FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype
         WHERE t.oid >= 16384 AND t.typtype = 'd' ORDER BY t.oid",
    )?;
    let known = world.known();
    let printed = Printed { schema: &known };
    let mut domains: BTreeMap<u32, Domain> = BTreeMap::new();
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::TYPE, oid) {
            continue;
        }
        let own = QName::new(world.namespace(row.get("typnamespace")), name(row, "typname"));
        world.note(catalog::TYPE, oid, &Path::object(Kind::Domain, &own), Some(row.get("typowner")));
        let default = row.get::<_, Option<&str>>("expr");
        let domain = Domain {
            base: world.data_type(row.get("base")),
            collation: world.collations.get(&row.get("collation")).cloned(),
            default: default.and_then(|text| world.or_problem(printed.value(text), text)),
            not_null: row.get::<_, bool>("typnotnull").then(NotNull::default),
            checks: Vec::new(),
            name: own,
        };
        domains.insert(oid, domain);
    }
    let rows = world.rows(
        "SELECT oid, conname::text, contypid, contype::text, convalidated, pg_get_expr(conbin, 0) AS expr
         FROM pg_constraint WHERE oid >= 16384 AND contypid <> 0 ORDER BY contypid, conname",
    )?;
    for row in &rows {
        let Some(domain) = domains.get_mut(&row.get("contypid")) else { continue };
        let own = name(row, "conname");
        let path = Path::constraint(&domain.name, own.clone());
        world.note(catalog::CONSTRAINT, row.get("oid"), &path, None);
        if letter(row, "contype") == 'n' {
            let chosen = model::apply::naming::make_object_name(&domain.name.name, None, "not_null");
            let given = Some(own).filter(|own| *own != chosen);
            domain.not_null = Some(NotNull { name: given, ..NotNull::default() });
            continue;
        }
        let Some(text) = row.get::<_, Option<&str>>("expr") else { continue };
        if let Some(expr) = world.or_problem(printed.domain_check(&domain.name, text), text) {
            domain.checks.push(DomainCheck { name: own, expr, valid: row.get("convalidated") });
        }
    }
    for domain in domains.into_values() {
        let path = Path::object(Kind::Domain, &domain.name);
        world.objects.push((path, Object::Domain(Arc::new(domain))));
    }
    Ok(())
}
