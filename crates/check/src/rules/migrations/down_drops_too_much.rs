use model::{Change, Kind, Migration, Path};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::is_plain;
use crate::rule::Check;

rule! {
    /// The undo drops something that was there before the migration; take only away what the migration made.
    ///
    /// Whoever steps back one migration loses a table, a column or a constraint of an earlier one, with all its rows, and the
    /// migration cannot be applied again.
    ///
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2_email.up.sql
    /// ALTER TABLE users ADD COLUMN email text;
    /// -- file: migrations/2_email.down.sql
    /// DROP TABLE users;
    /// ```
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2_email.up.sql
    /// ALTER TABLE users ADD COLUMN email text;
    /// -- file: migrations/2_email.down.sql
    /// ALTER TABLE users DROP COLUMN email, DROP COLUMN name;
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2_email.up.sql
    /// ALTER TABLE users ADD COLUMN email text;
    /// -- file: migrations/2_email.down.sql
    /// ALTER TABLE users DROP COLUMN email;
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- file: migrations/2_index.up.sql
    /// DROP TABLE users;
    /// CREATE TABLE users (id bigint PRIMARY KEY, mail text);
    /// -- file: migrations/2_index.down.sql
    /// DROP TABLE users;
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// ```
    "M050", error, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for pair in migrations.windows(2) {
        let [up, down] = pair else { continue };
        let paired = !up.down && down.down && up.name == down.name;
        if !paired || !is_plain(&up.steps) || !is_plain(&down.steps) {
            continue;
        }
        let (Some(first), Some(end)) = (up.steps.first(), findings.sight().undone(down)) else { continue };
        for step in &down.steps {
            for (change, place) in step.placed_changes() {
                let Change::Drop { path, .. } = change else { continue };
                let made_in_between = !step.before.contains(path) || made_anew(up, path);
                if !counts(path) || !first.before.contains(path) || end.contains(path) || made_in_between {
                    continue;
                }
                findings
                    .here(place, format!("{path} was there before {}", up.name))
                    .about(path.clone())
                    .words("DROP")
                    .why("stepping back one migration takes it away, with what it holds");
            }
        }
    }
}

/// What can be told to be the same thing by its name.
fn counts(path: &Path) -> bool {
    matches!(
        path.kind,
        Kind::Table | Kind::Column | Kind::View | Kind::MaterializedView | Kind::Enum | Kind::Domain | Kind::Namespace
    )
}

/// The migration put a thing of its own under that name.
fn made_anew(up: &Migration, path: &Path) -> bool {
    let mut changes = up.steps.iter().flat_map(|step| &step.changes);
    changes.any(|change| match change {
        Change::Create { path: made, .. } | Change::Replace { path: made, .. } => made == path,
        Change::Rename { path: renamed, to } => renamed.kind == path.kind && (to == path.last() || renamed == path),
        Change::Drop { .. } | Change::Move { .. } | Change::Alter { .. } => false,
    })
}
