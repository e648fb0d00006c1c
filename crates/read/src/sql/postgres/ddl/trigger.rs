//! Triggers, event triggers and rules.

use model::change::Aspect;
use model::expr::Piece;
use model::object::{Enabled, Event, EventTrigger, Level, Object, Rule, Timing, Trigger, TriggerConstraint};
use model::step::How;
use model::{Change, Kind, Path, QName, Sql};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::{expr, string};
use super::super::name::name;
use super::super::sql_text::sql;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::constraint::deferrable;
use super::named::text;
use super::object::global;
use super::routine::{clause, executed};

/// `CREATE TRIGGER`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateTrigger) -> Read {
    let own = node.trigger()?;
    let table = cx.relation(&node.on_relation()?.relation_name_ref()?);
    let (function, arguments) = executed(cx, &node.call_expr()?)?;
    let mut trigger = Trigger {
        name: name(&own),
        timing: match node.timing()? {
            ast::Timing::TimingBefore(_) => Timing::Before,
            ast::Timing::TimingAfter(_) => Timing::After,
            ast::Timing::TimingInsteadOf(_) => Timing::InsteadOf,
        },
        events: node.trigger_event_list()?.trigger_events().map(|event| self::event(&event)).collect(),
        level: match node.trigger_level() {
            Some(ast::TriggerLevel::ForEachRow(_)) => Level::Row,
            _ => Level::Statement,
        },
        old_table: None,
        new_table: None,
        when: None,
        function,
        arguments,
        constraint: node.constraint_token().map(|_| TriggerConstraint {
            from: node.from_table().and_then(|from| from.table_name_ref()).map(|from| cx.relation(&from)),
            deferrable: deferrable(node.constraint_options()).unwrap_or_default(),
        }),
        enabled: Enabled::Origin,
        inherited: false,
    };
    for referencing in node.referencing().into_iter().flat_map(|it| it.referencing_tables().collect::<Vec<_>>()) {
        match referencing {
            ast::ReferencingTable::OldTable(it) => {
                trigger.old_table = it.transition_relation_name().map(|it| name(&it))
            }
            ast::ReferencingTable::NewTable(it) => {
                trigger.new_table = it.transition_relation_name().map(|it| name(&it))
            }
        }
    }
    let condition = node.when_condition().and_then(|when| when.expr());
    trigger.when = condition.map(|condition| expr(cx, &old_and_new(cx, &table), &condition));
    let path = Path::part(Kind::Trigger, &table, trigger.name.clone());
    let object = Object::Trigger(Box::new(trigger));
    let or_replace = node.or_replace().is_some();
    let change = if or_replace { Change::Replace { path, object } } else { Change::Create { path, object } };
    let how = How { or_replace, ..How::default() };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]).how(how))
}

fn event(event: &ast::TriggerEvent) -> Event {
    match event {
        ast::TriggerEvent::TriggerEventInsert(_) => Event::Insert,
        ast::TriggerEvent::TriggerEventDelete(_) => Event::Delete,
        ast::TriggerEvent::TriggerEventTruncate(_) => Event::Truncate,
        ast::TriggerEvent::TriggerEventUpdate(it) => {
            Event::Update(it.column_name_refs().map(|column| name(&column)).collect())
        }
    }
}

/// The rows that a trigger's condition and a rule speak of.
fn old_and_new(cx: Context<'_>, table: &QName) -> Scope {
    let columns = cx.columns_of(table).unwrap_or_default();
    Scope::default().with("old", table, columns.clone()).with("new", table, columns)
}

/// `ALTER TRIGGER`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterTrigger) -> Read {
    let table = cx.relation(&node.on_relation()?.relation_name_ref()?);
    let path = Path::part(Kind::Trigger, &table, name(&node.trigger_ref()?));
    alter::object(cx, node.syntax(), Some(path), node.action().map(|action| action.syntax().clone()))
}

