use model::object::Object;
use model::{Change, Kind, LockMode, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// A trigger is added to a table in use: it waits for all writers, and then runs in every write of the old release too; test it against that code.
    ///
    /// CREATE TRIGGER takes SHARE ROW EXCLUSIVE, so it queues behind the longest open write and makes later ones wait. An
    /// error inside it fails the write that fired it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$no$$; END';
    /// -- next migration
    /// CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// -- next migration
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// DROP TRIGGER stamp ON orders;
    /// CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// ```
    "M039", note, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut dropped = Vec::new();
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                let path = change.path();
                match change {
                    Change::Drop { .. } if path.kind == Kind::Trigger => dropped.push(path),
                    Change::Create { object: Object::Trigger(trigger), .. } => {
                        let table = path.qname();
                        let is_table = step.before.table(&table).is_some();
                        // The one that it replaces ran in every write before.
                        let replaces = dropped.iter().any(|other| other.qname() == table);
                        if trigger.inherited || replaces || !is_table || !step.table_existed(&table) {
                            continue;
                        }
                        findings
                            .here(
                                place,
                                format!("writes to {table} wait for {}, and run it from then on", trigger.name),
                            )
                            .about(path.clone())
                            .words("TRIGGER")
                            .label(format!("SHARE ROW EXCLUSIVE on {table}"))
                            .why("the old release runs beside the new one, and its writes fire it too")
                            .locks(&table, LockMode::ShareRowExclusive);
                    }
                    _ => {}
                }
            }
        }
    }
}
