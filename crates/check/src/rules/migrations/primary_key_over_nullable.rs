use model::object::{ConstraintKind, Object};
use model::{Change, LockMode, Name, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::null_proof::{by_check, proves};
use crate::rule::Check;
use crate::size::Work;
use crate::words::listed;

rule! {
    /// A primary key takes over an index whose column may be NULL, and the whole table is scanned for NULL under a lock; make the column NOT NULL before, by a validated CHECK.
    ///
    /// `USING INDEX` spares the build of the index and not the proof that no value is NULL: PostgreSQL sets NOT NULL itself,
    /// and reads every row while ACCESS EXCLUSIVE keeps everybody out.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (number bigint);
    /// -- next migration
    /// CREATE UNIQUE INDEX CONCURRENTLY orders_number ON orders (number);
    /// ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_number;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE members (team bigint NOT NULL, person bigint);
    /// CREATE UNIQUE INDEX members_key ON members (team, person);
    /// -- next migration
    /// ALTER TABLE members ADD PRIMARY KEY USING INDEX members_key;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (number bigint NOT NULL);
    /// -- next migration
    /// CREATE UNIQUE INDEX CONCURRENTLY orders_number ON orders (number);
    /// ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_number;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (number bigint);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT number_set CHECK (number IS NOT NULL) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT number_set;
    /// CREATE UNIQUE INDEX CONCURRENTLY orders_number ON orders (number);
    /// ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_number;
    /// ALTER TABLE orders DROP CONSTRAINT number_set;
    /// ```
    "M061", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let ConstraintKind::PrimaryKey(key) = &constraint.kind else { continue };
        let table = path.qname();
        let Some(before) = step.before.table(&table).filter(|_| step.table_existed(&table)) else { continue };
        let Some(index) = key.using_index.as_ref().and_then(|name| before.index(name)) else { continue };
        let is_open = |name: &&Name| before.column(name).is_some_and(|column| column.is_nullable());
        let open: Vec<&Name> = index.key_columns().into_iter().flatten().filter(is_open).collect();
        let open: Vec<&Name> = open.into_iter().filter(|name| !proves(before, name)).collect();
        let movable = step.changes.len() == 1 && !step.transaction.is_open() && !step.conditional;
        let edits = match open[..] {
            [] => continue,
            [column] if movable => by_check(findings, step.place, &table.to_string(), column),
            _ => Vec::new(),
        };
        findings
            .here(place, format!("nobody can use {table} while it is scanned for NULL"))
            .about(path.clone())
            .words("PRIMARY KEY")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(format!("{} may be NULL, and a primary key may not", listed(open)))
            .locks(&table, LockMode::AccessExclusive)
            .scans(&table)
            .sized(&table, Work::Read)
            .edit("prove it by a check that is validated without the lock", edits);
    }
}
