use model::object::Table;
use model::query::FoundQuery;
use model::{Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::spreading::spread_by;
use crate::words::comma;

rule! {
    /// A table is spread by a column that one of its unique keys lacks; put the column into the key.
    ///
    /// Each machine, or each chunk, checks only its own rows. Citus and TimescaleDB therefore refuse to spread such a table: the
    /// statement fails, and with it the migration.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE FUNCTION create_distributed_table(t regclass, c text) RETURNS void LANGUAGE sql AS '';
    /// SELECT create_distributed_table('orders', 'tenant_id');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint NOT NULL UNIQUE, at timestamptz NOT NULL);
    /// CREATE FUNCTION create_hypertable(t regclass, c text) RETURNS void LANGUAGE sql AS '';
    /// SELECT create_hypertable('visits', 'at');
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint, tenant_id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
    /// CREATE FUNCTION create_distributed_table(t regclass, c text) RETURNS void LANGUAGE sql AS '';
    /// SELECT create_distributed_table('orders', 'tenant_id');
    /// ```
    "R014", error, known, Check::Query(check)
}

fn check(query: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for spread in spread_by(&query.query, schema, findings.dialect()) {
        let Some(key) = key_without(spread.table, &spread.column) else { continue };
        let message = format!("the key ({}) of {} lacks {}", comma(&key), spread.table.name, spread.column);
        findings
            .here(query.place, message)
            .why(format!("{} refuses it: each part checks only its own rows", spread.by.of));
    }
}

fn key_without<'a>(table: &'a Table, column: &Name) -> Option<Vec<&'a Name>> {
    table.unique_keys().find(|key| !key.contains(&column))
}
