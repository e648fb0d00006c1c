use model::object::{ConstraintKind, Object};
use model::{Change, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// The target lays rows out by the primary key when the table is made; give it with CREATE TABLE.
    ///
    /// A table without one is laid out by a hidden number. A key that comes later is refused, or every row is written anew to
    /// another machine while the table waits.
    ///
    /// ```sql,bad
    /// -- target yugabytedb
    /// CREATE TABLE orders (id uuid NOT NULL);
    /// -- next migration
    /// ALTER TABLE orders ADD PRIMARY KEY (id);
    /// ```
    /// ```sql,good
    /// -- target yugabytedb
    /// CREATE TABLE orders (id uuid PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id uuid NOT NULL);
    /// -- next migration
    /// ALTER TABLE orders ADD PRIMARY KEY (id);
    /// ```
    "R017", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    if dialect.spread.primary_key_later {
        return;
    }
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let table = path.qname();
        // The table was there before the statement: its rows lie somewhere.
        let made_here = step.before.table(&table).is_none();
        if !matches!(constraint.kind, ConstraintKind::PrimaryKey(_)) || made_here {
            continue;
        }
        findings
            .here(place, format!("{table} was laid out without its primary key"))
            .why(format!("{} places rows by the key that CREATE TABLE gives", dialect.name));
    }
}
