//! One query for what a session asked key by key (N+1).
//!
//! Named is what looks up rows by one key alone: an equality at the top of WHERE whose value was another each time.
//! What it becomes is an edit of the text.

use model::expr::ColumnRef;
use model::name::quoted;
use model::object::Table;
use model::placed::Clauses;
use model::query::{Distinct, QueryKind, TableSource, TargetValue};
use model::workload::LoopKind;
use model::{Expr, Name, Placed, QName, Query, Schema, Span};

use crate::rewrite::meaning::unique_sets;

/// What becomes of a statement whose one parameter was another value each time; none where it is no lookup by key.
pub fn keys(schema: &Schema, asked: &Placed, before: Option<&Placed>) -> Option<LoopKind> {
    let query = &asked.query;
    if query.kind != QueryKind::Select || query.set.is_some() || !query.ctes.is_empty() {
        return None;
    }
    let clauses = asked.clauses(query)?;
    let condition = clauses.filter.as_ref()?;
    let parts = query.filter.as_ref()?.conjuncts();
    let (number, column) = parts.iter().enumerate().find_map(|(at, part)| Some((at, compared(part)?)))?;
    // The value must stand nowhere else.
    let mut uses = 0;
    query.walk(&mut |level| {
        for expr in level.expressions() {
            expr.walk(&mut |inner| uses += usize::from(matches!(inner, Expr::Parameter(_))));
        }
    });
    if uses != 1 {
        return None;
    }
    let source = source_of(schema, query, column)?;
    let table = schema.table(&source.name);
    // Beside other conditions, only a key says that it is rows of one thing that were looked up.
    if parts.len() > 1 && !is_key(schema, table, &column.name) {
        return None;
    }
    let place = *condition.parts.get(number)?;
    let one_row = table.is_some_and(|table| is_unique(schema, table, &column.name));
    let together = match is_plain(query, clauses, one_row) {
        true => any(asked, clauses, place, column, one_row),
        false => lateral(asked, place, column, table),
    };
    let joined = match (table, before) {
        (Some(table), Some(before)) if is_plain(query, clauses, one_row) => {
            joined(schema, asked, clauses, place, column, table, before, one_row)
        }
        _ => None,
    };
    Some(LoopKind::Keys { column: column.name.clone(), together, joined })
}

/// `column = $1`, `column IN ($1)`
fn compared(part: &Expr) -> Option<&ColumnRef> {
    let is_value = |expr: &Expr| match expr {
        Expr::Parameter(_) => true,
        Expr::Cast { operand, .. } => matches!(**operand, Expr::Parameter(_)),
        _ => false,
    };
    match part {
        Expr::Binary { op, left, right } if op == "=" => match (&**left, &**right) {
            (Expr::Column(column), value) | (value, Expr::Column(column)) if is_value(value) => Some(column),
            _ => None,
        },
        Expr::In { operand, list, negated: false } if list.len() == 1 && is_value(&list[0]) => match &**operand {
            Expr::Column(column) => Some(column),
            _ => None,
        },
        _ => None,
    }
}

/// The table whose column it is.
fn source_of<'q>(schema: &Schema, query: &'q Query, column: &ColumnRef) -> Option<&'q TableSource> {
    let tables = query.tables();
    let named = |table: &&&TableSource| match &column.qualifier {
        Some(name) => table.alias.as_ref().unwrap_or(&table.name.name) == name,
        None => tables.len() == 1 || schema.column(&table.name, &column.name).is_some(),
    };
    tables.iter().find(named).copied()
}

fn is_key(schema: &Schema, table: Option<&Table>, column: &Name) -> bool {
    match table {
        Some(table) => {
            let refers = table.foreign_keys().any(|(_, key)| key.columns.contains(column));
            refers || is_unique(schema, table, column) || named_as_key(column)
        }
        None => named_as_key(column),
    }
}

/// `id`, `post_id`, `postId`
fn named_as_key(column: &Name) -> bool {
    let name = column.as_str();
    name == "id" || name == "uuid" || name.ends_with("_id") || name.ends_with("Id")
}

fn is_unique(schema: &Schema, table: &Table, column: &Name) -> bool {
    unique_sets(schema, table).iter().any(|set| set.len() == 1 && set[0] == *column)
}

