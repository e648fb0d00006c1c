use model::object::{Constraint, ForeignKey, Object};
use model::{Change, Kind, LockMode, Name, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::{comma, listed};

rule! {
    /// Adding a foreign key checks every row while writes to both tables wait; add it NOT VALID and validate it afterwards.
    ///
    /// `ADD FOREIGN KEY` holds SHARE ROW EXCLUSIVE on both tables during the scan. With `NOT VALID` it takes the lock for
    /// a moment; `VALIDATE CONSTRAINT` then scans under SHARE UPDATE EXCLUSIVE on this table and ROW SHARE on the other,
    /// which let reads and writes through. Both in one transaction gain nothing.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);
    /// CREATE INDEX ON orders (customer_id);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);
    /// CREATE INDEX ON orders (customer_id);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN customer_id bigint REFERENCES customers;
    /// CREATE INDEX CONCURRENTLY ON orders (customer_id);
    /// ```
    "M003", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let Some(key) = constraint.as_foreign_key() else { continue };
        let table = path.qname();
        if !constraint.valid || !constraint.enforced || !step.table_existed(&table) || starts_empty(step, &table, key) {
            continue;
        }
        let partitioned = step.before.table(&table).is_some_and(|table| table.is_partitioned());
        let edits = match constraint.name.is_empty() || step.transaction.is_open() || partitioned || step.conditional {
            true => Vec::new(),
            false => {
                vec![findings.append(place, "NOT VALID"), findings.then(step.place, &validate(&table, constraint))]
            }
        };
        // A table may refer to itself.
        let (both, lock) = match key.table == table {
            true => (vec![&table], format!("SHARE ROW EXCLUSIVE on {table}")),
            false => (vec![&table, &key.table], "SHARE ROW EXCLUSIVE on both".to_string()),
        };
        let draft = findings
            .here(place, format!("writes to {} wait for a scan", listed(both)))
            .about(path.clone())
            .words("FOREIGN KEY")
            .label(lock)
            .why(format!("every row of {table} is looked up by ({}) under the lock", comma(&key.columns)))
            .locks(&table, LockMode::ShareRowExclusive)
            .locks(&key.table, LockMode::ShareRowExclusive)
            .scans(&table)
            .sized(&table, Work::Read);
        if step.transaction.is_open() {
            draft.why("add it NOT VALID here and validate it in the next migration, after this one committed");
        } else {
            draft.edit("add it NOT VALID, then validate it", edits);
        }
    }
}

/// `ADD COLUMN … REFERENCES …` without a default: every value is NULL, and PostgreSQL knows it (tablecmds.c and
/// parse_utilcmd.c skip the validation).
fn starts_empty(step: &Step, table: &QName, key: &ForeignKey) -> bool {
    let is_new = |name: &Name| {
        step.changes.iter().any(|change| match change {
            Change::Create { path, object: Object::Column(column) } => {
                path.kind == Kind::Column
                    && path.qname() == *table
                    && column.name == *name
                    && column.default.is_none()
                    && column.generated.is_none()
                    && column.identity.is_none()
            }
            _ => false,
        })
    };
    key.columns.iter().all(is_new)
}

fn validate(table: &QName, constraint: &Constraint) -> String {
    format!("ALTER TABLE {table} VALIDATE CONSTRAINT {}", model::name::quoted(&constraint.name))
}
