use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Row security is on and there is no policy, so nobody but the owner sees a row; write one.
    ///
    /// Without a policy the answer is empty and not an error, and inserts fail. The owner and superusers, and thus most
    /// tests, do not notice.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    "S002", note, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        // Whoever asks the parent is judged by the parent's policies.
        if table.row_security.enabled && table.policies.is_empty() && table.partition_of.is_none() {
            findings
                .at_words(
                    &Path::table(&table.name),
                    "ROW LEVEL SECURITY",
                    format!("nobody but the owner sees a row of {}", table.name),
                )
                .why("row security without a policy answers with nothing, and not with an error");
        }
    }
}