/// Rows of several keys can be told apart in one answer: nothing is summed or counted over them.
fn is_plain(query: &Query, clauses: &Clauses, one_row: bool) -> bool {
    let summed = query.targets.iter().any(|target| match &target.value {
        TargetValue::Expr(expr) => {
            let mut calls = false;
            expr.walk(&mut |inner| calls |= matches!(inner, Expr::Call(_)));
            calls
        }
        TargetValue::Star(_) => false,
    });
    let limited = query.limit.is_some() && !one_row || query.offset.is_some();
    let grouped = !query.group_by.is_empty() || query.having.is_some() || query.distinct != Distinct::No;
    !summed && !limited && !grouped && clauses.others.is_empty()
}

/// The column as the query writes it.
fn written(column: &ColumnRef) -> String {
    match &column.qualifier {
        Some(table) => format!("{}.{}", quoted(table), quoted(&column.name)),
        None => quoted(&column.name).into_owned(),
    }
}

/// `… WHERE column = ANY($1)`, with the column among what is selected.
fn any(asked: &Placed, clauses: &Clauses, place: Span, column: &ColumnRef, one_row: bool) -> Option<String> {
    let mut edits = vec![(place, format!("{} = ANY($1)", written(column)))];
    edits.extend(with_key(asked, clauses, column)?);
    edits.extend(without_limit(clauses, one_row));
    Some(edited(&asked.text, edits))
}

/// The key goes before what is selected, where it is not among it: rows are told apart by it.
fn with_key(asked: &Placed, clauses: &Clauses, column: &ColumnRef) -> Option<Option<(Span, String)>> {
    let there = asked.query.targets.iter().any(|target| match &target.value {
        TargetValue::Star(None) => true,
        TargetValue::Star(Some(table)) => column.qualifier.as_ref().is_none_or(|own| own == table),
        TargetValue::Expr(Expr::Column(own)) => {
            own.name == column.name && target.alias.as_ref().is_none_or(|alias| *alias == own.name)
        }
        TargetValue::Expr(_) => false,
    });
    if there {
        return Some(None);
    }
    let start = clauses.targets?.start;
    Some(Some((Span { start, end: start }, format!("{}, ", written(column)))))
}

/// Of one row for each key there is nothing to leave out.
fn without_limit(clauses: &Clauses, one_row: bool) -> Option<(Span, String)> {
    clauses.limit.filter(|_| one_row).map(|limit| (limit, String::new()))
}

/// The query for each of the keys, in one.
fn lateral(asked: &Placed, place: Span, column: &ColumnRef, table: Option<&Table>) -> Option<String> {
    let ty = &table?.column(&column.name)?.ty;
    let inner = edited(&asked.text, vec![(place, format!("{} = wanted.key", written(column)))]);
    let inner = inner.replace('\n', "\n  ");
    Some(format!(
        "SELECT wanted.key, found.*\nFROM unnest($1::{ty}[]) AS wanted (key)\nCROSS JOIN LATERAL (\n  {inner}\n) AS found"
    ))
}

/// The query for all rows that the one before it asked for, along a foreign key.
#[expect(clippy::too_many_arguments, reason = "they are all of one query")]
fn joined(
    schema: &Schema,
    asked: &Placed,
    clauses: &Clauses,
    place: Span,
    column: &ColumnRef,
    table: &Table,
    before: &Placed,
    one_row: bool,
) -> Option<String> {
    let parent = &before.query;
    let outer = before.clauses(parent)?;
    let one_level = parent.kind == QueryKind::Select && parent.set.is_none() && parent.ctes.is_empty();
    if !one_level || outer.quantifier.is_some() || !is_plain_parent(parent) || !outer.others.is_empty() {
        return None;
    }
    let (source, key) = parent.tables().into_iter().find_map(|source| {
        let key = linked(schema, table, &column.name, &source.name)?;
        Some((source, key))
    })?;
    let alias = source.alias.as_ref().unwrap_or(&source.name.name);
    let key = format!("{}.{}", quoted(alias), quoted(&key));
    let inner = edited(&before.text, vec![(outer.targets?, key)]);
    let mut edits = vec![(place, format!("{} IN ({inner})", written(column)))];
    edits.extend(with_key(asked, clauses, column)?);
    edits.extend(without_limit(clauses, one_row));
    Some(edited(&asked.text, edits))
}

