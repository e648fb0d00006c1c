use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A table of the schema `public` has no row security; where clients reach the database directly, enable it.
    ///
    /// A service that opens `public` to browsers lets them read and write whatever their role was granted. Elsewhere the
    /// application stands between, and this rule is not for it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE SCHEMA inner_world;
    /// CREATE TABLE inner_world.orders (id bigint PRIMARY KEY);
    /// ```
    "S024", note, opt_in, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| !table.row_security.enabled && table.policies.is_empty()) {
        if table.name.schema != model::name::PUBLIC || table.foreign.is_some() {
            continue;
        }
        findings.at(&Path::table(&table.name), "whoever may read this table sees every row").why("row security is off");
    }
}
