use model::{Aspect, Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// JSON is kept as text; `jsonb` checks it and can be asked.
    ///
    /// Text takes half a document as well as a whole one, and each query that looks inside casts every row, which fails on the
    /// first that is broken. Keep `text` where the exact bytes matter, such as for a signature.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload_json text NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE settings (id bigint PRIMARY KEY, json varchar NOT NULL DEFAULT '{}');
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload_json jsonb NOT NULL, json_path text, json_schema_url text);
    /// ```
    "T019", fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let says_json = at.words.last().is_some_and(|last| matches!(last.as_str(), "json" | "jsonb"));
    if !says_json || !matches!(column.ty, Type::Text | Type::Varchar(_)) {
        return;
    }
    let path = column_path(table, column);
    let mut changes = vec![Change::set_type(path.clone(), Type::Jsonb)];
    if let Some(default) = &column.default {
        changes.insert(0, Change::alter(path.clone(), Aspect::Default(None)));
        changes.push(Change::alter(path.clone(), Aspect::Default(Some(default.without_casts().clone()))));
    }
    findings
        .at_type(&path, format!("{}.{} takes half a document as well", table.name, column.name))
        .why("each query that looks inside casts every row and fails on the first that is broken")
        .unsafe_fix("make it jsonb", changes);
}
