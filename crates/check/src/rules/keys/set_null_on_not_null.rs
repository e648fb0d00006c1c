use model::object::RefAction;
use model::{Aspect, Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// `SET NULL` on a column that is NOT NULL makes the DELETE fail; allow NULL, or choose another action.
    ///
    /// The database accepts the constraint and refuses every DELETE of a row that is referred to, with an error about the
    /// other table.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint NOT NULL REFERENCES customers ON DELETE SET NULL
    /// );
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint REFERENCES customers ON DELETE SET NULL
    /// );
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    "K004", error, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        let on_delete = key.on_delete == RefAction::SetNull;
        if !on_delete && key.on_update != RefAction::SetNull {
            continue;
        }
        let set = if key.set_columns.is_empty() || !on_delete { &key.columns } else { &key.set_columns };
        let in_key = |name: &Name| table.primary_key().is_some_and(|key| key.columns.contains(name));
        let required = |name: &&Name| in_key(name) || table.column(name).is_some_and(|column| !column.is_nullable());
        let Some(column) = set.iter().find(required) else { continue };
        let path = Path::constraint(&table.name, constraint.name.clone());
        let verb = if on_delete { "DELETE from" } else { "change of the key of" };
        let draft = findings
            .at(&path, format!("every {verb} {} that {} refers to fails", key.table, table.name))
            .words("SET NULL")
            .label(format!("{}.{column} is NOT NULL", table.name));
        if !in_key(column) {
            let nullable = Change::alter(Path::column(&table.name, column.clone()), Aspect::NotNull(None));
            draft.unsafe_fix(format!("allow NULL in {}.{column}", table.name), vec![nullable]);
        }
    }
}
