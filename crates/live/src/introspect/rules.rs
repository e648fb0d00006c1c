//! Rules, except those that make views of tables.

use model::object::Rule;
use model::{Kind, Path};
use read::sql::postgres::Printed;

use super::row::{letter, name};
use super::triggers::enabled;
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, rulename::text, ev_class, ev_enabled::text, pg_get_ruledef(oid) AS definition
         FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN' ORDER BY oid",
    )?;
    let known = world.known();
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("oid"), row.get("ev_class"));
        let Some(table) = world.relation(relation).filter(|_| !world.is_member(catalog::REWRITE, oid)) else {
            continue;
        };
        let text: &str = row.get("definition");
        let Some(rule) = world.or_problem(Printed { schema: &known }.rule(text), text) else { continue };
        let rule = Rule { name: name(row, "rulename"), enabled: enabled(letter(row, "ev_enabled")), ..rule };
        world.note(catalog::REWRITE, oid, &Path::part(Kind::Rule, &table, rule.name.clone()), None);
        if let Some(table) = world.tables.get_mut(&relation) {
            table.rules.push(rule);
        } else if let Some(view) = world.views.get_mut(&relation) {
            view.rules.push(rule);
        }
    }
    Ok(())
}
