use model::name::PG_CATALOG;
use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_columns};

rule! {
    /// A column holds numbers of the system catalog, which the next major version counts anew; use `text`.
    ///
    /// `pg_upgrade` refuses a database with a column of type `regproc`, `regoper`, `regconfig` and their like, because what they
    /// point at has another number afterwards. The upgrade then waits for a change of the table.
    ///
    /// ```sql,bad
    /// CREATE TABLE documents (id bigint PRIMARY KEY, language regconfig NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE hooks (id bigint PRIMARY KEY, handler regprocedure);
    /// ```
    /// ```sql,good
    /// CREATE TABLE documents (id bigint PRIMARY KEY, language text NOT NULL, source regclass);
    /// ```
    "T028", known, fix, Check::Schema(check)
}

/// What pg_upgrade refuses in user tables (check_for_reg_data_type_usage; manual, pg_upgrade).
const REFUSED: &[&str] = &[
    "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure",
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, column) in own_columns(schema) {
        let Type::Named(named) = column.ty.element() else { continue };
        if named.name.schema != PG_CATALOG || !REFUSED.contains(&named.name.name.as_str()) {
            continue;
        }
        let path = column_path(table, column);
        let text = if matches!(column.ty, Type::Array(_)) { Type::Text.array() } else { Type::Text };
        findings
            .at_type(&path, format!("{}.{} stops pg_upgrade", table.name, column.name))
            .why(format!("{} is a number that the next major version counts anew", named.name.name))
            .unsafe_fix(format!("make it {text}"), vec![Change::set_type(path, text)]);
    }
}
