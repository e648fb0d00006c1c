use model::object::{ReplicaIdentity, Table};
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// `REPLICA IDENTITY FULL` writes every old row into the log as a whole, though the table has a key; use the key.
    ///
    /// Each UPDATE and DELETE logs all columns of the row as it was, large ones included, and a subscriber without a fitting
    /// index looks each of them up by a scan of the whole table. Only who reads the old values themselves (an audit by
    /// change data capture) needs it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// ALTER TABLE orders REPLICA IDENTITY FULL;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE members (team bigint, person bigint, since date, PRIMARY KEY (team, person));
    /// ALTER TABLE members REPLICA IDENTITY FULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// ALTER TABLE orders REPLICA IDENTITY DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE log (line text);
    /// ALTER TABLE log REPLICA IDENTITY FULL;
    /// ```
    "O002", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let is_full = |table: &&Table| table.replica_identity == ReplicaIdentity::Full && table.primary_key().is_some();
    for table in schema.tables().filter(is_full) {
        let path = Path::table(&table.name);
        let default = Change::alter(path.clone(), Aspect::ReplicaIdentity(ReplicaIdentity::Default));
        findings
            .at_words(
                &path,
                "REPLICA IDENTITY FULL",
                format!("each change of {} logs its old row as a whole", table.name),
            )
            .why("its primary key would identify the row")
            .unsafe_fix("identify rows by the primary key", vec![default]);
    }
}
