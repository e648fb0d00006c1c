use model::object::Object;
use model::{Change, Kind, Migration, Name};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// `CONCURRENTLY IF NOT EXISTS` takes the broken index of a failed build for a good one; drop what may be left before building.
    ///
    /// A concurrent build that fails (a duplicate key, a deadlock, a timeout) leaves an INVALID index under the name. Run
    /// again, the statement finds the name, does nothing and succeeds: every write keeps the index up to date, no query uses
    /// it, and a unique one does not hold.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_status ON orders (status);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- next migration
    /// CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// DROP INDEX CONCURRENTLY IF EXISTS orders_status;
    /// CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_status ON orders (status);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// CREATE INDEX CONCURRENTLY orders_status ON orders (status);
    /// ```
    "M064", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut dropped: Vec<&Name> = Vec::new();
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                match change {
                    Change::Drop { path, .. } if path.kind == Kind::Index => dropped.push(&path.part),
                    Change::Create { path, object: Object::Index(index) }
                        if step.how.concurrently && step.how.if_not_exists && step.table_existed(&path.qname()) =>
                    {
                        if index.inherited || index.name.is_empty() || dropped.contains(&&index.name) {
                            continue;
                        }
                        let name = model::QName { schema: path.schema.clone(), name: index.name.clone() };
                        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {name};\n");
                        let movable = !step.conditional && !step.transaction.is_open();
                        let edits = if movable { vec![findings.first(step.place, &drop)] } else { Vec::new() };
                        let lost =
                            if index.unique { "and does not keep its keys unique" } else { "and no query uses it" };
                        findings
                            .here(place, format!("after a build that failed, this keeps {name} as it is: INVALID"))
                            .about(path.clone())
                            .words("IF NOT EXISTS")
                            .why(format!("an invalid index is written at every change, {lost}"))
                            .edit("drop what may be left of it first", edits);
                    }
                    _ => {}
                }
            }
        }
    }
}
