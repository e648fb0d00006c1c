use model::object::{Constraint, ConstraintKind, ForeignKey, RefAction};
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// `SET DEFAULT` on a column without a default sets NULL or fails; give it a default, or choose another action.
    ///
    /// The constraint is accepted as it stands. The DELETE of the other table's row then breaks with an error about a NOT NULL
    /// column, or leaves rows that point at nothing, which the words do not say.
    ///
    /// ```sql,bad
    /// CREATE TABLE agents (id bigint PRIMARY KEY);
    /// CREATE TABLE tickets (id bigint PRIMARY KEY, agent_id bigint NOT NULL REFERENCES agents ON DELETE SET DEFAULT);
    /// CREATE INDEX ON tickets (agent_id);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE agents (id bigint PRIMARY KEY);
    /// CREATE TABLE tickets (id bigint PRIMARY KEY, agent_id bigint REFERENCES agents ON DELETE SET DEFAULT);
    /// CREATE INDEX ON tickets (agent_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE agents (id bigint PRIMARY KEY);
    /// CREATE TABLE tickets (id bigint PRIMARY KEY, agent_id bigint DEFAULT 1 REFERENCES agents ON DELETE SET DEFAULT);
    /// CREATE INDEX ON tickets (agent_id);
    /// ```
    "K011", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        if key.on_delete != RefAction::SetDefault && key.on_update != RefAction::SetDefault {
            continue;
        }
        let set: &[Name] = if key.set_columns.is_empty() { &key.columns } else { &key.set_columns };
        let without = |name: &&Name| table.column(name).is_some_and(|column| column.default.is_none());
        let Some(column) = set.iter().find(without) else { continue };
        let required = table.column(column).is_some_and(|column| !column.is_nullable());
        let path = Path::constraint(&table.name, constraint.name.clone());
        let message = match required {
            true => format!("every DELETE from {} that {} refers to fails", key.table, table.name),
            false => format!("SET DEFAULT sets {}.{column} to NULL", table.name),
        };
        let refuse = |action: RefAction| if action == RefAction::SetDefault { RefAction::NoAction } else { action };
        let plain = ForeignKey {
            on_delete: refuse(key.on_delete),
            on_update: refuse(key.on_update),
            set_columns: Vec::new(),
            ..key.clone()
        };
        let plain = Constraint { kind: ConstraintKind::ForeignKey(plain), ..constraint.clone() };
        findings
            .at(&path, message)
            .words("SET DEFAULT")
            .why(format!("{}.{column} has no default", table.name))
            .unsafe_fix("refuse the DELETE", vec![Change::drop(path), Change::add_constraint(&table.name, plain)]);
    }
}
