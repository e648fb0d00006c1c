use model::query::{FoundQuery, Origin, TargetValue};
use model::{Expr, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{levels, plain_tables, resolve};
use crate::rule::Check;

rule! {
    /// One NULL makes the whole concatenation NULL; use `concat`, or say what stands for it.
    ///
    /// `first || ' ' || last` is NULL for everybody without a second name. `concat` and `concat_ws` leave NULL out, and
    /// `coalesce` puts something in its place.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, first text NOT NULL, last text);
    /// -- queries
    /// SELECT first || ' ' || last AS name FROM users;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, first text NOT NULL, last text);
    /// CREATE VIEW names AS SELECT u.id, u.last || ', ' || u.first AS name FROM users u;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, first text NOT NULL, last text);
    /// -- queries
    /// SELECT concat_ws(' ', first, last) AS name, first || coalesce(' ' || last, '') FROM users;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, first text NOT NULL, last text);
    /// -- queries
    /// SELECT first || ' ' || last AS name FROM users WHERE last IS NOT NULL;
    /// ```
    "Q030", note, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    if !matches!(found.origin, Origin::File | Origin::View(_)) {
        return;
    }
    for level in levels(&found.query) {
        if plain_tables(level).is_none() {
            continue;
        }
        for target in &level.targets {
            let TargetValue::Expr(expr) = &target.value else { continue };
            let Some(column) = nullable_part(schema, level, expr) else { continue };
            findings
                .here(found.place, format!("this is NULL where {column} is"))
                .span(target.span)
                .why(format!("{column} may be NULL, and NULL || anything is NULL"));
        }
    }
}

/// A column of text that may be NULL, among the parts that are put together.
fn nullable_part(schema: &Schema, level: &Query, expr: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    collect(expr, &mut parts);
    // Putting documents or arrays together is another thing.
    let has_text = parts.iter().any(|part| matches!(part, Expr::String(_)));
    let is_asked = |name: &model::Name| {
        let tests = level.filter.iter().flat_map(|filter| filter.conjuncts());
        tests.into_iter().any(|test| test.columns().contains(&name))
    };
    parts.into_iter().filter(|_| has_text).find_map(|part| {
        let (table, column) = resolve(schema, level, part)?;
        let in_key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
        let may_be_null = column.is_nullable() && !in_key && column.ty.is_text() && !is_asked(&column.name);
        may_be_null.then(|| column.name.to_string())
    })
}

fn collect<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary { op, left, right } if op == "||" => {
            collect(left, parts);
            collect(right, parts);
        }
        _ => parts.push(expr),
    }
}
