use std::collections::BTreeSet;

use model::query::FoundQuery;
use model::{Expr, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{conditions, is_one_row, is_value, plain_tables, repeated, resolve};
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// OR between columns of two tables can be answered by no index; write two queries and join them with UNION.
    ///
    /// Within one table two indexes can be combined. Across a join the condition is known only once the rows are joined, so
    /// all of them are joined first and most are thrown away.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, code text);
    /// -- queries
    /// SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = $1 OR o.code = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, code text);
    /// -- queries
    /// SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id
    /// WHERE (u.email LIKE 'a%' OR o.code LIKE 'a%') AND o.id > 5;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, code text);
    /// -- queries
    /// SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = $1
    /// UNION SELECT id FROM orders WHERE code = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, code text, note text);
    /// -- queries
    /// SELECT id FROM orders WHERE code = $1 OR note = $1;
    /// ```
    "Q019", note, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        if plain_tables(level).is_none_or(|sources| sources.len() < 2) || is_one_row(schema, level) {
            continue;
        }
        for condition in conditions(level) {
            let arms = arms(condition);
            let tables: Option<BTreeSet<_>> = arms.iter().map(|arm| looked_up(schema, level, arm)).collect();
            let Some(tables) = tables.filter(|tables| tables.len() > 1 && arms.len() > 1) else { continue };
            findings
                .here(found.place, format!("no index finds rows by a column of {}", listed_or(&tables)))
                .span(level.span)
                .words("OR")
                .why(format!("{} are joined first, and most of it is thrown away", listed(&tables)));
            break;
        }
    }
}

fn listed_or(tables: &BTreeSet<String>) -> String {
    listed(tables).replace(" and ", " or of ")
}

/// The parts joined by OR.
fn arms(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Binary { op, left, right } if op == "OR" => {
            let mut found = arms(left);
            found.extend(arms(right));
            found
        }
        other => vec![other],
    }
}

/// The table of the one column that the condition compares with a value.
fn looked_up(schema: &Schema, level: &Query, arm: &Expr) -> Option<String> {
    let Expr::Binary { op, left, right } = arm else { return None };
    if !matches!(op.as_str(), "=" | "<" | ">" | "<=" | ">=" | "LIKE") {
        return None;
    }
    let side = if is_value(right) { left } else { return None };
    resolve(schema, level, side).map(|(table, _)| table.name.to_string())
}
