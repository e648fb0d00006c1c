//! Functions, procedures and aggregates, and what calls them: triggers, rules and policies.

use model::object::{self, ArgumentMode, Body, Enabled, Event, Parallel, Returns, RoutineKind, Timing, Volatility};
use model::{Kind, QName, Schema};
use schemars::JsonSchema;
use serde::Serialize;

use super::table::{Deferrable, deferrable};
use super::{About, Reference, part_comment, text, texts};

/// A function or procedure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Routine {
    #[serde(flatten)]
    pub id: Reference,
    /// `function`, `window function` or `procedure`
    pub kind: &'static str,
    /// The types that tell overloads apart.
    pub signature: String,
    pub arguments: Vec<Argument>,
    /// `integer`, `SETOF orders`, `TABLE (id bigint)`; null for procedures and functions with OUT arguments.
    pub returns: Option<String>,
    pub language: String,
    /// The source; of a function in a library, the file and the symbol in it.
    pub body: String,
    /// `volatile`, `stable` or `immutable`
    pub volatility: &'static str,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    /// `unsafe`, `restricted` or `safe`
    pub parallel: &'static str,
    pub cost: Option<String>,
    pub rows: Option<String>,
    pub support: Option<String>,
    /// Settings that hold while it runs.
    pub config: Vec<Setting>,
    pub transforms: Vec<String>,
    /// Its body holds SQL that nobody can see before it runs.
    pub opaque: bool,
    #[serde(flatten)]
    pub about: About,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Argument {
    /// `in`, `out`, `inout` or `variadic`
    pub mode: &'static str,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub ty: String,
    pub default: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// A function over many rows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Aggregate {
    #[serde(flatten)]
    pub id: Reference,
    pub arguments: String,
    /// `SFUNC`, `STYPE`, …
    pub options: Vec<Setting>,
    #[serde(flatten)]
    pub about: About,
}

/// What runs when a table or view changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trigger {
    pub name: String,
    /// `before`, `after` or `instead of`
    pub timing: &'static str,
    pub events: Vec<TriggerEvent>,
    pub for_each_row: bool,
    /// The name by which the function sees the rows as they were.
    pub old_table: Option<String>,
    pub new_table: Option<String>,
    pub when: Option<String>,
    pub function: Reference,
    pub arguments: Vec<String>,
    /// Set for a constraint trigger.
    pub constraint: Option<TriggerConstraint>,
    /// `origin`, `disabled`, `replica` or `always`
    pub enabled: &'static str,
    pub inherited: bool,
    pub comment: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct TriggerEvent {
    /// `insert`, `update`, `delete` or `truncate`
    pub event: &'static str,
    /// The columns whose update counts; empty means any.
    pub columns: Vec<String>,
}

/// What makes a trigger a constraint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TriggerConstraint {
    pub from: Option<Reference>,
    #[serde(flatten)]
    pub deferrable: Deferrable,
}

/// A rewrite rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    pub name: String,
    pub event: String,
    pub condition: Option<String>,
    pub instead: bool,
    pub actions: String,
    /// `origin`, `disabled`, `replica` or `always`
    pub enabled: &'static str,
    pub comment: Option<String>,
}

/// A row-level security policy.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Policy {
    pub name: String,
    pub permissive: bool,
    /// `all`, `select`, `insert`, `update` or `delete`
    pub command: &'static str,
    /// Empty means everybody.
    pub roles: Vec<String>,
    pub using: Option<String>,
    pub check: Option<String>,
    pub comment: Option<String>,
}

impl Routine {
    pub(super) fn of(routine: &object::Routine, about: About) -> Routine {
        Routine {
            id: (&routine.name).into(),
            kind: match routine.kind {
                RoutineKind::Function => "function",
                RoutineKind::Window => "window function",
                RoutineKind::Procedure => "procedure",
            },
            signature: text(routine.signature()),
            arguments: routine.arguments.iter().map(argument).collect(),
            returns: returns(&routine.returns),
            language: text(&routine.language),
            body: match &routine.body {
                Body::Source(source) => text(source),
                Body::Linked(file, symbol) => format!("{file}, {symbol}"),
                Body::Parsed(sql) => text(sql),
            },
            volatility: match routine.volatility {
                Volatility::Volatile => "volatile",
                Volatility::Stable => "stable",
                Volatility::Immutable => "immutable",
            },
            strict: routine.strict,
            security_definer: routine.security_definer,
            leakproof: routine.leakproof,
            parallel: match routine.parallel {
                Parallel::Unsafe => "unsafe",
                Parallel::Restricted => "restricted",
                Parallel::Safe => "safe",
            },
            cost: routine.cost.as_ref().map(text),
            rows: routine.rows.as_ref().map(text),
            support: routine.support.as_ref().map(text),
            config: routine.config.iter().map(setting).collect(),
            transforms: texts(&routine.transforms),
            opaque: routine.opaque,
            about,
        }
    }
}

