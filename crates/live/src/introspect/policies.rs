//! Row-level security policies.

use model::object::{Policy, PolicyCommand};
use model::{Expr, Kind, Path};
use read::sql::postgres::Printed;

use super::row::{letter, name};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, polname::text, polrelid, polcmd::text, polpermissive, polroles,
                pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS checked
         FROM pg_policy WHERE oid >= 16384 ORDER BY oid",
    )?;
    let known = world.known();
    let printed = Printed { schema: &known };
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("oid"), row.get("polrelid"));
        let Some(table) = world.relation(relation) else { continue };
        let mut condition = |column: &str| -> Option<Expr> {
            let text = row.get::<_, Option<&str>>(column)?;
            world.or_problem(printed.expression(&table, text), text)
        };
        let (using, check) = (condition("using"), condition("checked"));
        let roles: Vec<u32> = row.get("polroles");
        let policy = Policy {
            name: name(row, "polname"),
            permissive: row.get("polpermissive"),
            command: match letter(row, "polcmd") {
                'r' => PolicyCommand::Select,
                'a' => PolicyCommand::Insert,
                'w' => PolicyCommand::Update,
                'd' => PolicyCommand::Delete,
                _ => PolicyCommand::All,
            },
            // Number 0 is PUBLIC.
            roles: roles.into_iter().filter(|role| *role != 0).map(|role| world.role(role)).collect(),
            using,
            check,
        };
        world.note(catalog::POLICY, oid, &Path::part(Kind::Policy, &table, policy.name.clone()), None);
        if let Some(table) = world.tables.get_mut(&relation) {
            table.policies.push(policy);
        }
    }
    Ok(())
}
