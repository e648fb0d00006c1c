//! Functions and procedures.

use std::sync::Arc;

use model::name::{literal, quoted};
use model::object::{Argument, ArgumentMode, Body, Object, Parallel, Returns, Routine, RoutineKind, Volatility};
use model::{Kind, Name, Path, QName, Query, Sql, Type};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name, some_name, texts};
use super::world::{World, catalog};
use crate::Error;

/// Everything but the bodies, so that queries and expressions can name what they call.
pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT p.oid, p.proname::text, p.pronamespace, p.proowner, p.prokind::text, l.lanname::text, p.procost,
                p.prorows, p.prosupport::oid AS support, p.provolatile::text, p.proisstrict, p.prosecdef,
                p.proleakproof, p.proparallel::text, p.proretset, format_type(p.prorettype, -1) AS result,
                ARRAY(SELECT format_type(argument.oid, -1)
                      FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY
                        AS argument (oid, position) ORDER BY argument.position) AS types,
                p.proargmodes::text[], p.proargnames, pg_get_expr(p.proargdefaults, 0) AS defaults, p.prosrc,
                p.probin, p.proconfig, pg_get_function_sqlbody(p.oid) IS NOT NULL AS parsed,
                ARRAY(SELECT format_type(of.oid, -1) FROM unnest(p.protrftypes) AS of (oid)) AS transforms
         FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         WHERE p.oid >= 16384 AND p.prokind IN ('f', 'p', 'w') ORDER BY p.oid",
    )?;
    for row in &rows {
        let oid: u32 = row.get("oid");
        // The constructors of a range type come with it.
        if world.is_member(catalog::PROC, oid) || is_range_constructor(row) {
            continue;
        }
        let routine = routine(world, row);
        let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
        let path = Path::part(kind, &routine.name, routine.signature());
        world.note(catalog::PROC, oid, &path, Some(row.get("proowner")));
        world.objects.push((path, Object::Routine(Arc::new(routine))));
    }
    Ok(())
}

fn is_range_constructor(row: &Row) -> bool {
    let source = name(row, "prosrc");
    name(row, "lanname") == "internal"
        && (source.starts_with("range_constructor") || source.starts_with("multirange_constructor"))
}

fn routine(world: &mut World<'_>, row: &Row) -> Routine {
    let own = QName::new(world.namespace(row.get("pronamespace")), name(row, "proname"));
    let language = name(row, "lanname");
    let types: Vec<Type> = texts(row, "types").into_iter().map(|text| world.data_type(text)).collect();
    let modes = texts(row, "proargmodes");
    let names: Vec<Name> = texts(row, "proargnames").into_iter().map(Name::from).collect();
    let known = world.known();
    let defaults = row.get::<_, Option<&str>>("defaults");
    let mut defaults = defaults.map(|text| Printed { schema: &known }.expressions(&own, text)).unwrap_or_default();
    let mut arguments = Vec::new();
    let mut columns = Vec::new();
    for (position, ty) in types.into_iter().enumerate() {
        let own = names.get(position).filter(|own| !own.is_empty()).cloned();
        let mode = match modes.get(position).copied().unwrap_or("i") {
            "o" => ArgumentMode::Out,
            "b" => ArgumentMode::InOut,
            "v" => ArgumentMode::Variadic,
            "t" => {
                columns.push((own.unwrap_or_default(), ty));
                continue;
            }
            _ => ArgumentMode::In,
        };
        arguments.push(Argument { mode, name: own, ty, default: None });
    }
    // The last input arguments have the defaults.
    for argument in arguments.iter_mut().rev().filter(|argument| argument.mode != ArgumentMode::Out) {
        argument.default = defaults.pop();
    }
    let kind = match letter(row, "prokind") {
        'p' => RoutineKind::Procedure,
        'w' => RoutineKind::Window,
        _ => RoutineKind::Function,
    };
    let returns = returns(world, row, kind, columns, &arguments);
    let native = matches!(language.as_str(), "c" | "internal");
    let (cost, estimate): (f32, f32) = (row.get("procost"), row.get("prorows"));
    let support: u32 = row.get("support");
    Routine {
        name: own,
        kind,
        arguments,
        returns,
        body: match some_name(row, "probin") {
            Some(file) => Body::Linked(file, name(row, "prosrc")),
            None => Body::Source(name(row, "prosrc")),
        },
        volatility: match letter(row, "provolatile") {
            'i' => Volatility::Immutable,
            's' => Volatility::Stable,
            _ => Volatility::Volatile,
        },
        strict: row.get("proisstrict"),
        security_definer: row.get("prosecdef"),
        leakproof: row.get("proleakproof"),
        parallel: match letter(row, "proparallel") {
            's' => Parallel::Safe,
            'r' => Parallel::Restricted,
            _ => Parallel::Unsafe,
        },
        cost: (cost != if native { 1.0 } else { 100.0 }).then(|| cost.to_string().into()),
        rows: (row.get("proretset") && estimate != 1000.0).then(|| estimate.to_string().into()),
        support: (support != 0).then(|| world.function(support).to_string().into()),
        config: texts(row, "proconfig").into_iter().filter_map(setting).collect(),
        transforms: texts(row, "transforms").into_iter().map(|text| world.data_type(text)).collect(),
        queries: Vec::new(),
        opaque: false,
        language,
    }
}

