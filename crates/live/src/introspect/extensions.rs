//! Extensions. What they bring is theirs and left out.

use model::object::{Extension, Object};
use model::{Kind, Path};

use super::row::{name, some_name};
use super::world::{FIRST, World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows("SELECT oid, extname::text, extnamespace, extversion FROM pg_extension ORDER BY extname")?;
    for row in rows {
        let oid: u32 = row.get("oid");
        // PL/pgSQL comes with every database.
        if oid < FIRST {
            continue;
        }
        let extension = Extension {
            name: name(&row, "extname"),
            schema: Some(world.namespace(row.get("extnamespace"))),
            version: some_name(&row, "extversion"),
        };
        let path = Path::global(Kind::Extension, extension.name.clone());
        world.note(catalog::EXTENSION, oid, &path, None);
        world.objects.push((path, Object::Extension(extension)));
    }
    Ok(())
}
