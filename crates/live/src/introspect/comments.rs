//! Comments, on everything at once.

use super::columns;
use super::row::name;
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT classoid, objoid, objsubid, description FROM pg_description WHERE objoid >= 16384
         UNION ALL
         SELECT 2615::oid, d.objoid, 0, d.description
         FROM pg_description d JOIN pg_namespace n ON n.oid = d.objoid AND n.nspname = 'public'
         -- The comment that comes with every database.
         WHERE d.classoid = 2615 AND d.objoid < 16384 AND d.description <> 'standard public schema'
         UNION ALL
         SELECT classoid, objoid, 0, description FROM pg_shdescription WHERE objoid >= 16384 AND classoid = 1260
         ORDER BY 1, 2, 3",
    )?;
    for row in &rows {
        let (class, oid): (u32, u32) = (row.get("classoid"), row.get("objoid"));
        let part: i32 = row.get("objsubid");
        let path = match i16::try_from(part) {
            Ok(number) if part != 0 && class == catalog::CLASS => {
                columns::path(world, oid, number).filter(|_| world.path(class, oid).is_some())
            }
            _ => world.path(class, oid).cloned(),
        };
        if let Some(path) = path {
            world.comments.push((path, name(row, "description")));
        }
    }
    Ok(())
}
