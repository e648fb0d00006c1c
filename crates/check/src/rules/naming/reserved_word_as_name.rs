use model::name::is_reserved;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path, own_tables};

rule! {
    /// A name is a reserved word and must be quoted in every query; choose another.
    ///
    /// `SELECT * FROM order` is a syntax error, and `SELECT user` is none at all: it returns the name of the session's role.
    ///
    /// ```sql,bad
    /// CREATE TABLE "order" (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, "user" text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_name text, position integer, status text);
    /// ```
    "N003", note, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| is_reserved(&table.name.name)) {
        findings.at(&Path::table(&table.name), format!("{} must be quoted wherever it is named", table.name.name));
    }
    for At { table, column, .. } in findings.sight().columns_spelled(|spelling| is_reserved(spelling.name)) {
        let draft =
            findings.at(&column_path(table, column), format!("{} must be quoted wherever it is named", column.name));
        if ROLES.contains(&column.name.as_str()) {
            draft.why(format!("{} without quotes is the role of the session, and no error", column.name));
        }
    }
}

const ROLES: &[&str] = &["user", "session_user", "current_user", "current_role", "system_user"];
