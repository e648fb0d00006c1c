use model::object::Index;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// An index has so many keys that it is nearly a copy of the table; keep the keys that find or sort, and INCLUDE the rest.
    ///
    /// A B-tree helps up to the first key that a query does not compare by `=`; the keys behind it only make each entry
    /// larger. What is only to be returned belongs into `INCLUDE`, which is kept out of the upper pages.
    ///
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int);
    /// CREATE INDEX t_wide ON t (a, b, c, d, e, f);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int, d int, e text, f text);
    /// CREATE INDEX t_wide ON t (a, b, c, d, lower(e), lower(f)) WHERE a > 0;
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int);
    /// CREATE INDEX t_wide ON t (a, b) INCLUDE (c, d, e, f);
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int);
    /// CREATE UNIQUE INDEX t_key ON t (a, b, c, d, e, f);
    /// ```
    "I009", note, Check::Schema(check)
}

/// Five that are all compared by `=` are rare enough.
const MANY: usize = 5;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        let wide =
            |index: &&Index| index.method == "btree" && !index.unique && !index.inherited && index.keys.len() > MANY;
        for index in table.indexes.iter().filter(wide) {
            findings
                .at(
                    &Path::index(&table.name, index.name.clone()),
                    format!("{} has {} keys", index.name, index.keys.len()),
                )
                .why("keys behind the first that is not compared by = find nothing, and make each entry larger");
        }
    }
}
