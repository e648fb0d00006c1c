use std::collections::BTreeMap;

use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::tenants::tenant_column;

rule! {
    /// A table has the tenant's column, and no row security like the others that have it; enable it and write the policy.
    ///
    /// The other tables keep tenants apart in the database. Here one forgotten WHERE in one query shows the rows of all.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE INDEX ON orders (tenant_id);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON orders USING (tenant_id = (SELECT current_setting('app.tenant')::bigint));
    /// CREATE TABLE notes (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE INDEX ON notes (tenant_id);
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON notes USING (tenant_id = (SELECT current_setting('app.tenant')::bigint));
    /// CREATE TABLE files (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, org_id uuid NOT NULL);
    /// CREATE TABLE notes (id bigint PRIMARY KEY, org_id uuid NOT NULL);
    /// CREATE TABLE files (id bigint PRIMARY KEY, org_id uuid NOT NULL);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// ALTER TABLE files DISABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE TABLE notes (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE TABLE files (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE TABLE notes (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// CREATE TABLE countries (code text PRIMARY KEY);
    /// ```
    "S018", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut by_column: BTreeMap<&Name, Vec<&Table>> = BTreeMap::new();
    for table in own_tables(schema) {
        if let Some(column) = tenant_column(table) {
            by_column.entry(&column.name).or_default().push(table);
        }
    }
    for (column, tables) in by_column {
        let closed = tables.iter().filter(|table| table.row_security.enabled).count();
        // Two thirds are a habit.
        if closed < 2 || closed * 3 < tables.len() * 2 {
            continue;
        }
        for table in tables.into_iter().filter(|table| !table.row_security.enabled && table.policies.is_empty()) {
            findings
                .at(
                    &Path::table(&table.name),
                    format!("nothing keeps the rows of each {column} apart in {}", table.name),
                )
                .why(format!("row security is on for {closed} other tables that have {column}"));
        }
    }
}
