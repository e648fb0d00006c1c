//! Triggers, rules and policies: parts of a table or view.

use crate::apply::work::{Outcome, Work, exists, invalid, missing};
use crate::name::{Name, QName};
use crate::object::{Event, Level, Policy, Rule, Trigger};
use crate::path::{Kind, Path};

/// No other part of the kind may have the name, and the table or view must be there.
pub(in crate::apply) fn need_free_part(work: &Work, kind: Kind, owner: &QName, name: &Name) -> Outcome<Path> {
    if work.schema.table(owner).is_none() && work.schema.view(owner).is_none() {
        return Err(missing(Path::table(owner)));
    }
    let path = Path::part(kind, owner, name.clone());
    if work.schema.contains(&path) { Err(exists(path)) } else { Ok(path) }
}

pub(in crate::apply) fn add_trigger(work: &mut Work, owner: &QName, trigger: &Trigger) -> Outcome {
    let path = need_free_part(work, Kind::Trigger, owner, &trigger.name)?;
    if work.view_path(owner).is_some() {
        work.view_mut(owner)?.triggers.push(trigger.clone());
        work.created(path);
        return Ok(());
    }
    for event in &trigger.events {
        if let Event::Update(columns) = event {
            columns.iter().try_for_each(|column| work.need_column(owner, column))?;
        }
    }
    let partitioned = work.table(owner)?.is_partitioned();
    work.table_mut(owner)?.triggers.push(trigger.clone());
    work.created(path);
    if partitioned && trigger.level == Level::Row {
        for child in work.children(owner) {
            add_trigger(work, &child, &Trigger { inherited: true, ..trigger.clone() })?;
        }
    }
    Ok(())
}

pub(in crate::apply) fn add_rule(work: &mut Work, owner: &QName, rule: &Rule) -> Outcome {
    let path = need_free_part(work, Kind::Rule, owner, &rule.name)?;
    match work.view_path(owner) {
        Some(_) => work.view_mut(owner)?.rules.push(rule.clone()),
        None => work.table_mut(owner)?.rules.push(rule.clone()),
    }
    work.created(path);
    Ok(())
}

pub(in crate::apply) fn add_policy(work: &mut Work, owner: &QName, policy: &Policy) -> Outcome {
    if work.view_path(owner).is_some() {
        return Err(invalid(format!("{owner} is not a table")));
    }
    let path = need_free_part(work, Kind::Policy, owner, &policy.name)?;
    work.table_mut(owner)?.policies.push(policy.clone());
    work.created(path);
    Ok(())
}
