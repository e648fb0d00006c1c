use model::{Aspect, Change, Expr, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A default calls `uuid_generate_v4()` of an extension; `gen_random_uuid()` is built in.
    ///
    /// The extension `uuid-ossp` has to be installed in every database, in the right schema, by somebody who may, and found on
    /// the search path of every function that inserts. The built-in function gives the same sort of value, faster.
    ///
    /// ```sql,bad
    /// CREATE EXTENSION "uuid-ossp";
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT uuid_generate_v4());
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
    /// ```
    /// ```sql,good
    /// CREATE EXTENSION "uuid-ossp";
    /// CREATE TABLE pages (id uuid PRIMARY KEY DEFAULT uuid_generate_v1mc());
    /// ```
    "T011", note, known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    if !findings.dialect().types.uuid_v4_builtin.at(findings.settings.version) {
        return;
    }
    let At { table, column, .. } = *at;
    let Some(Expr::Call(call)) = &column.default else { return };
    if call.function.name != "uuid_generate_v4" {
        return;
    }
    let path = column_path(table, column);
    let built_in = Expr::call(QName::new("", "gen_random_uuid"), Vec::new());
    findings
        .at_words(
            &path,
            "uuid_generate_v4",
            format!("{}.{} needs an extension for its default", table.name, column.name),
        )
        .why("gen_random_uuid() is built in since PostgreSQL 13")
        .fix("call gen_random_uuid()", vec![Change::alter(path, Aspect::Default(Some(built_in)))]);
}
