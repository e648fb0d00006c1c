//! One table of the dictionary: columns, constraints, indexes, who points at it, what runs on it, who may use it.

use model::object::{
    Column, Constraint, ConstraintKind, Deferrable, Enabled, Event, ForeignKey, Grantee, Index, Persistence, Policy,
    PolicyCommand, Table, Timing, Trigger,
};
use model::{Kind, Name, Path, QName, Schema};
use write::relation::{actions, in_foreign_key, in_primary_key, is_unique, strategy};
use write::sql::postgres::index_key;

use super::markdown::{Anchors, cell, code, heading, rows, titled};

pub(super) fn describe(schema: &Schema, table: &Table, anchors: &Anchors) -> String {
    let path = Path::table(&table.name);
    let mut parts = vec![heading(3, &table.name.to_string())];
    parts.extend(schema.comment(&path).map(|comment| format!("{}\n", cell(comment))));
    parts.push(facts(schema, table).iter().map(|fact| format!("- {fact}\n")).collect());
    let titles = ["Column", "Type", "Null", "Default", "Keys", "Comment"];
    parts.push(rows(titles, table.columns.iter().map(|column| self::column(schema, table, column))));
    parts.push(constraints(schema, table, anchors));
    parts.push(indexes(schema, &table.name, &table.indexes));
    parts.push(referenced_by(schema, &table.name, anchors));
    parts.push(triggers(&table.triggers));
    parts.push(policies(table));
    parts.push(grants(schema, &path));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// What is not ordinary about the table.
fn facts(schema: &Schema, table: &Table) -> Vec<String> {
    let mut facts = Vec::new();
    match table.persistence {
        Persistence::Permanent => {}
        Persistence::Unlogged => facts.push("unlogged: empty after a crash".to_string()),
        Persistence::Temporary => facts.push("temporary".to_string()),
    }
    if let Some(by) = &table.partition_by {
        let keys: Vec<String> = by.keys.iter().map(|key| code(&key.expr.to_string())).collect();
        facts.push(format!("partitioned by {} of {}", strategy(by.strategy), keys.join(", ")));
        facts.extend(partitions(schema, &table.name));
    }
    facts.extend(table.inherits.iter().map(|parent| format!("inherits from {}", cell(&parent.to_string()))));
    facts.extend(table.of_type.iter().map(|ty| format!("rows of type {}", code(&ty.to_string()))));
    facts.extend(table.foreign.iter().map(|foreign| format!("foreign table on server {}", code(&foreign.server))));
    facts.extend(schema.owner(&Path::table(&table.name)).map(|owner| format!("owned by {}", code(owner))));
    facts
}

/// `partitions: orders_2025 (FOR VALUES …), …`
fn partitions(schema: &Schema, parent: &QName) -> Option<String> {
    let parts = schema.tables().filter_map(|table| {
        let of = table.partition_of.as_ref().filter(|of| of.parent == *parent)?;
        Some(format!("{} ({})", code(&table.name.to_string()), cell(&of.bound.to_string())))
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("partitions: {}", parts.join(", ")))
}

fn column(schema: &Schema, table: &Table, column: &Column) -> [String; 6] {
    let default = match (&column.default, &column.identity, &column.generated) {
        (_, Some(identity), _) if identity.always => "identity".to_string(),
        (_, Some(_), _) => "identity unless given".to_string(),
        (_, _, Some(generated)) => format!("always {}", code(&generated.expr.to_string())),
        (Some(default), _, _) => code(&default.to_string()),
        (None, None, None) => String::new(),
    };
    let primary = in_primary_key(table, &column.name);
    let unique = is_unique(table, std::slice::from_ref(&column.name)) && !primary;
    let keys = [(primary, "PK"), (in_foreign_key(table, &column.name), "FK"), (unique, "unique")];
    let keys: Vec<&str> = keys.into_iter().filter(|(holds, _)| *holds).map(|(_, key)| key).collect();
    let comment = schema.comment(&Path::column(&table.name, column.name.clone()));
    [
        code(&column.name),
        code(&column.ty.to_string()),
        if column.is_nullable() { "yes" } else { "no" }.to_string(),
        default,
        keys.join(", "),
        comment.map(|comment| cell(comment)).unwrap_or_default(),
    ]
}

fn constraints(schema: &Schema, table: &Table, anchors: &Anchors) -> String {
    let row = |constraint: &Constraint| {
        let (kind, mut says) = match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => ("primary key", list(&key.columns)),
            ConstraintKind::Unique(key) if key.nulls_not_distinct => {
                ("unique", format!("{}, two nulls are equal", list(&key.columns)))
            }
            ConstraintKind::Unique(key) => ("unique", list(&key.columns)),
            ConstraintKind::ForeignKey(key) => ("foreign key", points_at(key, anchors)),
            ConstraintKind::Check(expr) => ("check", code(&expr.to_string())),
            ConstraintKind::Exclude(exclude) => {
                let parts = exclude.elements.iter().map(|one| format!("{} WITH {}", one.key.expr, one.operator));
                let predicate = exclude.predicate.iter().map(|predicate| format!("WHERE ({predicate})"));
                let parts: Vec<String> = parts.map(|part| code(&part)).collect();
                let predicate: String = predicate.map(|text| format!(" {}", code(&text))).collect();
                ("exclusion", parts.join(", ") + &predicate)
            }
        };
        let traits = [
            (constraint.deferrable == Deferrable::InitiallyImmediate, "can be deferred"),
            (constraint.deferrable == Deferrable::InitiallyDeferred, "checked at commit"),
            (!constraint.valid, "not validated"),
            (!constraint.enforced, "not enforced"),
        ];
        for (_, word) in traits.into_iter().filter(|(holds, _)| *holds) {
            says += &format!("; {word}");
        }
        let comment = schema.comment(&Path::constraint(&table.name, constraint.name.clone()));
        [code(&constraint.name), kind.to_string(), says, comment.map(|text| cell(text)).unwrap_or_default()]
    };
    let titles = ["Constraint", "Kind", "Says", "Comment"];
    titled("Constraints", rows(titles, table.constraints.iter().map(row)))
}

/// `` `customer_id` → [customers](#customers) (`id`), on delete cascade``
fn points_at(key: &ForeignKey, anchors: &Anchors) -> String {
    format!("{} → {} ({}){}", list(&key.columns), anchors.link(&key.table), list(&key.targets), on(key))
}

fn on(key: &ForeignKey) -> String {
    actions(key).map(|(event, action)| format!(", on {event} {action}")).collect()
}

fn list(names: &[Name]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn indexes(schema: &Schema, owner: &QName, indexes: &[Index]) -> String {
    let row = |index: &Index| {
        let keys: Vec<String> = index.keys.iter().map(|key| code(&index_key(key))).collect();
        let traits = [
            (index.unique, "unique".to_string()),
            (index.method != "btree", index.method.to_string()),
            (!index.include.is_empty(), format!("includes {}", list(&index.include))),
            (index.nulls_not_distinct, "two nulls are equal".to_string()),
            (!index.valid, "not valid".to_string()),
        ];
        let predicate = index.predicate.iter().map(|predicate| format!("where {}", code(&predicate.to_string())));
        let traits = traits.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word);
        let traits: Vec<String> = traits.chain(predicate).collect();
        let comment = schema.comment(&Path::part(Kind::Index, owner, index.name.clone()));
        [code(&index.name), keys.join(", "), traits.join(", "), comment.map(|text| cell(text)).unwrap_or_default()]
    };
    titled("Indexes", rows(["Index", "Keys", "Traits", "Comment"], indexes.iter().map(row)))
}

/// Who has a foreign key to this table. The foreign keys of partitions are those of their table.
fn referenced_by(schema: &Schema, table: &QName, anchors: &Anchors) -> String {
    let others = schema.referencing(table).into_iter().filter(|(other, _)| other.partition_of.is_none());
    let line = |(other, constraint): (&Table, &Constraint)| {
        let key = constraint.as_foreign_key()?;
        Some(format!("- {} ({}){}\n", anchors.link(&other.name), list(&key.columns), on(key)))
    };
    titled("Referenced by", others.filter_map(line).collect())
}

pub(super) fn triggers(triggers: &[Trigger]) -> String {
    let row = |trigger: &Trigger| {
        let timing = match trigger.timing {
            Timing::Before => "before",
            Timing::After => "after",
            Timing::InsteadOf => "instead of",
        };
        let event = |event: &Event| match event {
            Event::Insert => "insert".to_string(),
            Event::Update(columns) if columns.is_empty() => "update".to_string(),
            Event::Update(columns) => format!("update of {}", list(columns)),
            Event::Delete => "delete".to_string(),
            Event::Truncate => "truncate".to_string(),
        };
        let events: Vec<String> = trigger.events.iter().map(event).collect();
        let when = trigger.when.as_ref().map(|when| format!(" when {}", code(&when.to_string()))).unwrap_or_default();
        let disabled = if trigger.enabled == Enabled::Disabled { ", disabled" } else { "" };
        let function = code(&trigger.function.to_string());
        [code(&trigger.name), format!("{timing} {}{when}{disabled}", events.join(" or ")), function]
    };
    titled("Triggers", rows(["Trigger", "Runs", "Calls"], triggers.iter().map(row)))
}

fn policies(table: &Table) -> String {
    let row = |policy: &Policy| {
        let command = match policy.command {
            PolicyCommand::All => "all",
            PolicyCommand::Select => "select",
            PolicyCommand::Insert => "insert",
            PolicyCommand::Update => "update",
            PolicyCommand::Delete => "delete",
        };
        let kind = if policy.permissive { command.to_string() } else { format!("{command}, restrictive") };
        let roles = if policy.roles.is_empty() { "everybody".to_string() } else { list(&policy.roles) };
        let condition =
            |expr: &Option<model::Expr>| expr.as_ref().map(|expr| code(&expr.to_string())).unwrap_or_default();
        [code(&policy.name), kind, roles, condition(&policy.using), condition(&policy.check)]
    };
    let title = match (table.row_security.enabled, table.row_security.forced) {
        (true, true) => "Policies, for the owner too",
        (true, false) => "Policies",
        (false, _) => "Policies that do not hold: row security is off",
    };
    let policies = rows(["Policy", "For", "To", "Sees", "Writes"], table.policies.iter().map(row));
    if policies.is_empty() && table.row_security.enabled {
        return "**Policies**\n\nRow security is on and there is no policy: only the owner sees rows.\n".to_string();
    }
    titled(title, policies)
}

pub(super) fn grants(schema: &Schema, path: &Path) -> String {
    let granted = schema.grants_on(path).map_or(&[][..], |grants| &grants.granted);
    let row = |grant: &model::object::Grant| {
        let role = match &grant.grantee {
            Grantee::Public => "everybody".to_string(),
            Grantee::Role(role) => code(role),
        };
        let privileges: Vec<String> = grant.privileges.iter().map(ToString::to_string).collect();
        let grantable = if grant.grantable { ", and to pass them on" } else { "" };
        [role, format!("{}{grantable}", privileges.join(", "))]
    };
    titled("Grants", rows(["Role", "May"], granted.iter().map(row)))
}
