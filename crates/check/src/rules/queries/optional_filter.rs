use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{conditions, is_indexed, is_one_row, is_parameter, repeated, resolve};
use crate::rule::Check;

rule! {
    /// A filter that a NULL parameter switches off is kept in one query plan for both, and that cannot use the index; write one query for each.
    ///
    /// A prepared statement is planned for any parameter after its fifth run, if that seems no worse. Such a plan must work
    /// when the filter is off, so it reads all rows also when the filter would find one.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text UNIQUE);
    /// -- queries
    /// SELECT id FROM orders WHERE $1::text IS NULL OR code = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// CREATE INDEX orders_user ON orders (user_id);
    /// -- queries
    /// SELECT o.id FROM orders o WHERE (o.user_id = $1 OR $1 IS NULL) AND o.status = 'open';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text UNIQUE);
    /// -- queries
    /// SELECT id FROM orders WHERE code = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text UNIQUE, note text);
    /// -- queries
    /// SELECT id FROM orders WHERE code = $1 AND ($2::text IS NULL OR note = $2);
    /// ```
    "Q020", note, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        // Another condition may find the rows already.
        let finds = |condition: &&Expr| match condition {
            Expr::Binary { op, left, right } if op == "=" => [left, right].into_iter().any(|side| {
                resolve(schema, level, side).is_some_and(|(table, column)| is_indexed(table, &column.name))
            }),
            _ => false,
        };
        if is_one_row(schema, level) || conditions(level).iter().any(finds) {
            continue;
        }
        for condition in conditions(level) {
            let Expr::Binary { op, left, right } = condition else { continue };
            let filter = match (is_switch(left), is_switch(right)) {
                (true, false) if op == "OR" => right,
                (false, true) if op == "OR" => left,
                _ => continue,
            };
            let Expr::Binary { op, left, right } = &**filter else { continue };
            let side = if is_parameter(right) { left } else { right };
            let Some((table, column)) = resolve(schema, level, side) else { continue };
            if op != "=" || !is_indexed(table, &column.name) {
                continue;
            }
            findings
                .here(found.place, format!("the index on {} is left aside when the plan is kept", column.name))
                .span(level.span)
                .words("IS NULL")
                .why(format!("a plan for any parameter reads all of {}, also when one row is asked for", table.name));
        }
    }
}

/// `$1 IS NULL`
fn is_switch(expr: &Expr) -> bool {
    matches!(expr, Expr::Test { operand, test } if test == "IS NULL" && is_parameter(operand))
}
