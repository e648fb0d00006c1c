//! The queries of views and materialized views.

use read::sql::postgres::Printed;

use super::world::World;
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, pg_get_viewdef(oid) AS query FROM pg_class
         WHERE oid >= 16384 AND relkind IN ('v', 'm') AND relpersistence <> 't'",
    )?;
    let known = world.known();
    for row in &rows {
        let oid: u32 = row.get("oid");
        if !world.views.contains_key(&oid) {
            continue;
        }
        let text = row.get::<_, &str>("query").trim_end().trim_end_matches(';');
        let query = world.or_problem(Printed { schema: &known }.query(text), text);
        if let (Some(view), Some(query)) = (world.views.get_mut(&oid), query) {
            view.query = query;
        }
    }
    Ok(())
}
