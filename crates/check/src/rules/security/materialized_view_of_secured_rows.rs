use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A materialized view keeps the rows of a table with row security, and has no policies itself; grant it to nobody who may not see all.
    ///
    /// It is filled with the rights of its owner and holds every tenant's rows. `ENABLE ROW LEVEL SECURITY` does not exist for
    /// it, and `security_invoker` does not either.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, total numeric);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE MATERIALIZED VIEW order_totals AS SELECT tenant, sum(total) AS total FROM orders GROUP BY tenant;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE MATERIALIZED VIEW ids AS SELECT id FROM (SELECT id FROM orders) o;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, total numeric);
    /// CREATE MATERIALIZED VIEW order_totals AS SELECT tenant, sum(total) AS total FROM orders GROUP BY tenant;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE VIEW order_list WITH (security_invoker = true) AS SELECT id FROM orders;
    /// ```
    "S020", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for view in schema.views().filter(|view| view.materialized) {
        let mut secured: Vec<_> = levels(&view.query)
            .iter()
            .flat_map(|level| level.tables())
            .filter(|source| !source.cte)
            .filter_map(|source| schema.table(&source.name))
            .filter(|table| table.row_security.enabled)
            .map(|table| &table.name)
            .collect();
        secured.sort();
        secured.dedup();
        if secured.is_empty() {
            continue;
        }
        findings
            .at(
                &Path::object(Kind::MaterializedView, &view.name),
                format!("readers of {} see the rows of all that {} holds", view.name, listed(secured)),
            )
            .why("a materialized view has no policies, and keeps what its owner sees");
    }
}
