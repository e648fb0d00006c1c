//! Aggregates: their options are what `CREATE AGGREGATE` would say, those with a default left out.

use model::name::{literal, quoted};
use model::object::{Aggregate, Object};
use model::{Kind, Name, Path, QName, Sql};
use postgres::Row;

use super::row::{letter, name, some_name, texts};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT p.oid, p.proname::text, p.pronamespace, p.proowner, p.proparallel::text, p.proargmodes::text[],
                ARRAY(SELECT format_type(argument.oid, -1)
                      FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY
                        AS argument (oid, position) ORDER BY argument.position) AS types,
                a.aggkind::text, a.aggnumdirectargs, a.aggtransfn::oid AS sfunc, a.aggfinalfn::oid AS finalfunc,
                a.aggcombinefn::oid AS combinefunc, a.aggserialfn::oid AS serialfunc,
                a.aggdeserialfn::oid AS deserialfunc, a.aggmtransfn::oid AS msfunc, a.aggminvtransfn::oid AS minvfunc,
                a.aggmfinalfn::oid AS mfinalfunc, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify::text,
                a.aggmfinalmodify::text, o.oprname::text AS sortop, format_type(a.aggtranstype, -1) AS stype,
                a.aggtransspace, CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, -1) END AS mstype,
                a.aggmtransspace, a.agginitval, a.aggminitval
         FROM pg_aggregate a
         JOIN pg_proc p ON p.oid = a.aggfnoid
         LEFT JOIN pg_operator o ON o.oid = a.aggsortop
         WHERE p.oid >= 16384 ORDER BY p.oid",
    )?;
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::PROC, oid) {
            continue;
        }
        let own = QName::new(world.namespace(row.get("pronamespace")), name(row, "proname"));
        let arguments = arguments(world, row);
        let path = Path::part(Kind::Aggregate, &own, arguments.clone());
        world.note(catalog::PROC, oid, &path, Some(row.get("proowner")));
        let options = options(world, row);
        let aggregate = Aggregate { name: own, arguments: Sql::text(arguments), options };
        world.objects.push((path, Object::Aggregate(aggregate)));
    }
    Ok(())
}

fn arguments(world: &mut World<'_>, row: &Row) -> Name {
    let modes = texts(row, "proargmodes");
    let mut types: Vec<String> = Vec::new();
    for (position, text) in texts(row, "types").into_iter().enumerate() {
        let ty = world.data_type(text);
        let variadic = modes.get(position).is_some_and(|mode| *mode == "v");
        types.push(if variadic { format!("VARIADIC {ty}") } else { ty.to_string() });
    }
    if letter(row, "aggkind") == 'n' {
        return if types.is_empty() { Name::new_static("*") } else { types.join(", ").into() };
    }
    let direct = usize::try_from(row.get::<_, i16>("aggnumdirectargs")).unwrap_or(0);
    // A hypothetical-set aggregate over any rows names its last argument once.
    let (direct, ordered) = match direct < types.len() {
        true => types.split_at(direct),
        false => (&types[..], &types[types.len().saturating_sub(1)..]),
    };
    let space = if direct.is_empty() { "" } else { " " };
    format!("{}{space}ORDER BY {}", direct.join(", "), ordered.join(", ")).into()
}

fn options(world: &mut World<'_>, row: &Row) -> Vec<(Name, Sql)> {
    let mut options: Vec<(Name, Sql)> = Vec::new();
    let mut add = |name: &'static str, value: String| options.push((Name::new_static(name), Sql::text(value)));
    let function = |column: &str| {
        let oid: u32 = row.get(column);
        (oid != 0).then(|| {
            let QName { schema, name } = world.function(oid);
            let name = quoted(&name);
            if schema.is_empty() { name.into_owned() } else { format!("{}.{name}", quoted(&schema)) }
        })
    };
    let types = [row.get::<_, Option<String>>("stype"), row.get::<_, Option<String>>("mstype")];
    function("sfunc").into_iter().for_each(|value| add("SFUNC", value));
    types[0].iter().for_each(|ty| add("STYPE", ty.clone()));
    space(row, "aggtransspace").into_iter().for_each(|value| add("SSPACE", value));
    function("finalfunc").into_iter().for_each(|value| add("FINALFUNC", value));
    if row.get("aggfinalextra") {
        add("FINALFUNC_EXTRA", String::new());
    }
    let usual = if letter(row, "aggkind") == 'n' { 'r' } else { 'w' };
    let modify = |column: &str| Some(letter(row, column)).filter(|letter| *letter != usual).map(modification);
    if function("finalfunc").is_some() {
        modify("aggfinalmodify").into_iter().for_each(|value| add("FINALFUNC_MODIFY", value));
    }
    for (option, column) in
        [("COMBINEFUNC", "combinefunc"), ("SERIALFUNC", "serialfunc"), ("DESERIALFUNC", "deserialfunc")]
    {
        function(column).into_iter().for_each(|value| add(option, value));
    }
    some_name(row, "agginitval").iter().for_each(|value| add("INITCOND", literal(value)));
    for (option, column) in [("MSFUNC", "msfunc"), ("MINVFUNC", "minvfunc")] {
        function(column).into_iter().for_each(|value| add(option, value));
    }
    types[1].iter().for_each(|ty| add("MSTYPE", ty.clone()));
    space(row, "aggmtransspace").into_iter().for_each(|value| add("MSSPACE", value));
    function("mfinalfunc").into_iter().for_each(|value| add("MFINALFUNC", value));
    if row.get("aggmfinalextra") {
        add("MFINALFUNC_EXTRA", String::new());
    }
    if function("mfinalfunc").is_some() {
        modify("aggmfinalmodify").into_iter().for_each(|value| add("MFINALFUNC_MODIFY", value));
    }
    some_name(row, "aggminitval").iter().for_each(|value| add("MINITCOND", literal(value)));
    some_name(row, "sortop").iter().for_each(|value| add("SORTOP", value.to_string()));
    match letter(row, "proparallel") {
        's' => add("PARALLEL", "SAFE".to_owned()),
        'r' => add("PARALLEL", "RESTRICTED".to_owned()),
        _ => {}
    }
    if letter(row, "aggkind") == 'h' {
        add("HYPOTHETICAL", String::new());
    }
    options
}

fn space(row: &Row, column: &str) -> Option<String> {
    Some(row.get::<_, i32>(column)).filter(|space| *space != 0).map(|space| space.to_string())
}

fn modification(letter: char) -> String {
    match letter {
        'r' => "READ_ONLY",
        's' => "SHAREABLE",
        _ => "READ_WRITE",
    }
    .to_owned()
}
