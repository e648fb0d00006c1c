//! Roles of the cluster, as far as the model keeps them: passwords and settings are left out.

use std::collections::BTreeMap;

use model::name::literal;
use model::object::{Object, Role};
use model::{Kind, Name, Path};

use super::row;
use super::row::name;
use super::world::{FIRST, World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, rolname::text, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                rolbypassrls, rolconnlimit, rolvaliduntil::text
         FROM pg_roles ORDER BY rolname",
    )?;
    let mut made: BTreeMap<u32, Role> = BTreeMap::new();
    for row in &rows {
        let (oid, own) = (row.get::<_, u32>("oid"), name(row, "rolname"));
        world.roles.insert(oid, own.clone());
        if oid < FIRST {
            continue;
        }
        let mut options: Vec<Name> = [
            ("rolsuper", true, "SUPERUSER"),
            ("rolinherit", false, "NOINHERIT"),
            ("rolcreaterole", true, "CREATEROLE"),
            ("rolcreatedb", true, "CREATEDB"),
            ("rolcanlogin", true, "LOGIN"),
            ("rolreplication", true, "REPLICATION"),
            ("rolbypassrls", true, "BYPASSRLS"),
        ]
        .into_iter()
        .filter(|(column, unusual, _)| row.get::<_, bool>(*column) == *unusual)
        .map(|(.., word)| Name::new_static(word))
        .collect();
        let limit: i32 = row.get("rolconnlimit");
        if limit >= 0 {
            options.push(format!("CONNECTION LIMIT {limit}").into());
        }
        if let Some(until) = row::some_name(row, "rolvaliduntil") {
            options.push(format!("VALID UNTIL {}", literal(&until)).into());
        }
        made.insert(oid, Role { name: own, options, member_of: Vec::new() });
    }
    for row in world.rows("SELECT DISTINCT roleid, member FROM pg_auth_members")? {
        let group = world.role(row.get("roleid"));
        if let Some(role) = made.get_mut(&row.get("member")) {
            role.member_of.push(group);
            role.member_of.sort();
        }
    }
    for (oid, role) in made {
        let path = Path::global(Kind::Role, role.name.clone());
        world.note(catalog::AUTHID, oid, &path, None);
        world.objects.push((path, Object::Role(role)));
    }
    Ok(())
}
