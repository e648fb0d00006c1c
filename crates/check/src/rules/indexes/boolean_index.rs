use model::object::Index;
use model::{Change, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// An index over a boolean alone holds two values, and the planner rarely uses it; put the condition into a partial index instead.
    ///
    /// Half of the rows are found by each value, and reading half of a table row by row is slower than reading all of it.
    /// Where one value is rare, `WHERE NOT done` on the column that is sorted or looked up keeps only those rows.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, done boolean NOT NULL, run_at timestamptz);
    /// CREATE INDEX jobs_done ON jobs (done);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
    /// CREATE INDEX ON users USING btree (active DESC);
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, done boolean NOT NULL, run_at timestamptz);
    /// CREATE INDEX jobs_waiting ON jobs (run_at) WHERE NOT done;
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, done boolean NOT NULL, run_at timestamptz);
    /// CREATE INDEX jobs_by_state ON jobs (done, run_at);
    /// CREATE UNIQUE INDEX one_done ON jobs (done) WHERE done;
    /// ```
    "I007", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        let own = |index: &&Index| index.method == "btree" && !index.inherited && !index.unique;
        for index in table.indexes.iter().filter(own) {
            let ([key], None) = (index.keys.as_slice(), &index.predicate) else { continue };
            let column = key.expr.as_column().and_then(|name| table.column(name));
            let Some(column) = column.filter(|column| column.ty == Type::Boolean && index.include.is_empty()) else {
                continue;
            };
            let path = Path::index(&table.name, index.name.clone());
            findings
                .at(&path, format!("{} tells two values of {} apart", index.name, column.name))
                .why("each value finds so many rows that reading the whole table is quicker, unless one is rare")
                .unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
        }
    }
}
