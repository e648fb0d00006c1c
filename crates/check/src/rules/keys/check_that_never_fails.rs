use model::{Change, Expr, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// A check compares with NULL and so refuses nothing; write IS NULL, or leave NULL out of the list.
    ///
    /// A check fails only when it is false. `x = NULL` is NULL for every x, and so is `x IN ('a', NULL)` for each x that is not in
    /// the list: all rows pass. That NULL itself may be stored needs no word in the check.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text CHECK (status IN ('new', 'paid', NULL)));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CHECK (total <> NULL));
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text CHECK (status IN ('new', 'paid') OR status IS NULL));
    /// ```
    "K027", error, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let model::object::ConstraintKind::Check(expr) = &constraint.kind else { continue };
        if !expr.conjuncts().into_iter().all(never_false) {
            continue;
        }
        let path = Path::constraint(&table.name, constraint.name.clone());
        let draft = findings
            .at(&path, format!("{} refuses nothing", constraint.name))
            .why("a comparison with NULL is never false, and only false fails a check");
        if let Some(meant) = without_null(expr) {
            let mut better = constraint.clone();
            better.kind = model::object::ConstraintKind::Check(meant);
            draft.unsafe_fix(
                "leave NULL out of the list",
                vec![Change::drop(path), Change::add_constraint(&table.name, better)],
            );
        }
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr.without_casts(), Expr::Null)
}

fn never_false(expr: &Expr) -> bool {
    match expr {
        Expr::Binary { op, left, right } if matches!(op.as_str(), "=" | "<>" | "<" | ">" | "<=" | ">=") => {
            is_null(left) || is_null(right)
        }
        Expr::In { list, negated: false, .. } => list.iter().any(is_null),
        Expr::Quantified { op, all: false, right, .. } if op == "=" => {
            matches!(right.without_casts(), Expr::Array(items) if items.iter().any(is_null))
        }
        _ => false,
    }
}

fn without_null(expr: &Expr) -> Option<Expr> {
    let Expr::In { operand, list, negated: false } = expr else { return None };
    let list: Vec<Expr> = list.iter().filter(|item| !is_null(item)).cloned().collect();
    (!list.is_empty()).then(|| Expr::In { operand: operand.clone(), list, negated: false })
}
