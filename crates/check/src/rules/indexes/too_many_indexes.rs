use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A table has so many indexes that each INSERT writes more of them than of the table; drop those that no query needs.
    ///
    /// Every INSERT, and every UPDATE that cannot stay in its page, adds an entry to each. The planner looks at all of them for
    /// every query, and their pages push the table's own out of memory.
    ///
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int, g int, h int, i int, j int);
    /// CREATE INDEX ON t (a); CREATE INDEX ON t (b); CREATE INDEX ON t (c); CREATE INDEX ON t (d); CREATE INDEX ON t (e);
    /// CREATE INDEX ON t (f); CREATE INDEX ON t (g); CREATE INDEX ON t (h); CREATE INDEX ON t (i); CREATE INDEX ON t (j);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int UNIQUE, b int UNIQUE, c int UNIQUE, d int UNIQUE, e int UNIQUE, f int);
    /// CREATE INDEX ON t (a, f); CREATE INDEX ON t (b, f); CREATE INDEX ON t (c, f); CREATE INDEX ON t (d, f);
    /// CREATE INDEX ON t (e, f);
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int);
    /// CREATE INDEX ON t (a); CREATE INDEX ON t (b); CREATE INDEX ON t (c);
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int CHECK (a > 0), b int REFERENCES t);
    /// CREATE INDEX ON t (b);
    /// ```
    "I008", note, Check::Schema(check)
}

/// Ten of one's own beside the primary key are a lot.
const MANY: usize = 10;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let keys = table.constraints.iter().filter(|constraint| constraint.has_index()).count();
        let count = keys + table.indexes.len();
        if count > MANY {
            findings
                .at(&Path::table(&table.name), format!("each INSERT into {} writes {count} indexes", table.name))
                .why("each is read by the planner for every query, too");
        }
    }
}
