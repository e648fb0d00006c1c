use model::object::Constraint;
use model::object::{ConstraintKind, Key, Persistence, Table};
use model::{Change, Name, Path, Schema, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// A table without a primary key cannot name its rows; give it one.
    ///
    /// The same row may stand in it twice and nobody can delete one of the two. Logical replication refuses UPDATE and
    /// DELETE on the table unless it sends whole rows, and no foreign key can point at it.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (page text, seen_at timestamptz);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE tags (name text NOT NULL UNIQUE);
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, page text, seen_at timestamptz);
    /// ```
    "K001", fix, Check::Table(check)
}

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let ordinary = table.foreign.is_none() && table.persistence != Persistence::Temporary && table.inherits.is_empty();
    if !ordinary || table.columns.is_empty() || table.primary_key().is_some() {
        return;
    }
    let draft = findings.at(&Path::table(&table.name), format!("{} has no primary key", table.name));
    let draft = match has_unique_rows(table) {
        true => draft
            .why("its rows are unique, but logical replication refuses UPDATE and DELETE without a replica identity")
            .severity(Severity::Note),
        false => draft.why("two equal rows cannot be told apart; logical replication refuses UPDATE and DELETE"),
    };
    if let Some(unique) = promotable(table) {
        let ConstraintKind::Unique(key) = &unique.kind else { return };
        let key = Key { columns: key.columns.clone(), include: key.include.clone(), ..Key::default() };
        let columns = comma(&key.columns);
        draft.why(format!("({columns}) is unique and never NULL: it can be the key")).fix(
            format!("make ({columns}) the primary key"),
            vec![
                Change::drop(Path::constraint(&table.name, unique.name.clone())),
                Change::add_constraint(&table.name, Constraint::new(Name::default(), ConstraintKind::PrimaryKey(key))),
            ],
        );
    }
}

/// A unique index over columns that are never NULL tells rows apart as well.
fn has_unique_rows(table: &Table) -> bool {
    let is_required = |name: &&Name| table.column(name).is_some_and(|column| !column.is_nullable());
    table.unique_keys().any(|key| key.iter().all(is_required))
}

/// A unique constraint that could be the primary key: nothing of it is NULL, and nothing depends on it by its kind.
fn promotable(table: &Table) -> Option<&Constraint> {
    table.constraints.iter().find(|constraint| {
        let ConstraintKind::Unique(key) = &constraint.kind else { return false };
        let is_required = |name: &Name| table.column(name).is_some_and(|column| !column.is_nullable());
        !table.is_partitioned() && key.columns.iter().all(is_required)
    })
}
