use model::{Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};

rule! {
    /// A table of one column that nothing refers to holds nothing but numbers; put them where they are used.
    ///
    /// The database makes the number up and the row says nothing about it. What remains of a table that lost its other columns
    /// still costs a join in every query that was written for it. A list of words that others refer to is a lookup table,
    /// and right.
    ///
    /// ```sql,bad
    /// CREATE TABLE carts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE currencies (code text PRIMARY KEY);
    /// CREATE TABLE prices (id bigint PRIMARY KEY, currency text NOT NULL REFERENCES currencies);
    /// CREATE INDEX ON prices (currency);
    /// ```
    /// ```sql,good
    /// CREATE TABLE schema_migrations (version text PRIMARY KEY);
    /// CREATE TABLE banned_words (word text PRIMARY KEY);
    /// ```
    "D015", note, opt_in, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    for table in own_tables(schema).filter(|table| table.foreign.is_none() && table.inherits.is_empty()) {
        let [only] = table.columns.as_slice() else { continue };
        let made_up = only.identity.is_some() || only.default.is_some();
        let of_a_tool = words_of(&table.name.name)
            .iter()
            .any(|word| word.contains("migration") || word == "lock" || word == "version");
        let is_key = matches!(only.ty, Type::Uuid | Type::SmallInt | Type::Integer | Type::BigInt) && made_up;
        if !is_key || of_a_tool || references.contains_key(&table.name) || schema.children(&table.name).next().is_some()
        {
            continue;
        }
        findings
            .at(&Path::table(&table.name), format!("{} holds nothing but {}", table.name, only.name))
            .why("the database makes the value up, and nothing refers to it");
    }
}