fn is_plain_parent(query: &Query) -> bool {
    let mut open = false;
    query.walk(&mut |level| {
        for expr in level.expressions() {
            expr.walk(&mut |inner| open |= matches!(inner, Expr::Parameter(_)));
        }
    });
    query.group_by.is_empty() && query.having.is_none() && !open
}

/// The column of the other table that has the same values, by a foreign key of either.
fn linked(schema: &Schema, table: &Table, column: &Name, other: &QName) -> Option<Name> {
    let own = table.foreign_keys().find_map(|(_, key)| match (&key.columns[..], &key.targets[..]) {
        ([own], [target]) if own == column && key.table == *other => Some(target.clone()),
        _ => None,
    });
    own.or_else(|| {
        let other = schema.table(other)?;
        other.foreign_keys().find_map(|(_, key)| match (&key.columns[..], &key.targets[..]) {
            ([own], [target]) if target == column && key.table == table.name => Some(own.clone()),
            _ => None,
        })
    })
}

fn edited(text: &str, mut edits: Vec<(Span, String)>) -> String {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out = String::new();
    let mut at = 0;
    for (Span { start, end }, with) in edits {
        out += text.get(at..start as usize).unwrap_or("");
        out += &with;
        at = end as usize;
    }
    out += text.get(at..).unwrap_or("");
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use read::sql::postgres::placed;
    use read::{Input, Options};

    use super::*;

    const SCHEMA: &str = "
        CREATE TABLE users (id bigint PRIMARY KEY, name text);
        CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint REFERENCES users, title text, hidden boolean);
        CREATE TABLE tags (post_id bigint REFERENCES posts, tag text, state text);";

    #[track_caller]
    fn check(asked: &str, before: Option<&str>, expected: &str) {
        let options = Options { version: model::dialect::Version(17, 0), unreleased: None };
        let schema = read::read(vec![Input::new("schema.sql", SCHEMA)], &options).schema;
        let asked = placed(&schema, asked).expect("it is understood");
        let before = before.map(|before| placed(&schema, before).expect("it is understood"));
        let found = match keys(&schema, &asked, before.as_ref()) {
            None => "none".to_owned(),
            Some(LoopKind::Keys { together, joined, .. }) => {
                [together, joined].into_iter().flatten().collect::<Vec<_>>().join("\n---\n")
            }
            Some(LoopKind::Same) => "the same".to_owned(),
        };
        assert_eq!(found, expected, "\n{found}");
    }

    #[test]
    fn children_of_parents() {
        check(
            "SELECT tag FROM tags t WHERE t.post_id = $1",
            Some("SELECT id, title FROM posts p WHERE author_id = 3 ORDER BY id LIMIT 10"),
            "\
SELECT t.post_id, tag FROM tags t WHERE t.post_id = ANY($1)
---
SELECT t.post_id, tag FROM tags t WHERE t.post_id IN (SELECT p.id FROM posts p WHERE author_id = 3 ORDER BY id LIMIT 10)",
        );
    }

    #[test]
    fn parents_of_children() {
        check(
            "SELECT * FROM users WHERE id IN ($1) LIMIT 1",
            Some("SELECT * FROM posts"),
            "\
SELECT * FROM users WHERE id = ANY($1)
---
SELECT * FROM users WHERE id IN (SELECT posts.author_id FROM posts)",
        );
    }

    #[test]
    fn what_is_counted_or_limited_is_asked_for_each_key() {
        check(
            "SELECT count(*) FROM tags WHERE post_id = $1",
            None,
            "\
SELECT wanted.key, found.*
FROM unnest($1::bigint[]) AS wanted (key)
CROSS JOIN LATERAL (
  SELECT count(*) FROM tags WHERE post_id = wanted.key
) AS found",
        );
    }

    #[test]
    fn what_is_no_lookup_by_a_key() {
        check("SELECT * FROM tags WHERE state = $1 AND tag = 'x'", None, "none");
        check("SELECT * FROM tags WHERE post_id > $1", None, "none");
        check("SELECT * FROM tags WHERE post_id = 1 OR post_id = $1", None, "none");
        check("SELECT $1 FROM tags WHERE post_id = 1", None, "none");
    }
}
