use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A view reads a table with row security as its owner, so its readers see every row; make it `security_invoker`.
    ///
    /// Policies are checked for the owner of the view, and the owner of the table is not bound by them. Since PostgreSQL 15
    /// a view can be read with the rights of whoever asks.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE VIEW order_list AS SELECT id FROM orders;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE VIEW order_list WITH (security_invoker = true) AS SELECT id FROM orders;
    /// ```
    "S006", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for view in schema.views().filter(|view| !view.materialized) {
        let invoker = view.options.get("security_invoker");
        if invoker.is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "on" | "1" | "yes" | "")) {
            continue;
        }
        let mut secured: Vec<_> = levels(&view.query)
            .iter()
            .flat_map(|level| level.tables())
            .filter(|source| !source.cte)
            .filter_map(|source| schema.table(&source.name))
            .filter(|table| table.row_security.enabled && !table.row_security.forced)
            .map(|table| &table.name)
            .collect();
        secured.sort();
        secured.dedup();
        if secured.is_empty() {
            continue;
        }
        let path = Path::object(Kind::View, &view.name);
        let option = vec![("security_invoker".into(), Some("true".into()))];
        findings
            .at(&path, format!("readers of {} see every row of {}", view.name, listed(secured)))
            .why("policies are checked for the owner of the view, not for its reader")
            .unsafe_fix("read it with the rights of whoever asks", vec![Change::alter(path, Aspect::Options(option))]);
    }
}
