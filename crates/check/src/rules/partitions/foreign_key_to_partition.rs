use model::object::{Constraint, ConstraintKind, ForeignKey};
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// A foreign key points at one partition and not at the table; rows in the others cannot be referred to.
    ///
    /// An UPDATE that moves a row to another partition fails, detaching the partition fails, and next month's rows are refused
    /// by this key. A foreign key to the partitioned table covers all of them.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint, month date, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
    /// CREATE TABLE orders_old PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
    /// CREATE TABLE orders_new PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
    /// CREATE TABLE refunds (
    ///     id bigint PRIMARY KEY,
    ///     order_id bigint,
    ///     month date,
    ///     FOREIGN KEY (order_id, month) REFERENCES orders_new MATCH FULL
    /// );
    /// CREATE INDEX ON refunds (order_id, month);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint, month date, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
    /// CREATE TABLE orders_old PARTITION OF orders FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
    /// CREATE TABLE refunds (
    ///     id bigint PRIMARY KEY,
    ///     order_id bigint,
    ///     month date,
    ///     FOREIGN KEY (order_id, month) REFERENCES orders MATCH FULL
    /// );
    /// CREATE INDEX ON refunds (order_id, month);
    /// ```
    "R001", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        let parent = schema.table(&key.table).and_then(|target| target.partition_of.as_ref()).map(|of| &of.parent);
        let Some(parent) = parent.filter(|parent| **parent != table.name) else { continue };
        let path = Path::constraint(&table.name, constraint.name.clone());
        let same = |unique: Vec<&model::Name>| {
            unique.len() == key.targets.len() && unique.iter().all(|name| key.targets.contains(name))
        };
        let covered = schema.table(parent).is_some_and(|parent| parent.unique_keys().any(same));
        let draft = findings
            .at(&path, format!("{} is one partition of {parent}", key.table))
            .why(format!("rows of {parent} in its other partitions cannot be referred to"));
        if covered {
            let whole = ConstraintKind::ForeignKey(ForeignKey { table: parent.clone(), ..key.clone() });
            let whole = Constraint { kind: whole, ..constraint.clone() };
            draft.unsafe_fix(
                format!("refer to {parent}"),
                vec![Change::drop(path), Change::add_constraint(&table.name, whole)],
            );
        }
    }
}
