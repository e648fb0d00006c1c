use model::{Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

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

fn check(_: &Schema, findings: &mut Findings<'_>) {
    let secrets = findings.sight().columns_spelled(|spelling| is_secret(&spelling.words));
    for At { table, column, .. } in secrets.into_iter().filter(|at| at.column.ty.is_text()) {
        findings
            .at(&column_path(table, column), format!("{} is kept in the clear", column.name))
            .why("it is in each backup, each replica and the log of statements");
    }
}

fn is_secret(words: &[Name]) -> bool {
    let said = |secret: &&&[&str]| secret.iter().all(|word| words.iter().any(|own| own == word));
    let shields = |secret: &[&str], word: &str| SHIELDED.contains(&word) && !secret.contains(&word);
    SECRETS.iter().find(said).is_some_and(|secret| !words.iter().any(|word| shields(secret, word)))
}
