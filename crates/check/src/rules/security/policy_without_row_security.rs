use model::object::RowSecurity;
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A table has policies but row security is off, so they are not applied; enable it.
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
        let word = if table.policies.len() == 1 { "policy" } else { "policies" };
        let policies = listed(table.policies.iter().map(|policy| &policy.name));
        let enabled = RowSecurity { enabled: true, ..table.row_security };
        let message = format!("row security of {} is off", table.name);
        // Somebody switched it off, or nobody thought of it when the last policy was written.
        let switch = "DISABLE ROW LEVEL SECURITY";
        let draft = match table.policies.last().filter(|_| !findings.says(&path, switch)) {
            Some(last) => findings.at(&Path::part(Kind::Policy, &table.name, last.name.clone()), message),
            None => findings.at_words(&path, switch, message),
        };
        draft
            .about(path.clone())
            .why(format!("the {word} {policies} cannot hold: whoever may read the table sees every row"))
            .unsafe_fix("enable row security", vec![Change::alter(path, Aspect::RowSecurity(enabled))]);
    }
}
