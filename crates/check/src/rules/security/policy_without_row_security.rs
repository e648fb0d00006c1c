use model::object::RowSecurity;
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A table has policies but row security is off, so they hold for nobody; enable it.
    ///
    /// Everybody who may read the table sees every row of every tenant, while the policies make it look protected.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ```
    "S001", error, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables().filter(|table| !table.policies.is_empty() && !table.row_security.enabled) {
        let path = Path::table(&table.name);
        let policies = listed(table.policies.iter().map(|policy| &policy.name));
        let enabled = RowSecurity { enabled: true, ..table.row_security };
        findings
            .at(&path, format!("row security of {} is off: {policies} hold for nobody", table.name))
            .why("whoever may read the table sees every row")
            .unsafe_fix("enable row security", vec![Change::alter(path, Aspect::RowSecurity(enabled))]);
    }
}
