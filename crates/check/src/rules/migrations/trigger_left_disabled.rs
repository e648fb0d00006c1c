use std::collections::BTreeMap;

use model::object::Enabled;
use model::{Aspect, Change, Kind, LockMode, Migration, Path, Place, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// A trigger is switched off and not on again; enable it in the same migration.
    ///
    /// It is off for every session from the commit on, not only for this one: what it keeps up to date or refuses goes
    /// unnoticed, and switching it on later does not run it for the rows that were missed. The statement waits for all
    /// writers of the table.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// ALTER TABLE orders DISABLE TRIGGER stamp;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// ALTER TABLE orders DISABLE TRIGGER USER;
    /// UPDATE orders SET note = '' WHERE id = 1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders DISABLE TRIGGER stamp;
    /// UPDATE orders SET note = '' WHERE id = 1;
    /// ALTER TABLE orders ENABLE TRIGGER stamp;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// ALTER TABLE orders DISABLE TRIGGER stamp;
    /// DROP TRIGGER stamp ON orders;
    /// ```
    "M038", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut off: BTreeMap<&Path, (&Step, Place)> = BTreeMap::new();
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                let path = change.path();
                match change {
                    Change::Alter { aspect: Aspect::Enabled(Enabled::Disabled), .. }
                        if path.kind == Kind::Trigger && step.table_existed(&path.qname()) && step.existed(path) =>
                    {
                        off.insert(path, (step, place));
                    }
                    Change::Alter { aspect: Aspect::Enabled(_), .. } => {
                        off.remove(path);
                    }
                    Change::Drop { .. } => {
                        let of_table = |other: &Path| path.kind == Kind::Table && path.qname() == other.qname();
                        off.retain(|trigger, _| *trigger != path && !of_table(trigger));
                    }
                    _ => {}
                }
            }
        }
        for (trigger, (step, place)) in off {
            let table = trigger.qname();
            let last = migration.steps.iter().rev().find(|other| other.transaction == step.transaction).unwrap_or(step);
            let again = format!("ALTER TABLE {table} ENABLE TRIGGER {}", model::name::quoted(&trigger.part));
            // Before the COMMIT, where the transaction ends with one.
            let edit = match last.action {
                model::step::Action::Commit => findings.first(last.place, &format!("{again};\n")),
                _ => findings.then(last.place, &again),
            };
            let edits = if step.conditional { Vec::new() } else { vec![edit] };
            findings
                .here(place, format!("{} of {table} stays off for everybody", trigger.part))
                .about(trigger.clone())
                .words("DISABLE TRIGGER")
                .label(format!("SHARE ROW EXCLUSIVE on {table}"))
                .why("no later migration runs it for the rows that it missed")
                .locks(&table, LockMode::ShareRowExclusive)
                .unsafe_edit("switch it on again at the end", edits);
        }
    }
}
