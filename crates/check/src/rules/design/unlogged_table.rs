use model::object::Persistence;
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::grouped;

rule! {
    /// An unlogged table is empty after a crash and on every replica; keep in it only what may be lost.
    ///
    /// PostgreSQL truncates it when it starts after a crash, also when only the operating system went down. A failover to a
    /// replica finds nothing in it, and point-in-time recovery brings nothing back.
    ///
    /// ```sql,bad
    /// CREATE UNLOGGED TABLE sessions (id uuid PRIMARY KEY, data jsonb NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE sessions (id uuid PRIMARY KEY, data jsonb NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE UNLOGGED TABLE page_cache (url_hash uuid PRIMARY KEY, page text NOT NULL);
    /// ```
    "D019", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.persistence == Persistence::Unlogged) {
        let name = table.name.name.to_ascii_lowercase();
        if ["cache", "staging", "tmp", "temp", "scratch"].iter().any(|word| name.contains(word)) {
            continue;
        }
        let path = Path::table(&table.name);
        let rows = findings.rows(&table.name);
        let draft = findings
            .at(&path, format!("{} is empty after a crash and on every replica", table.name))
            .why("nothing of it is in the WAL")
            .unsafe_fix("log it", vec![Change::alter(path, Aspect::Persistence(Persistence::Permanent))]);
        if let Some(rows) = rows {
            draft.why(format!("it had {} rows in the statistics", grouped(rows)));
        }
    }
}
