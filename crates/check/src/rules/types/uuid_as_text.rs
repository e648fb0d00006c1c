use std::collections::BTreeSet;

use model::object::{Column, Table};
use model::{Aspect, Change, Expr, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::nouns::Reference;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A UUID is kept as text; use `uuid`.
    ///
    /// As text it takes 37 bytes instead of 16, in the table and in every index on it, and `A0EE…` and `a0ee…` are two values:
    /// a key that is compared with the wrong capitals finds nothing. Text also takes what is no UUID at all.
    ///
    /// ```sql,bad
    /// CREATE TABLE devices (id bigint PRIMARY KEY, device_uuid varchar(36) NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE sessions (id text PRIMARY KEY DEFAULT gen_random_uuid()::text);
    /// CREATE TABLE events (id bigint PRIMARY KEY, session_id text REFERENCES sessions);
    /// CREATE INDEX ON events (session_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE devices (id bigint PRIMARY KEY, device_uuid uuid NOT NULL, guide text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id text PRIMARY KEY DEFAULT 'user_' || gen_random_uuid()::text);
    /// ```
    "T010", fix, Check::Schema(check)
}

fn check(_: &Schema, findings: &mut Findings<'_>) {
    let sight = findings.sight();
    let references = sight.references();
    for at in sight.columns() {
        let At { table, column, .. } = at;
        let refers = || table.foreign_keys().any(|(_, key)| key.columns.contains(&column.name));
        if !column.ty.is_text() || !(is_named_so(&at) || default_is_uuid(column)) || refers() {
            continue;
        }
        let path = column_path(table, column);
        let mut paths = BTreeSet::from([path.clone()]);
        let pointing = references.get(&table.name).into_iter().flatten();
        paths.extend(pointing.flat_map(|reference| columns_that_hold(table, column, *reference)));
        let mut changes = Vec::new();
        if column.default.is_some() {
            changes.push(Change::alter(path.clone(), Aspect::Default(None)));
        }
        changes.extend(paths.into_iter().map(|path| Change::set_type(path, Type::Uuid)));
        if let Some(default) = &column.default {
            changes.push(Change::alter(path.clone(), Aspect::Default(Some(default.without_casts().clone()))));
        }
        findings
            .at_type(&path, format!("{}.{} holds a UUID as text", table.name, column.name))
            .why("37 bytes instead of 16 in each row and index entry, and two values for one id in two cases")
            .unsafe_fix("make it uuid", changes);
    }
}

/// `device_uuid`, and a length that a UUID has.
fn is_named_so(at: &At<'_>) -> bool {
    let At { column, words, .. } = *at;
    let named = words.last().is_some_and(|word| matches!(word.as_str(), "uuid" | "guid"));
    let fits = match column.ty {
        Type::Text | Type::Varchar(None) => true,
        Type::Varchar(Some(length)) | Type::Char(Some(length)) => (36..=64).contains(&length) || length == 255,
        _ => false,
    };
    named && fits && column.default.as_ref().is_none_or(|_| default_is_uuid(column))
}

/// `gen_random_uuid()::text` and nothing around it.
fn default_is_uuid(column: &Column) -> bool {
    match column.default.as_ref().map(Expr::without_casts) {
        Some(Expr::Call(call)) => call.args.is_empty() && call.function.name.contains("uuid"),
        _ => false,
    }
}

fn columns_that_hold(table: &Table, column: &Column, reference: Reference<'_>) -> Vec<Path> {
    let pairs = reference.key.columns.iter().zip(&reference.key.targets);
    let holding = pairs.filter(|(_, target)| **target == column.name && reference.key.table == table.name);
    holding.map(|(name, _)| Path::column(&reference.table.name, name.clone())).collect()
}
