use model::{Expr, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// The only key of a partial index has the same value in every row of it; index what the queries sort or look up by.
    ///
    /// The predicate already chose the value, so the key tells no two rows apart: the index is a list of rows with a
    /// column of copies.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);
    /// CREATE INDEX jobs_waiting ON jobs (status) WHERE status = 'waiting';
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);
    /// CREATE INDEX jobs_waiting ON jobs (run_at) WHERE status = 'waiting';
    /// ```
    "I005", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.inherited && !index.unique) {
            let ([key], Some(predicate)) = (index.keys.as_slice(), &index.predicate) else { continue };
            let Some(column) = key.expr.as_column() else { continue };
            if predicate.conjuncts().iter().any(|part| fixes(part, column)) {
                findings
                    .at(
                        &Path::index(&table.name, index.name.clone()),
                        format!("{column} is the same in every row of {}", index.name),
                    )
                    .why(format!("the predicate is {predicate}"));
            }
        }
    }
}

/// The condition leaves the column one value.
fn fixes(condition: &Expr, column: &Name) -> bool {
    let is_column = |expr: &Expr| expr.without_casts().as_column() == Some(column);
    let is_value = |expr: &Expr| matches!(expr.without_casts(), Expr::String(_) | Expr::Number(_) | Expr::Bool(_));
    match condition {
        Expr::Column(named) => named.name == *column,
        Expr::Unary { op, operand } => op == "NOT" && is_column(operand),
        Expr::Binary { op, left, right } => {
            op == "=" && ((is_column(left) && is_value(right)) || (is_column(right) && is_value(left)))
        }
        Expr::Test { operand, test } => {
            is_column(operand) && matches!(test.as_str(), "IS NULL" | "IS TRUE" | "IS FALSE")
        }
        _ => false,
    }
}
