//! Foreign data: wrappers, servers, and who logs in there as whom. Passwords are left out.

use model::name::{literal, quoted};
use postgres::Row;

use super::operators::function;
use super::row::{name, options, some_name};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    for row in world.rows(
        "SELECT oid, fdwname::text, fdwowner, fdwhandler, fdwvalidator, fdwoptions AS options
         FROM pg_foreign_data_wrapper WHERE oid >= 16384 ORDER BY oid",
    )? {
        if world.is_member(catalog::FOREIGN_DATA_WRAPPER, row.get("oid")) {
            continue;
        }
        let mut create = format!("CREATE FOREIGN DATA WRAPPER {}", quoted(row.get("fdwname")));
        for (word, column) in [("HANDLER", "fdwhandler"), ("VALIDATOR", "fdwvalidator")] {
            let oid: u32 = row.get(column);
            if oid != 0 {
                create += &format!(" {word} {}", function(world, oid));
            }
        }
        create += &clause(&row);
        world.add_named(catalog::FOREIGN_DATA_WRAPPER, row.get("oid"), Some(row.get("fdwowner")), &create);
    }
    for row in world.rows(
        "SELECT s.oid, s.srvname::text, s.srvowner, s.srvtype, s.srvversion, s.srvoptions AS options, w.fdwname::text
         FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
         WHERE s.oid >= 16384 ORDER BY s.oid",
    )? {
        if world.is_member(catalog::FOREIGN_SERVER, row.get("oid")) {
            continue;
        }
        let mut create = format!("CREATE SERVER {}", quoted(row.get("srvname")));
        for (word, column) in [("TYPE", "srvtype"), ("VERSION", "srvversion")] {
            if let Some(value) = some_name(&row, column) {
                create += &format!(" {word} {}", literal(&value));
            }
        }
        create += &format!(" FOREIGN DATA WRAPPER {}{}", quoted(row.get("fdwname")), clause(&row));
        world.add_named(catalog::FOREIGN_SERVER, row.get("oid"), Some(row.get("srvowner")), &create);
    }
    for row in world.rows(
        "SELECT umid, srvname::text, umuser, usename::text, umoptions AS options FROM pg_user_mappings
         WHERE umid >= 16384 ORDER BY umid",
    )? {
        let role = match row.get::<_, u32>("umuser") {
            0 => "PUBLIC".to_owned(),
            _ => quoted(&name(&row, "usename")).into_owned(),
        };
        let create = format!("CREATE USER MAPPING FOR {role} SERVER {}{}", quoted(row.get("srvname")), clause(&row));
        world.add_named(catalog::USER_MAPPING, row.get("umid"), None, &create);
    }
    Ok(())
}

/// ` OPTIONS (host 'x')`
fn clause(row: &Row) -> String {
    let options: Vec<String> = options(row, "options")
        .iter()
        .filter(|(name, _)| *name != "password")
        .map(|(name, value)| format!("{} {}", quoted(name), literal(value)))
        .collect();
    if options.is_empty() { String::new() } else { format!(" OPTIONS ({})", options.join(", ")) }
}
