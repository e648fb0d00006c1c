//! Which triggers and rules fire.

use model::change::Aspect;
use model::object::Enabled;
use model::{Change, Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::super::Context;
use super::super::super::name::name;
use super::Altering;

impl Altering {
    pub(super) fn enable(&mut self, cx: Context<'_>, action: &ast::AlterTableAction) -> Option<()> {
        use ast::AlterTableAction as A;
        let (kind, names, enabled) = match action {
            A::EnableTrigger(it) => (Kind::Trigger, self.triggers(cx, it.trigger_target()?)?, Enabled::Origin),
            A::DisableTrigger(it) => (Kind::Trigger, self.triggers(cx, it.trigger_target()?)?, Enabled::Disabled),
            A::EnableReplicaTrigger(it) => (Kind::Trigger, vec![name(&it.trigger_ref()?)], Enabled::Replica),
            A::EnableAlwaysTrigger(it) => (Kind::Trigger, vec![name(&it.trigger_ref()?)], Enabled::Always),
            A::EnableRule(it) => (Kind::Rule, vec![name(&it.rule_ref()?)], Enabled::Origin),
            A::DisableRule(it) => (Kind::Rule, vec![name(&it.rule_ref()?)], Enabled::Disabled),
            A::EnableReplicaRule(it) => (Kind::Rule, vec![name(&it.rule_ref()?)], Enabled::Replica),
            A::EnableAlwaysRule(it) => (Kind::Rule, vec![name(&it.rule_ref()?)], Enabled::Always),
            _ => return None,
        };
        let table = self.table();
        for name in names {
            let path = Path::part(kind, &table, name);
            self.push(cx, action.syntax(), Change::alter(path, Aspect::Enabled(enabled)));
        }
        Some(())
    }

    /// The trigger that is named, or every one that the table has.
    fn triggers(&self, cx: Context<'_>, target: ast::TriggerTarget) -> Option<Vec<Name>> {
        Some(match target {
            ast::TriggerTarget::TriggerRef(trigger) => vec![name(&trigger)],
            ast::TriggerTarget::All(_) | ast::TriggerTarget::User(_) => {
                let table = cx.schema().table(&self.table());
                table.into_iter().flat_map(|table| &table.triggers).map(|trigger| trigger.name.clone()).collect()
            }
        })
    }
}
