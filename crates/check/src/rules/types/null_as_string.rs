use model::{Aspect, Change, Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A default is the text `'NULL'`, four letters and no NULL; write NULL without quotes.
    ///
    /// `IS NULL` does not find such rows, `coalesce` passes the word on, and one day it is printed on an invoice.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, middle_name text DEFAULT 'NULL');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, nick text DEFAULT 'undefined'::text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, middle_name text DEFAULT NULL, state text DEFAULT 'none');
    /// ```
    "T030", fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let Some(Expr::String(text)) = column.default.as_ref().map(Expr::without_casts) else { return };
    if !column.ty.is_text() || !matches!(text.to_ascii_lowercase().as_str(), "null" | "undefined") {
        return;
    }
    let path = column_path(table, column);
    findings
        .at(&path, format!("{}.{} is the word {text} where nothing is given", table.name, column.name))
        .why("IS NULL does not find it")
        .unsafe_fix("leave the default out", vec![Change::alter(path, Aspect::Default(None))]);
}
