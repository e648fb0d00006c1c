use model::object::Enabled;
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_constraints, own_tables};

rule! {
    /// A trigger or constraint is switched off and has stayed so; switch it on, or drop it.
    ///
    /// It was switched off for an import and forgotten. The schema still shows it, so everybody trusts it, and rows get in that it
    /// should have refused or completed.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    /// CREATE TRIGGER orders_audit BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
    /// ALTER TABLE orders DISABLE TRIGGER orders_audit;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    /// CREATE TRIGGER orders_audit BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
    /// ALTER TABLE orders DISABLE TRIGGER orders_audit;
    /// UPDATE orders SET total = 0 WHERE total IS NULL;
    /// ALTER TABLE orders ENABLE TRIGGER orders_audit;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    /// CREATE TRIGGER orders_audit BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
    /// ALTER TABLE orders ENABLE REPLICA TRIGGER orders_audit;
    /// ```
    "K025", fix, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        for trigger in table.triggers.iter().filter(|trigger| trigger.enabled == Enabled::Disabled && !trigger.inherited) {
            let path = Path::part(Kind::Trigger, &table.name, trigger.name.clone());
            findings
                .at(&path, format!("{} does not fire: it is switched off", trigger.name))
                .why(format!("rows of {} change without it", table.name))
                .unsafe_fix("switch it on", vec![Change::alter(path, Aspect::Enabled(Enabled::Origin))]);
        }
    }
    for (table, constraint) in own_constraints(schema).filter(|(_, constraint)| !constraint.enforced) {
        let path = Path::constraint(&table.name, constraint.name.clone());
        findings
            .at(&path, format!("{} refuses nothing: it is not enforced", constraint.name))
            .why(format!("{} takes rows that break it", table.name))
            .unsafe_fix("enforce it", vec![Change::alter(path, Aspect::Enforced(true))]);
    }
}
