use model::{Aspect, Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A number is kept as text; use `numeric` or an integer.
    ///
    /// As text, `10` sorts before `9`, `sum()` fails or needs a cast that fails on the first `n/a`, and `1.50` and `1.5` are two
    /// values. Identifiers made of digits (phone, account, zip) are no numbers and stay text.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, amount varchar(20) NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE items (id bigint PRIMARY KEY, unit_cost text, quantity integer);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric(12,2), order_number text, price_list text, zip text);
    /// ```
    "T017", fix, Check::Column(check)
}

/// What can only be a number, as the last word of a name.
const QUANTITIES: &[&str] = &[
    "amount",
    "balance",
    "cost",
    "count",
    "discount",
    "fee",
    "latitude",
    "longitude",
    "percent",
    "percentage",
    "price",
    "qty",
    "quantity",
    "salary",
    "subtotal",
];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Text | Type::Varchar(_) | Type::Char(_)) || column.generated.is_some() {
        return;
    }
    let words = at.words;
    if !words.last().is_some_and(|last| QUANTITIES.contains(&last.as_str())) {
        return;
    }
    let path = column_path(table, column);
    let mut changes = Vec::new();
    if column.default.is_some() {
        changes.push(Change::alter(path.clone(), Aspect::Default(None)));
    }
    changes.push(Change::set_type(path.clone(), Type::Numeric(None)));
    findings
        .at_type(&path, format!("{}.{} takes what is no number and sorts by letters", table.name, column.name))
        .why("10 sorts before 9, and a sum fails on the first value that is none")
        .unsafe_fix("make it numeric", changes);
}
