//! How a column is shown to hold no NULL without a scan under a lock: by a check that was validated before.

use model::name::quoted;
use model::object::Table;
use model::{Edit, Expr, Name, Place};

use crate::findings::Findings;

/// A valid check says that the column is not NULL.
pub(crate) fn proves(table: &Table, column: &Name) -> bool {
    let says_it = |part: &&Expr| match part {
        Expr::Test { operand, test } => test == "IS NOT NULL" && operand.as_column() == Some(column),
        _ => false,
    };
    table.checks().any(|(constraint, condition)| constraint.valid && condition.conjuncts().iter().any(says_it))
}

/// Puts the check and its validation before the statement, and takes the check away behind it.
pub(crate) fn by_check(findings: &Findings<'_>, statement: Place, table: &str, column: &Name) -> Vec<Edit> {
    let check = model::name::truncated(&format!("{column}_not_null"));
    let (check, column) = (quoted(&check), quoted(column));
    let first = format!(
        "ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\nALTER TABLE {table} VALIDATE CONSTRAINT {check};\n"
    );
    let last = format!("ALTER TABLE {table} DROP CONSTRAINT {check}");
    vec![findings.first(statement, &first), findings.then(statement, &last)]
}
