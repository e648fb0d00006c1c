use model::Schema;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_columns, words_of};

rule! {
    /// A column keeps a secret as plain text; store a hash of passwords, and encrypt what must be read again.
    ///
    /// It is in every backup, in every replica, in the statement log, and in the sight of whoever may SELECT from the table. A
    /// card's check number may not be stored at all.
    ///
    /// ```sql,bad
    /// CREATE TABLE cards (id bigint PRIMARY KEY, holder text, cvv text);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, ssn varchar(11));
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, password_hash text, card_last_four text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE people (id bigint PRIMARY KEY, ssn bytea, ssn_encrypted text, password_reset_at timestamptz);
    /// ```
    "S012", note, Check::Schema(check)
}

/// Words of a name that say what is in the column, each group together.
const SECRETS: &[&[&str]] = &[
    &["card", "number"],
    &["credit", "card"],
    &["creditcard"],
    &["cvc"],
    &["cvv"],
    &["iban"],
    &["passport", "number"],
    &["plain", "password"],
    &["social", "security", "number"],
    &["ssn"],
    &["tax", "id"],
];

/// Words that say that it is not the secret itself.
const SHIELDED: &[&str] = &[
    "brand",
    "digest",
    "encrypted",
    "enc",
    "expires",
    "expiry",
    "four",
    "hash",
    "hashed",
    "hint",
    "id",
    "key",
    "last",
    "last4",
    "masked",
    "token",
    "type",
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, column) in own_columns(schema) {
        let words = words_of(&column.name);
        let is_text = column.ty.is_text();
        let Some(secret) = SECRETS.iter().find(|secret| secret.iter().all(|word| words.iter().any(|own| own == word)))
        else {
            continue;
        };
        let shielded = words.iter().any(|word| SHIELDED.contains(&word.as_str()) && !secret.contains(&word.as_str()));
        if !is_text || shielded {
            continue;
        }
        findings
            .at(&column_path(table, column), format!("{} is kept in the clear", column.name))
            .why("it is in each backup, each replica and the log of statements");
    }
}
