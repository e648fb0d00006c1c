use model::object::Object;
use model::step::Action;
use model::{Aspect, Change, Expr, Kind, Migration, Name, Query, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A new enum value is used in the transaction that adds it, which PostgreSQL refuses; commit first.
    ///
    /// The answer is "unsafe use of new value": until the commit no row and no index may hold it. The migration fails, even
    /// on an empty database. Since PostgreSQL 17 what is added to an enum that the same transaction creates may be used at
    /// once.
    ///
    /// ```sql,bad
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// -- next migration
    /// BEGIN;
    /// ALTER TYPE status ADD VALUE 'lost';
    /// UPDATE orders SET status = 'lost' WHERE id = 1;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// -- next migration
    /// ALTER TYPE status ADD VALUE 'lost';
    /// UPDATE orders SET status = 'lost' WHERE id = 1;
    /// ```
    "M023", error, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let new_is_usable = findings.dialect().alter.enum_value_of_new_type_usable.at(findings.settings.version);
    for migration in migrations.iter().filter(|migration| !migration.down) {
        let mut added: Vec<(&Step, &Name, String)> = Vec::new();
        for step in migration.steps.iter().filter(|step| step.transaction.is_open()) {
            let used =
                added.iter().find(|(adding, value, _)| adding.transaction == step.transaction && uses(step, value));
            if let Some((_, value, name)) = used {
                let edits = findings.commit_before(step);
                findings
                    .here(
                        step.place,
                        format!("'{value}' of {name} cannot be used before the transaction that adds it commits"),
                    )
                    .words(&format!("'{value}'"))
                    .refused("55P04")
                    .unsafe_edit("commit the value first", edits);
            }
            for change in &step.changes {
                let Change::Alter { path, aspect: Aspect::AddValue { value, .. } } = change else { continue };
                let made_here = migration.steps.iter().any(|other| {
                    let makes = |change: &Change| matches!(change, Change::Create { path: new, .. } if new == path);
                    other.transaction == step.transaction && other.changes.iter().any(makes)
                });
                if path.kind == Kind::Enum && !(made_here && new_is_usable) {
                    added.push((step, value, path.to_string()));
                }
            }
        }
    }
}

/// The statement evaluates the value: a literal in a query, or a default that new rows would take.
fn uses(step: &Step, value: &Name) -> bool {
    let mut found = false;
    let mut look = |expr: &Expr| expr.walk(&mut |part| found |= matches!(part, Expr::String(text) if text == value));
    if let Action::Query(query) = &step.action {
        query.walk(&mut |level: &Query| level.expressions().into_iter().for_each(&mut look));
    }
    for change in &step.changes {
        match change {
            Change::Create { object: Object::Column(column), .. } => column.default.iter().for_each(&mut look),
            Change::Create { object: Object::Index(index), .. } => index.predicate.iter().for_each(&mut look),
            Change::Alter { aspect: Aspect::Default(Some(default)), .. } => look(default),
            _ => {}
        }
    }
    found
}
