//! Schemas.

use model::name::PUBLIC;
use model::object::{Namespace, Object};
use model::{Kind, Path};

use super::row::name;
use super::world::{FIRST, World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    for row in world.rows("SELECT oid, nspname::text, nspowner FROM pg_namespace ORDER BY nspname")? {
        let (oid, own) = (row.get::<_, u32>("oid"), name(&row, "nspname"));
        world.namespaces.insert(oid, own.clone());
        let ours = (oid >= FIRST && !own.starts_with("pg_")) || own == PUBLIC;
        if !ours || world.is_member(catalog::NAMESPACE, oid) {
            continue;
        }
        let path = Path::global(Kind::Namespace, own.clone());
        // Whom `public` belongs to by itself differs between versions: the superuser, or the database's owner.
        let owner = (oid >= FIRST).then(|| row.get("nspowner"));
        world.note(catalog::NAMESPACE, oid, &path, owner);
        world.objects.push((path, Object::Namespace(Namespace { name: own })));
    }
    Ok(())
}
