//! Triggers of tables and views; those that PostgreSQL makes for its own use are left out.

use model::object::{Deferrable, Enabled, Event, Level, Timing, Trigger, TriggerConstraint};
use model::{Kind, Name, Path};
use postgres::Row;
use read::sql::postgres::Printed;

use super::row::{letter, name, some_name};
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT t.oid, t.tgrelid, t.tgname::text, t.tgtype, t.tgfoid, t.tgenabled::text, t.tgconstrrelid,
                t.tgconstraint, t.tgdeferrable, t.tginitdeferred, t.tgattr::int2[], t.tgargs, t.tgoldtable::text,
                t.tgnewtable::text, t.tgparentid,
                CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid) END AS conditional
         FROM pg_trigger t
         -- The copies for partitions were internal before 15; those of constraints still are.
         WHERE t.oid >= 16384 AND (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
         ORDER BY t.oid",
    )?;
    for row in &rows {
        let (oid, relation): (u32, u32) = (row.get("oid"), row.get("tgrelid"));
        if world.is_member(catalog::TRIGGER, oid) {
            continue;
        }
        let Some(table) = world.relation(relation) else { continue };
        let trigger = trigger(world, row, relation);
        world.note(catalog::TRIGGER, oid, &Path::part(Kind::Trigger, &table, trigger.name.clone()), None);
        if let Some(table) = world.tables.get_mut(&relation) {
            table.triggers.push(trigger);
        } else if let Some(view) = world.views.get_mut(&relation) {
            view.triggers.push(trigger);
        }
    }
    Ok(())
}

/// The bits of `tgtype` (catalog/pg_trigger.h).
const ROW: i16 = 1;
const BEFORE: i16 = 2;
const INSERT: i16 = 4;
const DELETE: i16 = 8;
const UPDATE: i16 = 16;
const TRUNCATE: i16 = 32;
const INSTEAD: i16 = 64;

fn trigger(world: &mut World<'_>, row: &Row, relation: u32) -> Trigger {
    let bits: i16 = row.get("tgtype");
    let is = |bit: i16| bits & bit != 0;
    let columns = world.column_names(relation, &row.get::<_, Vec<i16>>("tgattr"));
    let events = [
        (INSERT, Event::Insert),
        (UPDATE, Event::Update(columns)),
        (DELETE, Event::Delete),
        (TRUNCATE, Event::Truncate),
    ];
    let known = world.known();
    let when = row.get::<_, Option<&str>>("conditional").and_then(|text| {
        let read = Printed { schema: &known }.trigger(text);
        world.or_problem(read, text)?.when
    });
    let from = world.relation(row.get("tgconstrrelid"));
    let constraint = (row.get::<_, u32>("tgconstraint") != 0).then(|| TriggerConstraint {
        from,
        deferrable: match (row.get("tgdeferrable"), row.get("tginitdeferred")) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        },
    });
    Trigger {
        name: name(row, "tgname"),
        timing: match (is(BEFORE), is(INSTEAD)) {
            (true, _) => Timing::Before,
            (_, true) => Timing::InsteadOf,
            _ => Timing::After,
        },
        events: events.into_iter().filter(|(bit, _)| is(*bit)).map(|(_, event)| event).collect(),
        level: if is(ROW) { Level::Row } else { Level::Statement },
        old_table: some_name(row, "tgoldtable"),
        new_table: some_name(row, "tgnewtable"),
        when,
        function: world.function(row.get("tgfoid")),
        arguments: arguments(row.get("tgargs")),
        constraint,
        enabled: enabled(letter(row, "tgenabled")),
        inherited: row.get::<_, u32>("tgparentid") != 0,
    }
}

/// Strings, each with a zero byte behind it.
fn arguments(bytes: &[u8]) -> Vec<Name> {
    let mut words: Vec<Name> =
        bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into()).collect();
    words.pop();
    words
}

pub(super) fn enabled(letter: char) -> Enabled {
    match letter {
        'D' => Enabled::Disabled,
        'R' => Enabled::Replica,
        'A' => Enabled::Always,
        _ => Enabled::Origin,
    }
}
