use model::name::quoted;
use model::object::{Constraint, ConstraintKind, Key, Object};
use model::{Change, Edit, LockMode, Place, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::comma;

rule! {
    /// Adding a unique constraint builds its index while nobody may touch the table; build the index concurrently and let the constraint take it over.
    ///
    /// `ADD UNIQUE` and `ADD PRIMARY KEY` hold ACCESS EXCLUSIVE until the index is built: even SELECT waits. A unique index
    /// made with `CONCURRENTLY` needs no such lock, and `USING INDEX` turns it into the constraint in an instant. For a
    /// primary key the columns should be NOT NULL before, else that is checked by a scan.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- next migration
    /// ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- next migration
    /// CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
    /// ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;
    /// ```
    "M008", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let (word, key) = match &constraint.kind {
            ConstraintKind::Unique(key) => ("UNIQUE", key),
            ConstraintKind::PrimaryKey(key) => ("PRIMARY KEY", key),
            _ => continue,
        };
        let table = path.qname();
        if key.using_index.is_some() || !step.table_existed(&table) {
            continue;
        }
        let partitioned = step.before.table(&table).is_some_and(|table| table.is_partitioned());
        let movable = step.changes.len() == 1 && !step.transaction.is_open() && !partitioned && !step.conditional;
        let edits = if movable { by_index(findings, step.place, &table, constraint, key, word) } else { Vec::new() };
        let draft = findings
            .here(place, format!("nobody can use {table} during a build"))
            .about(path.clone())
            .words(word)
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why("the lock is held until the index of the constraint is built")
            .locks(&table, LockMode::AccessExclusive)
            .scans(&table)
            .sized(&table, Work::Build);
        if step.transaction.is_open() {
            draft.why("a migration before this one could build the unique index CONCURRENTLY, for USING INDEX here");
        } else {
            draft.edit("build the index concurrently first", edits);
        }
    }
}

/// Only the plain form is rewritten; a constraint with options keeps them where its author put them.
fn by_index(
    findings: &Findings<'_>,
    statement: Place,
    table: &QName,
    constraint: &Constraint,
    key: &Key,
    word: &str,
) -> Vec<Edit> {
    let plain = key.include.is_empty()
        && key.options.is_empty()
        && key.tablespace.is_none()
        && !key.nulls_not_distinct
        && !key.without_overlaps
        && constraint.deferrable == model::object::Deferrable::No
        && !constraint.name.is_empty();
    if !plain {
        return Vec::new();
    }
    let name = quoted(&constraint.name);
    let columns = comma(key.columns.iter().map(|column| quoted(column).into_owned()));
    let text = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});\nALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name}"
    );
    vec![findings.rewrite(statement, &text)]
}
