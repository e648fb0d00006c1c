use std::collections::BTreeMap;

use model::{Change, Expr, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A check says again what another check or NOT NULL says; drop it.
    ///
    /// Both are evaluated for every row that is written. Whoever loosens one is stopped by the other, which stands elsewhere.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CHECK (total >= 0), CONSTRAINT positive CHECK (total >= 0));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL, CONSTRAINT given CHECK (total IS NOT NULL));
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CHECK (total >= 0), CHECK (total IS NOT NULL));
    /// ```
    "K028", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let mut known: BTreeMap<String, &Name> = BTreeMap::new();
        for (constraint, expr) in table.checks().filter(|(constraint, _)| !constraint.inherited && constraint.valid) {
            let path = Path::constraint(&table.name, constraint.name.clone());
            let other = match known.insert(expr.to_string(), &constraint.name) {
                Some(other) => other.to_string(),
                None => match expr {
                    Expr::Test { operand, test } if test == "IS NOT NULL" => {
                        let column = operand.as_column().and_then(|name| table.column(name));
                        let Some(column) = column.filter(|column| !column.is_nullable()) else { continue };
                        format!("NOT NULL of {}", column.name)
                    }
                    _ => continue,
                },
            };
            findings
                .at(&path, format!("{} says what {other} says", constraint.name))
                .why("both are evaluated for every row that is written")
                .fix("drop it", vec![Change::drop(path)]);
        }
    }
}
