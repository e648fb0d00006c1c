//! Triggers and event triggers.

use model::QName;
use model::name::{literal, quoted};
use model::object::{Enabled, Event, EventTrigger, Level, Timing, Trigger};

use super::{constraint, words};

pub(super) fn create(table: &QName, trigger: &Trigger, verb: &str) -> String {
    let constraint = if trigger.constraint.is_some() { "CONSTRAINT " } else { "" };
    let mut clauses = vec![format!("{} {} ON {table}", timing(trigger.timing), events(&trigger.events))];
    if let Some(constraint) = &trigger.constraint {
        let from = constraint.from.as_ref().map(|from| format!("FROM {from}")).unwrap_or_default();
        let clause = format!("{from}{}", constraint::deferrable(constraint.deferrable));
        clauses.extend(Some(clause.trim().to_owned()).filter(|clause| !clause.is_empty()));
    }
    let tables = [("OLD", &trigger.old_table), ("NEW", &trigger.new_table)];
    let tables: Vec<String> = tables
        .iter()
        .filter_map(|(which, name)| Some(format!("{which} TABLE AS {}", quoted(name.as_ref()?))))
        .collect();
    if !tables.is_empty() {
        clauses.push(format!("REFERENCING {}", tables.join(" ")));
    }
    let level = if trigger.level == Level::Row { "ROW" } else { "STATEMENT" };
    let when = trigger.when.as_ref().map(|when| format!(" WHEN ({when})")).unwrap_or_default();
    let arguments: Vec<String> = trigger.arguments.iter().map(|argument| literal(argument)).collect();
    clauses.push(format!("FOR EACH {level}{when}"));
    clauses.push(format!("EXECUTE FUNCTION {}({});", trigger.function, arguments.join(", ")));
    let separator = format!("\n{}", words::INDENT);
    format!("{verb} {constraint}TRIGGER {}{separator}{}", quoted(&trigger.name), clauses.join(&separator))
}

fn timing(timing: Timing) -> &'static str {
    match timing {
        Timing::Before => "BEFORE",
        Timing::After => "AFTER",
        Timing::InsteadOf => "INSTEAD OF",
    }
}

fn events(events: &[Event]) -> String {
    let events: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Insert => "INSERT".to_owned(),
            Event::Update(columns) if columns.is_empty() => "UPDATE".to_owned(),
            Event::Update(columns) => format!("UPDATE OF {}", words::names(columns)),
            Event::Delete => "DELETE".to_owned(),
            Event::Truncate => "TRUNCATE".to_owned(),
        })
        .collect();
    events.join(" OR ")
}

/// `ENABLE`, `DISABLE`, …: the words of ALTER TABLE, ALTER EVENT TRIGGER and rules.
pub(super) fn enabled(enabled: Enabled) -> &'static str {
    match enabled {
        Enabled::Origin => "ENABLE",
        Enabled::Disabled => "DISABLE",
        Enabled::Replica => "ENABLE REPLICA",
        Enabled::Always => "ENABLE ALWAYS",
    }
}

/// When the trigger fires, if that is not as usual.
pub(super) fn enable(table: &QName, trigger: &Trigger) -> Option<String> {
    let unusual = trigger.enabled != Enabled::Origin;
    unusual.then(|| format!("ALTER TABLE {table} {} TRIGGER {};", enabled(trigger.enabled), quoted(&trigger.name)))
}

pub(super) fn event_trigger(trigger: &EventTrigger) -> Vec<String> {
    let name = quoted(&trigger.name);
    let tags: Vec<String> = trigger.tags.iter().map(|tag| literal(tag)).collect();
    let when = if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({})", tags.join(", ")) };
    let event = &trigger.event;
    let create = format!("CREATE EVENT TRIGGER {name} ON {event}{when} EXECUTE FUNCTION {}();", trigger.function);
    let unusual = trigger.enabled != Enabled::Origin;
    let enable = unusual.then(|| format!("ALTER EVENT TRIGGER {name} {};", enabled(trigger.enabled)));
    std::iter::once(create).chain(enable).collect()
}
