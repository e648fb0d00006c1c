use model::object::{Index, Table};
use model::{Change, Expr, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A partial index leaves no row out: the column is NOT NULL; take the predicate away.
    ///
    /// The planner uses a partial index only for queries that imply its predicate, so the condition gains nothing and stands in
    /// the way. Before 17 it does not conclude from NOT NULL that `IS NOT NULL` is true.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text NOT NULL);
    /// CREATE INDEX orders_code ON orders (code) WHERE code IS NOT NULL;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL AND id IS NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text);
    /// CREATE INDEX orders_code ON orders (code) WHERE code IS NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text NOT NULL, done boolean NOT NULL);
    /// CREATE INDEX orders_code ON orders (code) WHERE code IS NOT NULL AND NOT done;
    /// ```
    "I016", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.inherited) {
            let Some(predicate) = &index.predicate else { continue };
            if !predicate.conjuncts().into_iter().all(|part| is_always_true(table, part)) {
                continue;
            }
            let path = Path::index(&table.name, index.name.clone());
            let anew = Change::add_index(&table.name, Index { predicate: None, ..index.clone() });
            findings
                .at(&path, format!("{predicate} is true of every row"))
                .why("only queries that repeat the condition can use the index")
                .unsafe_fix("build it without", vec![Change::drop(path), anew]);
        }
    }
}

fn is_always_true(table: &Table, condition: &Expr) -> bool {
    let Expr::Test { operand, test } = condition else { return false };
    let column = operand.as_column().and_then(|name| table.column(name));
    test == "IS NOT NULL" && column.is_some_and(|column| !column.is_nullable())
}
