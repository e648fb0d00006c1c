use crate::define::rule;
use crate::rule::Check;

rule! {
    /// A comment silences a rule that finds nothing there; remove it, or write the name of the rule that it was meant for.
    ///
    /// It hides the next mistake of that kind in the same place, and a misspelled name hides nothing while it seems to.
    ///
    /// ```sql,bad
    /// -- palladio: ignore[timestamp-without-zone] imported as it was
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz NOT NULL);
    /// ```
    /// ```sql,good
    /// -- palladio: ignore[timestamp-without-zone] wall-clock time of the shop
    /// CREATE TABLE shops (id bigint PRIMARY KEY, opens_at timestamp NOT NULL);
    /// ```
    "G001", fix, known, Check::Engine
}