fn argument(argument: &object::Argument) -> Argument {
    Argument {
        mode: match argument.mode {
            ArgumentMode::In => "in",
            ArgumentMode::Out => "out",
            ArgumentMode::InOut => "inout",
            ArgumentMode::Variadic => "variadic",
        },
        name: argument.name.as_ref().map(text),
        ty: text(&argument.ty),
        default: argument.default.as_ref().map(text),
    }
}

pub(crate) fn returns(returns: &Returns) -> Option<String> {
    match returns {
        Returns::Nothing => None,
        Returns::Type(ty) => Some(text(ty)),
        Returns::SetOf(ty) => Some(format!("SETOF {ty}")),
        Returns::Table(columns) => {
            let columns: Vec<String> =
                columns.iter().map(|(name, ty)| format!("{} {ty}", model::name::quoted(name))).collect();
            Some(format!("TABLE ({})", columns.join(", ")))
        }
    }
}

fn setting((name, value): &(model::Name, model::Sql)) -> Setting {
    Setting { name: text(name), value: text(value) }
}

impl Aggregate {
    pub(super) fn of(aggregate: &object::Aggregate, about: About) -> Aggregate {
        Aggregate {
            id: (&aggregate.name).into(),
            arguments: text(&aggregate.arguments),
            options: aggregate.options.iter().map(setting).collect(),
            about,
        }
    }
}

impl Trigger {
    pub(super) fn of(schema: &Schema, owner: &QName, trigger: &object::Trigger) -> Trigger {
        Trigger {
            name: text(&trigger.name),
            timing: match trigger.timing {
                Timing::Before => "before",
                Timing::After => "after",
                Timing::InsteadOf => "instead of",
            },
            events: trigger.events.iter().map(event).collect(),
            for_each_row: trigger.level == object::Level::Row,
            old_table: trigger.old_table.as_ref().map(text),
            new_table: trigger.new_table.as_ref().map(text),
            when: trigger.when.as_ref().map(text),
            function: (&trigger.function).into(),
            arguments: texts(&trigger.arguments),
            constraint: trigger.constraint.as_ref().map(|constraint| TriggerConstraint {
                from: constraint.from.as_ref().map(Reference::from),
                deferrable: deferrable(constraint.deferrable),
            }),
            enabled: enabled(trigger.enabled),
            inherited: trigger.inherited,
            comment: part_comment(schema, Kind::Trigger, owner, &trigger.name),
        }
    }
}

fn event(event: &Event) -> TriggerEvent {
    let (event, columns) = match event {
        Event::Insert => ("insert", Vec::new()),
        Event::Update(columns) => ("update", texts(columns)),
        Event::Delete => ("delete", Vec::new()),
        Event::Truncate => ("truncate", Vec::new()),
    };
    TriggerEvent { event, columns }
}

pub(super) fn enabled(enabled: Enabled) -> &'static str {
    match enabled {
        Enabled::Origin => "origin",
        Enabled::Disabled => "disabled",
        Enabled::Replica => "replica",
        Enabled::Always => "always",
    }
}

impl Rule {
    pub(super) fn of(schema: &Schema, owner: &QName, rule: &object::Rule) -> Rule {
        Rule {
            name: text(&rule.name),
            event: text(&rule.event),
            condition: rule.condition.as_ref().map(text),
            instead: rule.instead,
            actions: text(&rule.actions),
            enabled: enabled(rule.enabled),
            comment: part_comment(schema, Kind::Rule, owner, &rule.name),
        }
    }
}

impl Policy {
    pub(super) fn of(schema: &Schema, owner: &QName, policy: &object::Policy) -> Policy {
        use object::PolicyCommand;
        Policy {
            name: text(&policy.name),
            permissive: policy.permissive,
            command: match policy.command {
                PolicyCommand::All => "all",
                PolicyCommand::Select => "select",
                PolicyCommand::Insert => "insert",
                PolicyCommand::Update => "update",
                PolicyCommand::Delete => "delete",
            },
            roles: texts(&policy.roles),
            using: policy.using.as_ref().map(text),
            check: policy.check.as_ref().map(text),
            comment: part_comment(schema, Kind::Policy, owner, &policy.name),
        }
    }
}
