use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

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
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total real);
    /// ```
    /// ```sql,good
    /// CREATE TABLE products (id bigint PRIMARY KEY, price_change_percent double precision);
    /// ```
    "T007", fix, Check::Column(check)
}

/// Words that speak of money wherever they stand.
const AMOUNTS: &[&str] = &[
    "amount",
    "amounts",
    "balance",
    "balances",
    "charge",
    "charges",
    "cost",
    "costs",
    "debit",
    "deposit",
    "fare",
    "fee",
    "fees",
    "invoiced",
    "money",
    "paid",
    "payment",
    "payout",
    "price",
    "prices",
    "refund",
    "refunded",
    "revenue",
    "salary",
    "subtotal",
    "surcharge",
    "turnover",
    "wage",
    "wages",
];

/// Words that speak of money when the name ends in them: `total`, `grand_total`, but not `total_distance`.
const AMOUNTS_AT_END: &[&str] = &["discount", "discounts", "earnings", "tax", "taxes", "tip", "total", "totals", "vat"];

/// Words that make it a measure of something else.
const MEASURES: &[&str] = &[
    "area",
    "avg",
    "bytes",
    "calories",
    "cents",
    "count",
    "cpu",
    "days",
    "depth",
    "distance",
    "duration",
    "energy",
    "factor",
    "gb",
    "height",
    "hours",
    "index",
    "kg",
    "km",
    "kwh",
    "length",
    "load",
    "mb",
    "memory",
    "minutes",
    "ms",
    "pct",
    "percent",
    "percentage",
    "points",
    "qty",
    "quantity",
    "rank",
    "rate",
    "ratio",
    "score",
    "seconds",
    "share",
    "size",
    "stock",
    "time",
    "tokens",
    "usage",
    "volume",
    "weight",
    "width",
    "words",
];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Real | Type::Double) || !names_money(at.words) {
        return;
    }
    let path = column_path(table, column);
    findings
        .at_type(&path, format!("{}.{} cannot hold cents exactly", table.name, column.name))
        .why(match column.ty {
            Type::Real => "16777216.01 is 16777216 in real: seven digits, cents included",
            _ => "0.1 + 0.2 is 0.30000000000000004 in double precision",
        })
        .unsafe_fix("make it numeric", vec![Change::set_type(path, Type::Numeric(None))]);
}

fn names_money(words: &[Name]) -> bool {
    let is_in = |list: &[&str], word: &Name| list.contains(&word.as_str());
    let amount =
        words.iter().any(|word| is_in(AMOUNTS, word)) || words.last().is_some_and(|word| is_in(AMOUNTS_AT_END, word));
    amount && !words.iter().any(|word| is_in(MEASURES, word))
}
