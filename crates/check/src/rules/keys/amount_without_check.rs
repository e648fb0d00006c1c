use model::object::{Constraint, ConstraintKind};
use model::{Change, Expr, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A quantity or price may be negative; add a check.
    ///
    /// Two requests that each take the last piece, or a coupon larger than the bill, leave −1 in the stock and money to pay
    /// out. A check makes the second one fail instead.
    ///
    /// ```sql,bad
    /// CREATE TABLE items (id bigint PRIMARY KEY, quantity integer NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE products (id bigint PRIMARY KEY, unit_price numeric(12,2) NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE items (id bigint PRIMARY KEY, quantity integer NOT NULL CHECK (quantity > 0), balance numeric);
    /// ```
    /// ```sql,good
    /// CREATE TABLE ledger (id bigint PRIMARY KEY, amount numeric NOT NULL, price_change numeric);
    /// ```
    "K017", note, fix, opt_in, Check::Column(check)
}

/// What has no meaning below zero. Amounts and balances may have.
const COUNTED: &[&str] = &["price", "qty", "quantity", "stock"];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let is_number = column.ty.is_integer() || matches!(column.ty, Type::Numeric(_) | Type::Real | Type::Double);
    let words = at.words;
    let counted = words.last().is_some_and(|last| COUNTED.contains(&last.as_str()));
    let checked = || table.checks().any(|(_, expr)| expr.columns().contains(&&column.name));
    if !is_number || !counted || checked() {
        return;
    }
    let positive = Expr::binary(">=", Expr::column(column.name.clone()), Expr::Number("0".into()));
    let constraint = Constraint::new(Name::default(), ConstraintKind::Check(positive));
    findings
        .at(&column_path(table, column), format!("{}.{} may be negative", table.name, column.name))
        .why("two requests that each take the last one leave −1")
        .unsafe_fix("check that it is not below 0", vec![Change::add_constraint(&table.name, constraint)]);
}
