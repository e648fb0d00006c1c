//! Privileges: what is left of every GRANT and REVOKE, against what everybody has by default.
//!
//! The model's interpreter keeps the difference from the defaults; here it is told what the access lists hold beyond
//! them, and what they lack.

use std::collections::{BTreeMap, BTreeSet};

use model::change::Aspect;
use model::name::PUBLIC;
use model::object::{DefaultPrivileges, Grant, Grantee, Object};
use model::{Change, Kind, Name, Path, Schema};
use postgres::Row;

use super::columns;
use super::row::name;
use super::world::World;
use crate::Error;

/// What one role holds: privileges, and which of them it may pass on.
type Held = BTreeMap<Grantee, (BTreeSet<Name>, BTreeSet<Name>)>;

pub(super) fn read(world: &mut World<'_>, mut schema: Schema) -> Result<Schema, Error> {
    let rows = world.rows(
        "SELECT o.class::oid, o.oid, o.part::int2, o.owner::oid, a.grantee, a.privilege_type, a.is_grantable
         FROM (SELECT 1259::oid AS class, oid, 0::int2 AS part, relowner AS owner, relacl AS acl
               FROM pg_class WHERE relacl IS NOT NULL AND oid >= 16384
               UNION ALL SELECT 1259, attrelid, attnum, 0, attacl
               FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384 AND NOT attisdropped
               UNION ALL SELECT 1255, oid, 0, proowner, proacl FROM pg_proc WHERE proacl IS NOT NULL AND oid >= 16384
               UNION ALL SELECT 1247, oid, 0, typowner, typacl FROM pg_type WHERE typacl IS NOT NULL AND oid >= 16384
               UNION ALL SELECT 2615, oid, 0, nspowner, nspacl FROM pg_namespace
               WHERE nspacl IS NOT NULL AND (oid >= 16384 OR nspname = 'public')
               UNION ALL SELECT 2612, oid, 0, lanowner, lanacl FROM pg_language
               WHERE lanacl IS NOT NULL AND oid >= 16384
               UNION ALL SELECT 2328, oid, 0, fdwowner, fdwacl FROM pg_foreign_data_wrapper
               WHERE fdwacl IS NOT NULL AND oid >= 16384
               UNION ALL SELECT 1417, oid, 0, srvowner, srvacl FROM pg_foreign_server
               WHERE srvacl IS NOT NULL AND oid >= 16384) o
         -- An empty list is one from which everything was taken away.
         LEFT JOIN LATERAL aclexplode(o.acl) a ON true
         ORDER BY 1, 2, 3",
    )?;
    let mut lists: BTreeMap<(u32, u32, i16), (u32, Held)> = BTreeMap::new();
    for row in &rows {
        let key = (row.get("class"), row.get("oid"), row.get("part"));
        let (_, held) = lists.entry(key).or_insert_with(|| (row.get("owner"), Held::new()));
        hold(world, held, row);
    }
    for ((class, oid, part), (owner, held)) in lists {
        let path = match part {
            0 => world.path(class, oid).cloned(),
            number => columns::path(world, oid, number).filter(|_| world.path(class, oid).is_some()),
        };
        let Some(path) = path else { continue };
        let owner = (owner != 0).then(|| Grantee::Role(world.role(owner)));
        for change in changes(world.version, &path, owner.as_ref(), &held) {
            // What cannot be said of the path is no part of the model.
            let _ = model::apply(&mut schema, &change);
        }
    }
    default_privileges(world, &mut schema)?;
    Ok(schema)
}

fn hold(world: &World<'_>, held: &mut Held, row: &Row) {
    let Some(grantee) = row.get::<_, Option<u32>>("grantee") else { return };
    let grantee = if grantee == 0 { Grantee::Public } else { Grantee::Role(world.role(grantee)) };
    let (plain, grantable) = held.entry(grantee).or_default();
    let into = if row.get("is_grantable") { grantable } else { plain };
    into.insert(name(row, "privilege_type"));
}

