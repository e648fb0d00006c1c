use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `json` is text that is parsed again at every access and has no equality; use `jsonb`.
    ///
    /// Without `=` a query with DISTINCT, GROUP BY or UNION over the column fails, and no GIN index can serve it. `json`
    /// is right only where the exact text (order and repetition of keys, blanks) must come back.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload json);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// ```
    "T008", known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !(column.ty == Type::Json) {
        return;
    }
    let path = column_path(table, column);
    findings
        .at_type(&path, format!("{}.{} cannot be compared", table.name, column.name))
        .why("json has no = operator: DISTINCT, GROUP BY and UNION over it fail")
        .unsafe_fix("make it jsonb", vec![Change::set_type(path, Type::Jsonb)]);
}
