use model::object::Object;
use model::{Change, Kind, Migration, Path};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// CREATE OR REPLACE with other arguments makes a second function beside the first; drop the old one, if it is to be replaced.
    ///
    /// A function is known by its name and the types of its arguments. The old one stays and is still called by whoever
    /// passes the old arguments; a call that fits both is refused as "not unique".
    ///
    /// ```sql,bad
    /// CREATE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.19';
    /// -- next migration
    /// CREATE OR REPLACE FUNCTION net(gross numeric, rate numeric DEFAULT 0.19) RETURNS numeric LANGUAGE sql IMMUTABLE
    /// AS 'SELECT gross / (1 + rate)';
    /// ```
    /// ```sql,bad
    /// CREATE FUNCTION area(side integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT side * side';
    /// -- next migration
    /// CREATE OR REPLACE FUNCTION area(side numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT side * side';
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.19';
    /// -- next migration
    /// CREATE OR REPLACE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.2';
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION area(side integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT side * side';
    /// -- next migration
    /// CREATE OR REPLACE FUNCTION area(side numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT side * side';
    /// DROP FUNCTION area(integer);
    /// ```
    "M048", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                let Change::Replace { path, object: Object::Routine(routine) } = change else { continue };
                if step.before.contains(path) || !matches!(path.kind, Kind::Function | Kind::Procedure) {
                    continue;
                }
                let others: Vec<&Path> = step.before.overloads(&routine.name).collect();
                // Where there are several already, overloads are meant.
                let [old] = others[..] else { continue };
                if old.kind != path.kind || !step.existed(old) || is_dropped(migration, old) {
                    continue;
                }
                let drop = format!("DROP {} {old};\n", old.kind.sql());
                let edits = if step.conditional { Vec::new() } else { vec![findings.first(step.place, &drop)] };
                findings
                    .here(place, format!("{old} is still there beside {path}"))
                    .about(path.clone())
                    .words("CREATE OR REPLACE")
                    .label("makes another one")
                    .why(format!("the arguments are part of the name: ({}) is not ({})", path.part, old.part))
                    .unsafe_edit("drop the old one", edits);
            }
        }
    }
}

fn is_dropped(migration: &Migration, routine: &Path) -> bool {
    let mut changes = migration.steps.iter().flat_map(|step| &step.changes);
    changes.any(|change| match change {
        Change::Drop { path, .. } | Change::Rename { path, .. } | Change::Move { path, .. } => path == routine,
        _ => false,
    })
}
