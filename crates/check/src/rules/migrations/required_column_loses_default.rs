use std::collections::BTreeMap;

use model::{Aspect, Change, Kind, LockMode, Migration, Path, Place, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// A NOT NULL column loses its default, so every INSERT that leaves the column out fails; drop the default one release after the last such INSERT.
    ///
    /// The old release still runs. It was written while the default was there, and PostgreSQL answers its INSERT with "null
    /// value violates not-null constraint".
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';
    /// ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
    /// ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'open';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN status DROP NOT NULL, ALTER COLUMN status DROP DEFAULT;
    /// ```
    "M034", Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut lost: BTreeMap<&Path, Place> = BTreeMap::new();
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                let path = change.path();
                match change {
                    Change::Alter { aspect: Aspect::Default(None), .. } if loses(step, path) => {
                        lost.insert(path, place);
                    }
                    // It has a value again, needs none, or is gone.
                    Change::Alter {
                        aspect: Aspect::Default(Some(_)) | Aspect::Identity(Some(_)) | Aspect::NotNull(None),
                        ..
                    } => {
                        lost.remove(path);
                    }
                    Change::Drop { .. } | Change::Rename { .. } => {
                        lost.retain(|column, _| {
                            *column != path && (path.kind != Kind::Table || column.qname() != path.qname())
                        });
                    }
                    _ => {}
                }
            }
        }
        let changes = migration.steps.iter().flat_map(|step| &step.changes);
        // One statement may do both, in any order.
        lost.retain(|column, _| !changes.clone().any(|change| is_made_nullable(change, column)));
        for (column, place) in lost {
            let table = column.qname();
            findings
                .here(place, format!("an INSERT into {table} that leaves {} out fails", column.part))
                .about(column.clone())
                .words("DROP DEFAULT")
                .why("the column is NOT NULL, and the old release may rely on its default")
                .locks(&table, LockMode::AccessExclusive);
        }
    }
}

fn is_made_nullable(change: &Change, column: &Path) -> bool {
    matches!(change, Change::Alter { path, aspect: Aspect::NotNull(None) } if path == column)
}

fn loses(step: &Step, path: &Path) -> bool {
    let column = step.before.column(&path.qname(), &path.part);
    let required = column.is_some_and(|column| !column.is_nullable() && column.default.is_some());
    // A default that the migration itself set for a while is relied on by nobody.
    let had_none = step.base.column(&path.qname(), &path.part).is_some_and(|column| column.default.is_none());
    path.kind == Kind::Column && required && !had_none && step.table_existed(&path.qname())
}
