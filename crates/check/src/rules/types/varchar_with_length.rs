use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `varchar(n)` puts a limit into the type that few know the reason of; use `text`, with a CHECK where the limit is real.
    ///
    /// Both are stored alike and cost the same. Raising the limit is quick, lowering it scans the table under an
    /// ACCESS EXCLUSIVE lock, and a CHECK can be added without one.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email varchar(255));
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// ```
    "T004", note, opt_in, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let Type::Varchar(Some(length)) = column.ty else { return };
    let path = column_path(table, column);
    findings
        .at_type(&path, format!("{}.{} is cut off at {length} characters", table.name, column.name))
        .why("text is stored the same way; a CHECK can be changed without a scan")
        .unsafe_fix("make it text", vec![Change::set_type(path, Type::Text)]);
}
