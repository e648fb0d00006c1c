//! Extended statistics.

use model::object::{Object, Statistics};
use model::{Expr, Kind, Name, Path, QName};
use read::sql::postgres::Printed;

use super::row::{name, texts};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, stxname::text, stxnamespace, stxowner, stxrelid, stxkeys::int2[], stxkind::text[],
                coalesce(stxstattarget, -1)::int4 AS target, pg_get_statisticsobjdef_expressions(oid) AS exprs
         FROM pg_statistic_ext WHERE oid >= 16384 ORDER BY oid",
    )?;
    let known = world.known();
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("oid"), row.get("stxrelid"));
        let Some(table) = world.relation(relation).filter(|_| !world.is_member(catalog::STATISTIC_EXT, oid)) else {
            continue;
        };
        let columns = world.column_names(relation, &row.get::<_, Vec<i16>>("stxkeys"));
        let mut keys: Vec<Expr> = columns.into_iter().map(Expr::column).collect();
        for text in texts(row, "exprs") {
            keys.extend(world.or_problem(Printed { schema: &known }.expression(&table, text), text));
        }
        let target: i32 = row.get("target");
        let own = QName::new(world.namespace(row.get("stxnamespace")), name(row, "stxname"));
        let path = Path::object(Kind::Statistics, &own);
        let statistics = Statistics {
            name: own,
            kinds: kinds(&texts(row, "stxkind"), keys.len()),
            keys,
            table,
            target: (target >= 0).then_some(target),
        };
        world.note(catalog::STATISTIC_EXT, oid, &path, Some(row.get("stxowner")));
        world.objects.push((path, Object::Statistics(statistics)));
    }
    Ok(())
}

/// Their names; none when they are all there are, and for a single expression, which has only its own.
fn kinds(letters: &[&str], width: usize) -> Vec<Name> {
    const NAMES: [(&str, &str); 3] = [("d", "ndistinct"), ("f", "dependencies"), ("m", "mcv")];
    let kinds: Vec<Name> =
        NAMES.iter().filter(|(letter, _)| letters.contains(letter)).map(|(_, name)| Name::new_static(name)).collect();
    if kinds.len() == NAMES.len() || width == 1 { Vec::new() } else { kinds }
}
