use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_columns, words_of};

rule! {
    /// A binary float cannot hold most amounts of money; use `numeric`.
    ///
    /// `0.1 + 0.2` is `0.30000000000000004` in `double precision`. Sums over many rows drift by cents, depend on the order
    /// of the rows, and comparisons with `=` fail.
    ///
    /// ```sql,bad
    /// CREATE TABLE products (id bigint PRIMARY KEY, unit_price double precision);
    /// ```
    /// ```sql,good
    /// CREATE TABLE products (id bigint PRIMARY KEY, unit_price numeric(12,2));
    /// ```
    /// ```sql,good
    /// CREATE TABLE products (id bigint PRIMARY KEY, price_change_percent double precision);
    /// ```
    "T007", fix, Check::Schema(check)
}

const AMOUNTS: &[&str] = &[
    "amount", "balance", "charge", "cost", "fee", "fees", "money", "payment", "price", "revenue", "salary", "subtotal",
    "wage",
];

/// Words that make it a measure of something else.
const MEASURES: &[&str] = &[
    "avg",
    "cents",
    "count",
    "days",
    "factor",
    "hours",
    "index",
    "kwh",
    "pct",
    "percent",
    "percentage",
    "rate",
    "ratio",
    "score",
    "seconds",
    "share",
    "time",
    "weight",
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, column) in own_columns(schema) {
        if !matches!(column.ty, Type::Real | Type::Double) || !names_money(&column.name) {
            continue;
        }
        let path = column_path(table, column);
        findings
            .at_type(&path, format!("{}.{} cannot hold cents exactly", table.name, column.name))
            .why("0.1 + 0.2 is 0.30000000000000004 in double precision")
            .unsafe_fix("make it numeric", vec![Change::set_type(path, Type::Numeric(None))]);
    }
}

fn names_money(name: &Name) -> bool {
    let words = words_of(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(AMOUNTS) && !has(MEASURES)
}
