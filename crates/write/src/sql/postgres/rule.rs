//! Rules of tables and views.

use model::QName;
use model::name::quoted;
use model::object::{Enabled, Rule};

use super::trigger;

pub(super) fn create(table: &QName, rule: &Rule, verb: &str) -> String {
    let condition = rule.condition.as_ref().map(|expr| format!(" WHERE {expr}")).unwrap_or_default();
    let instead = if rule.instead { "INSTEAD " } else { "" };
    let name = quoted(&rule.name);
    format!("{verb} RULE {name} AS ON {} TO {table}{condition} DO {instead}{};", rule.event, rule.actions)
}

/// When the rule applies, if that is not as usual.
pub(super) fn enable(table: &QName, rule: &Rule) -> Option<String> {
    let unusual = rule.enabled != Enabled::Origin;
    unusual.then(|| format!("ALTER TABLE {table} {} RULE {};", trigger::enabled(rule.enabled), quoted(&rule.name)))
}