fn returns(
    world: &mut World<'_>,
    row: &Row,
    kind: RoutineKind,
    columns: Vec<(Name, Type)>,
    arguments: &[Argument],
) -> Returns {
    let set: bool = row.get("proretset");
    if kind == RoutineKind::Procedure {
        return Returns::Nothing;
    }
    if !columns.is_empty() {
        return Returns::Table(columns);
    }
    let says = |argument: &Argument| matches!(argument.mode, ArgumentMode::Out | ArgumentMode::InOut);
    if !set && arguments.iter().any(says) {
        return Returns::Nothing;
    }
    let result = world.data_type(row.get("result"));
    if set { Returns::SetOf(result) } else { Returns::Type(result) }
}

/// The settings whose value is a list of names, each in quotes where it needs them (`GUC_LIST_QUOTE`).
const LISTS: [&str; 6] = [
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "shared_preload_libraries",
    "unix_socket_directories",
];

/// `name=value` as `SET name = value` would say it.
fn setting(text: &str) -> Option<(Name, Sql)> {
    let (name, value) = text.split_once('=')?;
    let plain =
        |value: &str| !value.is_empty() && value.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let value = if LISTS.contains(&name) {
        let word = |word: &str| match word.trim() {
            "\"\"" => "''".to_owned(),
            word => word.to_owned(),
        };
        value.split(',').map(word).collect::<Vec<_>>().join(", ")
    } else if plain(value) {
        value.to_owned()
    } else {
        literal(value)
    };
    Some((name.into(), Sql::text(value)))
}

/// The bodies, and the queries in them, which may speak of every table.
pub(super) fn bodies(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, pg_get_function_sqlbody(oid) AS body FROM pg_proc
         WHERE oid >= 16384 AND prosqlbody IS NOT NULL",
    )?;
    let known = world.known();
    let printed = Printed { schema: &known };
    let mut parsed: std::collections::BTreeMap<Path, (Body, Vec<Query>)> = std::collections::BTreeMap::new();
    for row in &rows {
        let text: &str = row.get("body");
        let Some(path) = world.path(catalog::PROC, row.get("oid")).cloned() else { continue };
        if let Some(body) = world.or_problem(printed.parsed_body(text), text) {
            parsed.insert(path, body);
        }
    }
    for (path, object) in &mut world.objects {
        let Object::Routine(routine) = object else { continue };
        let routine = Arc::make_mut(routine);
        if let Some((body, queries)) = parsed.remove(path) {
            (routine.body, routine.queries) = (body, queries);
        } else if let Body::Source(source) = &routine.body {
            let (queries, opaque) = printed.source(&routine.language, source);
            (routine.queries, routine.opaque) = (queries, opaque);
        } else {
            routine.opaque = true;
        }
    }
    Ok(())
}

/// A function with its argument types, for the statements that name one.
pub(super) fn signature(world: &World<'_>, oid: u32, types: &[&str]) -> String {
    let QName { schema, name } = world.function(oid);
    let schema = if schema.is_empty() { model::name::PG_CATALOG } else { schema };
    format!("{}.{}({})", quoted(&schema), quoted(&name), types.join(", "))
}