/// `CREATE EVENT TRIGGER`
pub(crate) fn create_event(cx: Context<'_>, node: &ast::CreateEventTrigger) -> Read {
    let own = node.event_trigger()?;
    let (function, _) = executed(cx, &node.call_expr()?)?;
    let when = node.event_trigger_when_clause();
    let first = when.iter().filter_map(|when| when.event_trigger_when());
    let others = when.iter().flat_map(|when| when.event_trigger_when_ands().collect::<Vec<_>>());
    let others = others.filter_map(|and| and.event_trigger_when());
    let tags = first.chain(others).flat_map(|when| when.literals().map(|tag| string(&tag)).collect::<Vec<_>>());
    let trigger = EventTrigger {
        name: name(&own),
        event: name(&node.event()?),
        tags: tags.collect(),
        function,
        enabled: Enabled::Origin,
    };
    let path = Path::global(Kind::EventTrigger, trigger.name.clone());
    let change = Change::Create { path, object: Object::EventTrigger(trigger) };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]))
}

/// `ALTER EVENT TRIGGER`
pub(crate) fn alter_event(cx: Context<'_>, node: &ast::AlterEventTrigger) -> Read {
    let path = global(Kind::EventTrigger, node.event_trigger_ref().as_ref())?;
    let action = node.action()?;
    let enabled = match &action {
        ast::AlterEventTriggerAction::Enable(_) => Enabled::Origin,
        ast::AlterEventTriggerAction::EnableAlways(_) => Enabled::Always,
        ast::AlterEventTriggerAction::EnableReplica(_) => Enabled::Replica,
        ast::AlterEventTriggerAction::Disable(_) => Enabled::Disabled,
        other => return alter::object(cx, node.syntax(), Some(path), Some(other.syntax().clone())),
    };
    let change = Change::alter(path, Aspect::Enabled(enabled));
    Some(Statement::define([Placed::new(cx, node.syntax(), change)]))
}

/// `CREATE RULE`
pub(crate) fn create_rule(cx: Context<'_>, node: &ast::CreateRule) -> Read {
    let own = node.rule()?;
    let on = node.rule_on()?;
    let table = cx.relation(&on.relation_name_ref()?);
    let scope = old_and_new(cx, &table);
    let does = node.rule_do()?;
    let condition = on.where_clause().and_then(|clause| clause.expr());
    let rule = Rule {
        name: name(&own),
        event: clause(&on.rule_event()?),
        condition: condition.map(|condition| expr(cx, &scope, &condition)),
        instead: does.instead_token().is_some(),
        actions: actions(cx, &scope, does.rule_action()?),
        enabled: Enabled::Origin,
    };
    let path = Path::part(Kind::Rule, &table, rule.name.clone());
    let object = Object::Rule(Box::new(rule));
    let or_replace = node.or_replace().is_some();
    let change = if or_replace { Change::Replace { path, object } } else { Change::Create { path, object } };
    let how = How { or_replace, ..How::default() };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]).how(how))
}

/// The commands as PostgreSQL prints them: one bare, several in parentheses.
fn actions(cx: Context<'_>, scope: &Scope, action: ast::RuleAction) -> Sql {
    let list = match action {
        ast::RuleAction::Nothing(_) => return Sql::text("NOTHING"),
        ast::RuleAction::RuleStmt(it) => return sql(cx, scope, it.syntax()),
        ast::RuleAction::RuleStmtList(list) => list,
    };
    let statements: Vec<_> = list.rule_stmts().map(|one| sql(cx, scope, one.syntax())).collect();
    if let [only] = statements.as_slice() {
        return only.clone();
    }
    let mut pieces = vec![Piece::Text("(".into())];
    for (index, statement) in statements.into_iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Text("; ".into()));
        }
        pieces.extend(statement.pieces);
    }
    pieces.push(Piece::Text(")".into()));
    Sql { pieces }
}

/// `ALTER RULE`
pub(crate) fn alter_rule(cx: Context<'_>, node: &ast::AlterRule) -> Read {
    let table = cx.relation(&node.on_relation()?.relation_name_ref()?);
    let path = Path::part(Kind::Rule, &table, name(&node.rule_ref()?));
    let action = node.rule_rename_to().map(|action| action.syntax().clone());
    if action.is_none() {
        let change = Change::alter(path, Aspect::Other(text(cx, node.syntax())));
        return Some(Statement::define([Placed::new(cx, node.syntax(), change)]));
    }
    alter::object(cx, node.syntax(), Some(path), action)
}
