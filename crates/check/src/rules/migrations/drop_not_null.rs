use model::{Aspect, Change, Kind, LockMode, Migration, Path};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// DROP NOT NULL lets NULL into a column that readers take for granted; make them ready first.
    ///
    /// The old release still runs and reads the column as if it always had a value: its first NULL is an error there. The
    /// way back needs a scan of the table and fails on every NULL that came in meanwhile.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');
    /// -- next migration
    /// ALTER TABLE orders ALTER status DROP DEFAULT, ALTER status DROP NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
    /// ALTER TABLE users DROP COLUMN email;
    /// ```
    "M033", note, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        for (index, step) in migration.steps.iter().enumerate() {
            for (change, place) in step.placed_changes() {
                let Change::Alter { path, aspect: Aspect::NotNull(None) } = change else { continue };
                let table = path.qname();
                let was_required = step.before.column(&table, &path.part).is_some_and(|column| !column.is_nullable());
                if path.kind != Kind::Column || !was_required || !step.table_existed(&table) || !step.existed(path) {
                    continue;
                }
                let later = migration.steps[index..].iter().flat_map(|step| &step.changes);
                if later.into_iter().any(|change| undoes(change, path)) {
                    continue;
                }
                findings
                    .here(place, format!("readers of {path} may meet NULL"))
                    .about(path.clone())
                    .words("DROP NOT NULL")
                    .label(format!("ACCESS EXCLUSIVE on {table}"))
                    .why("the old release was written for a column that always has a value")
                    .locks(&table, LockMode::AccessExclusive);
            }
        }
    }
}

/// The column goes away, or is NOT NULL again.
fn undoes(change: &Change, column: &Path) -> bool {
    match change {
        Change::Drop { path, .. } => path == column || (path.kind == Kind::Table && path.qname() == column.qname()),
        Change::Alter { path, aspect: Aspect::NotNull(Some(_)) } => path == column,
        _ => false,
    }
}
