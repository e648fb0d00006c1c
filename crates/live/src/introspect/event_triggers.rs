//! Event triggers.

use model::object::{EventTrigger, Object};
use model::{Kind, Path};

use super::row::{letter, name, names};
use super::triggers::enabled;
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT oid, evtname::text, evtevent::text, evtowner, evtfoid, evtenabled::text, evttags
         FROM pg_event_trigger WHERE oid >= 16384 ORDER BY oid",
    )?;
    for row in &rows {
        let oid: u32 = row.get("oid");
        if world.is_member(catalog::EVENT_TRIGGER, oid) {
            continue;
        }
        let trigger = EventTrigger {
            name: name(row, "evtname"),
            event: name(row, "evtevent"),
            tags: names(row, "evttags"),
            function: world.function(row.get("evtfoid")),
            enabled: enabled(letter(row, "evtenabled")),
        };
        let path = Path::global(Kind::EventTrigger, trigger.name.clone());
        world.note(catalog::EVENT_TRIGGER, oid, &path, Some(row.get("evtowner")));
        world.objects.push((path, Object::EventTrigger(trigger)));
    }
    Ok(())
}
