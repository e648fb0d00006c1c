use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;
use crate::tenants::tenant_column;
use crate::words::comma;

rule! {
    /// A foreign key leaves the tenant out, so a row of one tenant may point at a row of another; reference the tenant together with the key.
    ///
    /// The database checks that the other row exists, and not whose it is. With `UNIQUE (tenant_id, id)` on the one side and
    /// `FOREIGN KEY (tenant_id, order_id)` on the other it checks both.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
    /// CREATE TABLE items (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, order_id bigint NOT NULL REFERENCES orders);
    /// CREATE INDEX ON items (order_id);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE teams (id bigint PRIMARY KEY, org_id uuid NOT NULL, lead_id bigint REFERENCES teams);
    /// CREATE INDEX ON teams (lead_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, UNIQUE (tenant_id, id));
    /// CREATE TABLE items (
    ///     id bigint PRIMARY KEY, tenant_id bigint NOT NULL, order_id bigint NOT NULL,
    ///     FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
    /// );
    /// CREATE INDEX ON items (tenant_id, order_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE tenants (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants);
    /// CREATE INDEX ON orders (tenant_id);
    /// ```
    "S029", note, opt_in, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        let Some(other) = schema.table(&key.table) else { continue };
        let (Some(own), Some(theirs)) = (tenant_column(table), tenant_column(other)) else { continue };
        if own.name != theirs.name || key.columns.contains(&own.name) || key.targets.contains(&theirs.name) {
            continue;
        }
        findings
            .at(
                &Path::constraint(&table.name, constraint.name.clone()),
                format!("a row of {} may point at another {}'s row of {}", table.name, own.name, other.name),
            )
            .why(format!("({}) is looked up in all of {}", comma(&key.columns), other.name));
    }
}
