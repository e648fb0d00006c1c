use std::collections::BTreeSet;

use model::object::Object;
use model::{Change, Kind, Migration, Path, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::is_plain;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// The undo leaves something of the migration behind; drop it too.
    ///
    /// After a step back the migration cannot be applied again: it stops at the thing that is still there. Until then the old
    /// release lives with what it does not know, a NOT NULL column or a trigger among it.
    ///
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TYPE role AS ENUM ('reader', 'editor');
    /// CREATE TABLE users (id bigint PRIMARY KEY, role role);
    /// -- file: migrations/1_users.down.sql
    /// DROP TABLE users;
    /// ```
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2_email.up.sql
    /// ALTER TABLE users ADD COLUMN email text, ADD COLUMN phone text;
    /// -- file: migrations/2_email.down.sql
    /// ALTER TABLE users DROP COLUMN email;
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_users.up.sql
    /// CREATE TYPE role AS ENUM ('reader', 'editor');
    /// CREATE TABLE users (id bigint PRIMARY KEY, role role);
    /// CREATE INDEX users_role ON users (role);
    /// -- file: migrations/1_users.down.sql
    /// DROP TABLE users;
    /// DROP TYPE role;
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_extension.up.sql
    /// CREATE EXTENSION IF NOT EXISTS pg_trgm;
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/1_extension.down.sql
    /// DROP TABLE users;
    /// ```
    "M051", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    // What another undo takes away is only in the wrong place, which is another rule's.
    let downs = migrations.iter().filter(|migration| migration.down);
    let dropped: BTreeSet<Path> =
        downs.flat_map(|down| &down.steps).flat_map(|step| &step.changes).filter_map(drops).map(by_name).collect();
    for pair in migrations.windows(2) {
        let [up, down] = pair else { continue };
        let paired = !up.down && down.down && up.name == down.name;
        if !paired || !is_plain(&up.steps) || !is_plain(&down.steps) {
            continue;
        }
        let (Some(first), Some(last)) = (up.steps.first(), down.steps.last()) else { continue };
        // An undo is read in the database that its migration left.
        let (Some(left_by_up), Some(end)) =
            (down.steps.first().map(|step| &step.before), findings.sight().undone(down))
        else {
            continue;
        };
        // A step back that mends nothing is said to be none.
        let undoes = down.steps.iter().any(|step| !step.changes.is_empty());
        let mut left: Vec<&Path> = Vec::new();
        for path in up.steps.iter().flat_map(made) {
            let stays = left_by_up.contains(path) && end.contains(path) && !first.before.contains(path);
            let elsewhere = dropped.contains(&by_name(path)) || dropped.contains(&Path::table(&path.qname()));
            let stays = stays && (!elsewhere || down.steps.iter().any(|step| says(step, path)));
            if undoes && stays && !left.contains(&path) && !with_owner(&left, path) {
                left.push(path);
            }
        }
        if left.is_empty() {
            continue;
        }
        let drops: Option<Vec<String>> = left.iter().rev().map(|path| drop_of(path)).collect();
        let edits = drops.map(|drops| findings.then(last.place, &drops.join(";\n"))).into_iter().collect();
        let names = listed(left.iter().map(|path| format!("{} {path}", path.kind.sql().to_lowercase())));
        findings
            .here(last.place, format!("{names} of {} stays behind", up.name))
            .first_line()
            .why("the migration cannot be applied again after it was undone")
            .unsafe_edit("drop it as well", edits);
    }
}

/// What the step makes that stands for itself or can be told by its name; indexes and constraints go with their columns.
fn made(step: &Step) -> impl Iterator<Item = &Path> {
    step.changes.iter().filter_map(|change| match change {
        Change::Create { path, object } => match object {
            Object::Table(_) | Object::View(_) | Object::Enum(_) | Object::Domain(_) | Object::Composite(_) => {
                Some(path)
            }
            Object::Column(_) | Object::Trigger(_) | Object::Policy(_) => Some(path),
            Object::Index(index) if !index.name.is_empty() && !index.inherited => Some(path),
            Object::Constraint(constraint) if !constraint.name.is_empty() => Some(path),
            _ => None,
        },
        _ => None,
    })
}

/// An index is dropped by its name alone, whatever its table.
fn by_name(path: &Path) -> Path {
    match path.kind {
        Kind::Index => Path { name: model::Name::default(), ..path.clone() },
        _ => path.clone(),
    }
}

fn drops(change: &Change) -> Option<&Path> {
    match change {
        Change::Drop { path, .. } => Some(path),
        _ => None,
    }
}

/// The step wants to drop it, and cannot.
fn says(step: &Step, path: &Path) -> bool {
    step.changes.iter().filter_map(drops).any(|dropped| dropped == path)
}

/// The table is in the list already.
fn with_owner(left: &[&Path], path: &Path) -> bool {
    path.kind.is_part() && left.iter().any(|other| !other.kind.is_part() && other.qname() == path.qname())
}

fn drop_of(path: &Path) -> Option<String> {
    let part = model::name::quoted(&path.part);
    Some(match path.kind {
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Enum | Kind::Domain | Kind::Composite => {
            format!("DROP {} {path}", path.kind.sql())
        }
        Kind::Index => format!("DROP INDEX {path}"),
        Kind::Column | Kind::Constraint => format!("ALTER TABLE {} DROP {} {part}", path.qname(), path.kind.sql()),
        Kind::Trigger | Kind::Policy => format!("DROP {} {part} ON {}", path.kind.sql(), path.qname()),
        _ => return None,
    })
}
