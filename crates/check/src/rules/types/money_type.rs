use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `money` has no currency and takes its decimals from the server's locale; use `numeric` with a currency column.
    ///
    /// The same stored value prints as `$10.00` or `¥1,000` after `lc_monetary` changes, a dump restored under another
    /// locale may fail or change amounts, and fractions of a cent are rounded away.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total money);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(19,4));
    /// ```
    "T006", known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !(column.ty == Type::Money) {
        return;
    }
    let path = column_path(table, column);
    findings
        .at_type(&path, format!("{}.{} means what the server's locale says", table.name, column.name))
        .why("lc_monetary decides how many decimals a stored value has")
        .unsafe_fix("make it numeric(19,4)", vec![Change::set_type(path, Type::Numeric(Some((19, 4))))]);
}
