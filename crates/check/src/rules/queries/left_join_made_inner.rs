use model::query::{FoundQuery, Join, JoinKind, Source};
use model::{Expr, Name, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, name_in_query, repeated, resolve};
use crate::rule::Check;

rule! {
    /// WHERE throws away the rows that a LEFT JOIN was to keep; move the condition into ON, or write JOIN.
    ///
    /// Where nothing matches, the columns of the right side are NULL, and no comparison is true for NULL. The query returns
    /// what an inner join does: either the rows without a match are missing by mistake, or LEFT says something untrue.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT u.id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.status = 'open';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT users.id FROM users LEFT OUTER JOIN orders ON orders.user_id = users.id
    /// WHERE users.id > 5 AND status IN ('open', 'paid');
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT u.id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.status = 'open';
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id
    /// WHERE o.id IS NULL OR o.status = 'open';
    /// ```
    "Q023", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let mut joins = Vec::new();
        level.from.iter().for_each(|source| left_joins(source, &mut joins));
        for join in joins {
            let Source::Table(right) = &join.right else { continue };
            let name = name_in_query(right);
            let conditions = level.filter.iter().flat_map(|filter| filter.conjuncts());
            let Some(condition) = conditions.into_iter().find(|condition| rejects_null(schema, level, condition, name))
            else {
                continue;
            };
            let edits = if is_editable(found) {
                let plain = findings.replace(found.place, "LEFT JOIN", "JOIN");
                let long = findings.replace(found.place, "LEFT OUTER JOIN", "JOIN");
                if plain.is_empty() { long } else { plain }
            } else {
                Vec::new()
            };
            findings
                .here(found.place, format!("rows without a match in {name} do not come back"))
                .span(level.span)
                .words("LEFT")
                .why(format!("{} is not true where {name} is NULL", short(condition)))
                .unsafe_edit("say that it is an inner join", edits);
        }
    }
}

fn short(condition: &Expr) -> String {
    let text = condition.to_string();
    if text.chars().count() > 60 { "the condition in WHERE".to_string() } else { text }
}

fn left_joins<'q>(source: &'q Source, found: &mut Vec<&'q Join>) {
    let Source::Join(join) = source else { return };
    left_joins(&join.left, found);
    left_joins(&join.right, found);
    if join.kind == JoinKind::Left {
        found.push(join);
    }
}

/// The condition is not true when every column of that side is NULL.
fn rejects_null(schema: &Schema, level: &Query, condition: &Expr, side: &Name) -> bool {
    let is_of_side = |expr: &Expr| {
        let Expr::Column(column) = expr.without_casts() else { return false };
        match &column.qualifier {
            Some(qualifier) => qualifier == side,
            None => resolve(schema, level, expr).is_some_and(|(table, _)| {
                let mut named = level.tables().into_iter().filter(|source| source.name == table.name);
                named.next().is_some_and(|source| name_in_query(source) == side) && named.next().is_none()
            }),
        }
    };
    match condition {
        Expr::Binary { op, left, right } => {
            let strict = matches!(op.as_str(), "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" | "LIKE" | "ILIKE");
            strict && (is_of_side(left) || is_of_side(right))
        }
        Expr::In { operand, .. } | Expr::Between { operand, .. } => is_of_side(operand),
        Expr::Test { operand, test } => {
            matches!(test.as_str(), "IS NOT NULL" | "IS TRUE" | "IS FALSE") && is_of_side(operand)
        }
        Expr::Quantified { left, all: false, .. } => is_of_side(left),
        _ => false,
    }
}