/// The grants and revocations that lead from the defaults to this list.
fn changes(version: u16, path: &Path, owner: Option<&Grantee>, held: &Held) -> Vec<Change> {
    let mut changes = Vec::new();
    let usual = usual(version, path);
    let public = held.get(&Grantee::Public).map(|(plain, _)| plain.clone()).unwrap_or_default();
    let lost: BTreeSet<Name> = usual.difference(&public).cloned().collect();
    if !lost.is_empty() {
        let grant = Grant { grantee: Grantee::Public, privileges: lost, grantable: false };
        changes.push(Change::alter(path.clone(), Aspect::Revoke(grant)));
    }
    for (grantee, (plain, grantable)) in held {
        if Some(grantee) == owner {
            continue;
        }
        let beyond = |privileges: &BTreeSet<Name>| -> BTreeSet<Name> {
            let known = *grantee == Grantee::Public;
            let new = privileges.iter().filter(|privilege| !(known && usual.contains(*privilege)));
            without_maintain(new.cloned().collect())
        };
        for (privileges, grantable) in [(beyond(plain), false), (without_maintain(grantable.clone()), true)] {
            if !privileges.is_empty() {
                let grant = Grant { grantee: grantee.clone(), privileges, grantable };
                changes.push(Change::alter(path.clone(), Aspect::Grant(grant)));
            }
        }
    }
    changes
}

/// Since 17 all privileges of a table hold one more; who has all has that too.
fn without_maintain(mut privileges: BTreeSet<Name>) -> BTreeSet<Name> {
    const ALL: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    if ALL.iter().all(|privilege| privileges.contains(*privilege)) {
        privileges.remove("MAINTAIN");
    }
    privileges
}

/// What everybody has without any GRANT.
fn usual(version: u16, path: &Path) -> BTreeSet<Name> {
    let privileges: &[&'static str] = match path.kind {
        Kind::Function | Kind::Procedure | Kind::Aggregate => &["EXECUTE"],
        Kind::Language | Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => &["USAGE"],
        Kind::Namespace if path.name == PUBLIC && version < 15 => &["CREATE", "USAGE"],
        Kind::Namespace if path.name == PUBLIC => &["USAGE"],
        _ => &[],
    };
    privileges.iter().copied().map(Name::new_static).collect()
}

fn default_privileges(world: &mut World<'_>, schema: &mut Schema) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT d.oid, d.defaclrole, d.defaclnamespace, d.defaclobjtype::text, a.grantee, a.privilege_type,
                a.is_grantable
         FROM pg_default_acl d LEFT JOIN LATERAL aclexplode(d.defaclacl) a ON true
         WHERE d.oid >= 16384 ORDER BY d.oid",
    )?;
    let mut lists: BTreeMap<u32, (DefaultPrivileges, Grantee, Held)> = BTreeMap::new();
    for row in &rows {
        let objects = match super::row::letter(row, "defaclobjtype") {
            'r' => Kind::Table,
            'S' => Kind::Sequence,
            'f' => Kind::Function,
            'T' => Kind::BaseType,
            'n' => Kind::Namespace,
            _ => continue,
        };
        let (role, namespace): (u32, u32) = (row.get("defaclrole"), row.get("defaclnamespace"));
        let defaults = DefaultPrivileges {
            role: (role != world.database_owner).then(|| world.role(role)),
            schema: (namespace != 0).then(|| world.namespace(namespace)),
            objects,
            granted: Vec::new(),
            revoked: Vec::new(),
        };
        let owner = Grantee::Role(world.role(role));
        let (_, _, held) = lists.entry(row.get("oid")).or_insert_with(|| (defaults, owner, Held::new()));
        hold(world, held, row);
    }
    for (defaults, owner, held) in lists.into_values() {
        let path = Path {
            kind: Kind::DefaultPrivileges,
            schema: defaults.schema.clone().unwrap_or_default(),
            name: defaults.role.clone().unwrap_or_default(),
            part: defaults.objects.sql().into(),
        };
        // In a schema only what is added is kept; elsewhere the list takes the place of the defaults.
        let of_kind = Path::global(defaults.objects, "");
        let whole = defaults.schema.is_none();
        let mut all = defaults;
        for change in changes(world.version, &of_kind, Some(&owner).filter(|_| whole), &held) {
            match change {
                Change::Alter { aspect: Aspect::Grant(grant), .. } => all.granted.push(grant),
                Change::Alter { aspect: Aspect::Revoke(grant), .. } if whole => all.revoked.push(grant),
                _ => {}
            }
        }
        let create = Change::Create { path, object: Object::DefaultPrivileges(all) };
        let _ = model::apply(schema, &create);
    }
    Ok(())
}
