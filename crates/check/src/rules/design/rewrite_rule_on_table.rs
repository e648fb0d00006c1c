use model::object::Table;
use model::{Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A rule rewrites statements before they run, and not as one would think; use a trigger.
    ///
    /// A rule does not see rows: it pastes the expressions of the statement into others. `INSERT … VALUES (nextval('s'))` then takes
    /// two numbers, `random()` is another value in the log than in the row, and COPY passes it by.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE order_changes (id bigint PRIMARY KEY);
    /// CREATE RULE remember AS ON INSERT TO orders DO ALSO INSERT INTO order_changes (id) VALUES (new.id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE VIEW open_orders AS SELECT id FROM orders;
    /// CREATE RULE no_insert AS ON INSERT TO open_orders DO INSTEAD NOTHING;
    /// ```
    "D018", known, fix, Check::Table(check)
}

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let Some(first) = table.rules.first() else { return };
    let path = |rule: &model::object::Rule| Path::part(Kind::Rule, &table.name, rule.name.clone());
    let rules = match table.rules.len() {
        1 => format!("{} rewrites", first.name),
        count => format!("{count} rules rewrite"),
    };
    findings
        .at(&path(first), format!("{rules} each {} on {}", first.event, table.name))
        .why("expressions are evaluated again in what it adds; COPY passes it by")
        .unsafe_fix(
            "drop it, once a trigger does its work",
            table.rules.iter().map(|rule| Change::drop(path(rule))).collect(),
        );
}
