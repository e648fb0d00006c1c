use model::object::{Index, Policy, PolicyCommand, Table};
use model::{Change, Expr, Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::is_indexed;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A policy looks rows up by a column that no index begins with, so every query reads the whole table; index the column.
    ///
    /// The condition of the policy is added to each query of every tenant, like a WHERE that nobody wrote. Without an index the
    /// rows of all tenants are read to find those of one.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text NOT NULL);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid NOT NULL, hidden boolean NOT NULL);
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_notes ON notes FOR SELECT
    ///     USING (owner = (SELECT current_setting('app.user')::uuid) AND NOT hidden);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text NOT NULL);
    /// CREATE INDEX orders_tenant ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (tenant text, number bigint, state text, PRIMARY KEY (tenant, number));
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user AND state = 'open');
    /// ```
    "I012", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| !table.policies.is_empty()) {
        let mut said: Vec<Name> = Vec::new();
        for policy in table.policies.iter().filter(|policy| policy.command != PolicyCommand::Insert) {
            let Some(column) = looked_up(table, policy).filter(|column| !said.contains(column)) else { continue };
            let path = Path::part(Kind::Policy, &table.name, policy.name.clone());
            let index = Change::add_index(&table.name, Index::btree("", [column.clone()]));
            findings
                .at(&path, format!("each query on {} reads the rows of all to find those of one {column}", table.name))
                .why(format!("no index begins with {column}"))
                .fix(format!("index {column}"), vec![index]);
            said.push(column);
        }
    }
}

/// The column that the policy compares with a value, when none of its conditions can use an index.
fn looked_up(table: &Table, policy: &Policy) -> Option<Name> {
    let conditions = policy.using.as_ref()?.conjuncts();
    let mut compared = Vec::new();
    for condition in conditions {
        let Expr::Binary { op, left, right } = condition else { continue };
        if op != "=" {
            continue;
        }
        for (side, other) in [(left, right), (right, left)] {
            if let Expr::Column(column) = &**side
                && other.columns().is_empty()
                && table.column(&column.name).is_some()
                && !matches!(**other, Expr::String(_) | Expr::Bool(_) | Expr::Number(_))
            {
                compared.push(&column.name);
            }
        }
    }
    let served = compared.iter().any(|column| is_indexed(table, column));
    compared.first().filter(|_| !served).map(|column| (*column).clone())
}
