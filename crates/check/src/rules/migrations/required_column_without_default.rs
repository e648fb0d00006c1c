use std::collections::BTreeSet;

use model::object::{Column, Object};
use model::query::QueryKind;
use model::step::Action;
use model::{Change, Expr, Migration, QName, Step};

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
    /// ```sql,good
    /// CREATE TABLE cache (id bigint PRIMARY KEY);
    /// -- next migration
    /// TRUNCATE cache;
    /// ALTER TABLE cache ADD COLUMN version text NOT NULL;
    /// ```
    "M006", error, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        let mut emptied: BTreeSet<&QName> = BTreeSet::new();
        for step in &migration.steps {
            emptied.extend(empties(step));
            for (change, place) in step.placed_changes() {
                let Change::Create { path, object: Object::Column(column) } = change else { continue };
                let table = path.qname();
                let allowed = fills_itself(step, column) || column.is_nullable() || emptied.contains(&table);
                if allowed || is_foreign(step, &table) || !step.table_existed(&table) {
                    continue;
                }
                let name = &column.name;
                let edits = if step.conditional { Vec::new() } else { findings.replace(place, "NOT NULL", "NULL") };
                findings
                    .here(place, format!("this fails if {table} has a row"))
                    .about(path.clone())
                    .words("NOT NULL")
                    .label("there is no default")
                    .why(format!("{name} has no value in the rows that are there"))
                    .refused_with_rows(&table, "23502")
                    .unsafe_edit("let it be NULL until it is filled", edits);
            }
        }
    }
}

/// The tables of which the statement leaves no row.
fn empties(step: &Step) -> Vec<&QName> {
    match &step.action {
        Action::Truncate { tables, .. } => tables.iter().collect(),
        Action::Query(query) if query.kind == QueryKind::Delete && query.filter.is_none() && query.from.is_empty() => {
            query.write.iter().map(|write| &write.table).collect()
        }
        _ => Vec::new(),
    }
}

fn fills_itself(step: &Step, column: &Column) -> bool {
    let domain = column.ty.user_defined().and_then(|name| step.before.domains().find(|domain| domain.name == *name));
    let by_domain = domain.is_some_and(|domain| domain.default.is_some());
    by_domain
        || column.default.as_ref().is_some_and(|default| *default.without_casts() != Expr::Null)
        || column.identity.is_some()
        || column.generated.is_some()
}

/// A foreign table keeps its rows elsewhere; the constraint is only declared.
fn is_foreign(step: &Step, table: &QName) -> bool {
    step.before.table(table).is_some_and(|table| table.foreign.is_some())
}
