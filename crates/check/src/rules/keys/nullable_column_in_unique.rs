use model::object::{ConstraintKind, Table};
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;
use crate::words::comma;

rule! {
    /// A unique key over several columns, one of which may be NULL, lets equal rows in; make the column NOT NULL or say `NULLS NOT DISTINCT`.
    ///
    /// NULL is not equal to NULL, so `(1, NULL)` may stand in the table any number of times. With a `deleted_at` in the
    /// key this means that only deleted rows are unique.
    ///
    /// ```sql,bad
    /// CREATE TABLE members (
    ///     id bigint PRIMARY KEY,
    ///     team_id bigint NOT NULL,
    ///     email text NOT NULL,
    ///     deleted_at timestamptz,
    ///     UNIQUE (team_id, email, deleted_at)
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE members (
    ///     id bigint PRIMARY KEY,
    ///     team_id bigint NOT NULL,
    ///     email text NOT NULL,
    ///     deleted_at timestamptz
    /// );
    /// CREATE UNIQUE INDEX ON members (team_id, email) WHERE deleted_at IS NULL;
    /// ```
    ///
    /// **How to fix.** Since PostgreSQL 15 `UNIQUE NULLS NOT DISTINCT` counts NULLs as equal. For soft deletion a partial
    /// unique index over the living rows says what is meant.
    "K008", note, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema).filter(|(table, _)| table.partition_of.is_none()) {
        let ConstraintKind::Unique(key) = &constraint.kind else { continue };
        let nullable: Vec<&Name> = key.columns.iter().filter(|name| may_be_null(table, name)).collect();
        if key.nulls_not_distinct || nullable.is_empty() || nullable.len() == key.columns.len() {
            continue;
        }
        let path = Path::constraint(&table.name, constraint.name.clone());
        let columns = comma(&key.columns);
        findings
            .at(&path, format!("rows may repeat where {} is NULL", comma(nullable)))
            .why(format!("NULL does not equal NULL: ({columns}) is not unique there"));
    }
}

fn may_be_null(table: &Table, name: &Name) -> bool {
    table.column(name).is_some_and(|column| column.is_nullable())
}
