use std::collections::BTreeMap;

use model::object::Table;
use model::query::FoundQuery;
use model::{Name, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::spreading::spread_by;

rule! {
    /// A foreign key leads from a spread table to rows on other machines; let both be spread by one column that is in the key.
    ///
    /// Only rows that lie together can be checked. Citus refuses a foreign key between spread tables unless it holds the
    /// distribution column on both sides, and one to a table that is not spread at all unless it is a reference table.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (tenant_id bigint, id bigint, PRIMARY KEY (tenant_id, id), UNIQUE (id, tenant_id));
    /// CREATE TABLE orders (
    ///     tenant_id bigint,
    ///     id bigint,
    ///     buyer_tenant bigint,
    ///     buyer_id bigint,
    ///     PRIMARY KEY (tenant_id, id),
    ///     FOREIGN KEY (buyer_tenant, buyer_id) REFERENCES users MATCH FULL
    /// );
    /// CREATE INDEX ON orders (buyer_tenant, buyer_id);
    /// CREATE FUNCTION create_distributed_table(t regclass, c text) RETURNS void LANGUAGE sql AS '';
    /// SELECT create_distributed_table('users', 'tenant_id');
    /// SELECT create_distributed_table('orders', 'tenant_id');
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (tenant_id bigint, id bigint, PRIMARY KEY (tenant_id, id));
    /// CREATE TABLE orders (
    ///     tenant_id bigint,
    ///     id bigint,
    ///     buyer_id bigint,
    ///     PRIMARY KEY (tenant_id, id),
    ///     FOREIGN KEY (tenant_id, buyer_id) REFERENCES users
    /// );
    /// CREATE INDEX ON orders (tenant_id, buyer_id);
    /// CREATE FUNCTION create_distributed_table(t regclass, c text) RETURNS void LANGUAGE sql AS '';
    /// SELECT create_distributed_table('users', 'tenant_id');
    /// SELECT create_distributed_table('orders', 'tenant_id');
    /// ```
    "R015", error, known, Check::Query(check)
}

fn check(query: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    for spread in spread_by(&query.query, schema, dialect)
        .into_iter()
        .filter(|spread| spread.by.function == "create_distributed_table")
    {
        let mut columns: BTreeMap<&QName, Name> = BTreeMap::new();
        for other in findings.queries() {
            let others = spread_by(&other.query, schema, dialect).into_iter();
            columns.extend(others.map(|other| (&other.table.name, other.column)));
        }
        if let Some((target, names)) = apart(spread.table, &spread.column, &columns) {
            findings
                .here(
                    query.place,
                    format!("the foreign key ({names}) of {} to {target} leads to other machines", spread.table.name),
                )
                .why(format!(
                    "{} checks only rows that lie together: both sides need their distribution column in the key",
                    spread.by.of
                ));
        }
    }
}

/// A foreign key to another spread table that does not hold the distribution columns of both.
fn apart<'a>(table: &'a Table, column: &Name, columns: &BTreeMap<&QName, Name>) -> Option<(&'a QName, String)> {
    table.foreign_keys().find_map(|(_, key)| {
        let other = columns.get(&key.table)?;
        let together = key.columns.iter().zip(&key.targets).any(|(own, target)| own == column && target == other);
        (!together).then(|| (&key.table, crate::words::comma(&key.columns)))
    })
}
