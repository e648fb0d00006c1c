use model::object::{Column, Object};
use model::{Change, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Adding a NOT NULL column without a default fails as soon as the table has a row; give it a default, or fill it before it becomes NOT NULL.
    ///
    /// The existing rows have no value for it, so PostgreSQL answers "column contains null values" and the migration stops,
    /// in production only, where there are rows. A constant default is kept in the catalog and touches no row.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN status text NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
    /// ```
    "M006", error, known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Column(column) } = change else { continue };
        let table = path.qname();
        if fills_itself(column) || column.is_nullable() || !step.table_existed(&table) {
            continue;
        }
        let domain =
            column.ty.user_defined().and_then(|name| step.before.domains().find(|domain| domain.name == *name));
        if domain.is_some_and(|domain| domain.default.is_some()) || is_foreign(step, &table) {
            continue;
        }
        findings
            .here(
                place,
                format!("this fails if {table} has a single row: {} is NOT NULL and has no value there", column.name),
            )
            .about(path.clone())
            .label("NOT NULL without a default");
    }
}

fn fills_itself(column: &Column) -> bool {
    column.default.is_some() || column.identity.is_some() || column.generated.is_some()
}

/// A foreign table keeps its rows elsewhere; the constraint is only declared.
fn is_foreign(step: &Step, table: &model::QName) -> bool {
    step.before.table(table).is_some_and(|table| table.foreign.is_some())
}
