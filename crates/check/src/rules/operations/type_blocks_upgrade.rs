use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_columns};

rule! {
    /// A column of a `reg…` type makes pg_upgrade refuse the whole cluster; store the name as text.
    ///
    /// Such a value is the number of an object in the catalog, and most objects get new numbers in the new cluster. pg_upgrade
    /// keeps the numbers of tables, types and roles only, so that `regclass`, `regtype` and `regrole` are allowed.
    ///
    /// ```sql,bad
    /// CREATE TABLE hooks (id bigint PRIMARY KEY, handler regprocedure NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE documents (id bigint PRIMARY KEY, body text, language regconfig);
    /// ```
    /// ```sql,good
    /// CREATE TABLE hooks (id bigint PRIMARY KEY, handler text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE audits (id bigint PRIMARY KEY, relation regclass, type regtype, role regrole);
    /// ```
    "O004", known, fix, Check::Schema(check)
}

/// Those that pg_upgrade looks for (its page, "Usage"; check_for_reg_data_type_usage).
const REFUSED: &[&str] = &[
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, column) in own_columns(schema) {
        let element = column.ty.element();
        if !matches!(element, Type::Named(_)) {
            continue;
        }
        let name = element.to_string();
        if REFUSED.contains(&name.as_str()) {
            let path = column_path(table, column);
            let text = if matches!(column.ty, Type::Array(_)) { Type::Text.array() } else { Type::Text };
            findings
                .at_type(&path, format!("pg_upgrade refuses the cluster for a column of {name}"))
                .why("the number that it stores means another object in the new cluster")
                .unsafe_fix("store the name", vec![Change::set_type(path.clone(), text)]);
        }
    }
}
