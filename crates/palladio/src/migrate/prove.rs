//! `migrate prove`: a migration on a private server, with rows.

mod ahead;
mod application;
mod folder;
mod stage;

use std::collections::BTreeSet;

use live::prove::{Kept, Rows, Stage, Subject};
use live::sample::Ahead;
use migrate::diff::{Owners, Rename, Settings, diff, replaced_columns};
use model::object::Object;
use model::planned::Work;
use model::proven::Proven;
use model::{Kind, Name, Path, Planned, QName, Reading, Schema, Type};
use report::planned::Origin;

use crate::Failure;
use crate::diff::{Sides, of_scripts, roles};
pub use folder::{Which, folder};
pub use stage::Private;

/// What is known of a plan besides its schemas.
#[derive(Debug)]
pub struct Known<'a> {
    pub rows: Rows<'a>,
    /// Columns that old rows get another value in.
    pub filled: Vec<String>,
    /// Where the application's queries stand, before and after.
    pub queries: [&'a Reading; 2],
}

/// The two sides of a plan from its file. One that was edited no longer says what it was made for.
pub fn sides(plan: &Planned, origin: &Origin, shown: &str) -> Result<Sides, Failure> {
    let edited = |what: &str| {
        Failure::new(format!("{shown} was edited: {what}"))
            .hint("Steps may be changed and are proven as they are; for other schemas plan again")
            .hint("palladio migrate plan A B -o plan.json")
    };
    let sides = of_scripts([&origin.before, &origin.after], &origin.renames, plan.version)
        .map_err(|failure| edited(&format!("{failure}").replacen("error: ", "", 1)))?;
    let fingerprints = [&sides.before, &sides.after].map(model::Fingerprint::of);
    match fingerprints == [plan.from, plan.to] {
        true => Ok(sides),
        false if fingerprints[0] != plan.from => Err(edited("its schema before is not the one that it was made for")),
        false => Err(edited("its schema after is not the one that it leads to")),
    }
}

/// Refuses a plan that was made for another schema than this one.
pub fn is_for(plan: &Planned, now: &Schema, shown: [&str; 2]) -> Result<(), Failure> {
    let is = model::Fingerprint::of(now);
    if is == plan.from {
        return Ok(());
    }
    let [plan_shown, source] = shown;
    Err(Failure::new(format!(
        "{plan_shown} was made for another schema than {source}: its shape is {is}, not {}",
        plan.from
    ))
    .hint(format!("Plan again from there: palladio migrate plan {source} TARGET -o {plan_shown}")))
}

/// Rehearses the plan of the two sides.
pub fn prove(sides: &Sides, plan: &Planned, known: Known<'_>) -> Result<Proven, Failure> {
    let mut stage = Private::start(plan.version.0)?;
    let proven = prove_in(&mut stage, sides, plan, known);
    let mut proven = stage.explained(proven)?;
    proven.notes.extend(stage.note(plan.version.0));
    Ok(proven)
}

/// Rehearses the plan in two empty databases.
pub fn prove_in(stage: &mut dyn Stage, sides: &Sides, plan: &Planned, known: Known<'_>) -> Result<Proven, live::Error> {
    let mut client = stage.open(live::prove::Database::Target)?;
    for role in roles(&sides.before).into_iter().chain(roles(&sides.after)) {
        // The same role may be on both sides.
        let _ = client.batch_execute(&format!("CREATE ROLE {}", model::name::quoted(&role)));
    }
    drop(client);
    let scripts = [&sides.before, &sides.after].map(write::sql::postgres::schema);
    let gone = gone(sides);
    let rows = match known.rows {
        Rows::Made { count, mut without } => {
            without.extend(gone.iter().cloned());
            Rows::Made { count, without }
        }
        rows => rows,
    };
    let made = matches!(rows, Rows::Made { .. });
    let ahead = asked(sides, plan, &filled(&known.filled));
    let subject = Subject {
        plan,
        before: &ahead,
        scripts: [&scripts[0], &scripts[1]],
        rows,
        kept: kept(sides, &known.filled),
        filled: filled(&known.filled),
        queries: known.queries.map(application::queries),
    };
    let mut proven = live::prove::prove(&subject, stage, &differences(sides.settings.version))?;
    proven.notes.extend(ahead::note(&proven.obeyed));
    if made {
        let said = gone
            .iter()
            .map(|(ty, value)| format!("A row whose {ty} is '{value}' stops this: give it another value first"));
        proven.notes.extend(said);
    }
    Ok(proven)
}

/// What the target asks of the rows that are there, where the plan gives them no other values.
fn asked(sides: &Sides, plan: &Planned, filled: &BTreeSet<(QName, Name)>) -> Ahead {
    let renamed = |table: &QName, column: &Name| {
        sides.settings.renames.iter().any(|rename| match rename {
            Rename::Object { from, to } => [from, to].into_iter().any(|path| match path.kind {
                Kind::Table => path.qname() == *table,
                Kind::Column => path.qname() == *table && path.part == *column,
                _ => false,
            }),
            _ => false,
        })
    };
    let is_filled = |table: &QName, column: &Name| {
        filled.contains(&(table.clone(), column.clone()))
            || plan.steps.iter().any(|step| match &step.work {
                Work::Backfill(fill) => fill.table == *table && fill.set.iter().any(|(own, _)| own == column),
                _ => false,
            })
    };
    let follows = |table: &QName, column: &Name| !renamed(table, column) && !is_filled(table, column);
    ahead::of(&sides.before, &[&sides.after], &follows)
}

/// What is different between two schemas, as the statements that would lead from one to the other.
fn differences(version: model::dialect::Version) -> impl Fn(&Schema, &Schema) -> Vec<String> {
    let settings = Settings { renames: Vec::new(), owners: Owners::Ignored, privileges: true, version };
    move |one, other| {
        let found = diff(one, other, &settings);
        let left = found.left.iter().map(|path| format!("{} {path}", path.kind.sql().to_lowercase()));
        found.statements(one).into_iter().chain(left).collect()
    }
}

/// Values of enums that are taken away: a row that has one stops the migration, unless it is told what becomes of it.
fn gone(sides: &Sides) -> BTreeSet<(QName, Name)> {
    let mut found = BTreeSet::new();
    for old in sides.before.enums() {
        let Some(Object::Enum(new)) = sides.after.object(&Path::object(Kind::Enum, &old.name)) else { continue };
        let renamed = |value: &Name| {
            sides.settings.renames.iter().any(|rename| matches!(rename, Rename::Value { from, .. } if from == value))
        };
        let lost = old.values.iter().filter(|value| !new.values.contains(value) && !renamed(value));
        found.extend(lost.map(|value| (old.name.clone(), value.clone())));
    }
    found
}

/// The values of the type are written in another way after.
fn is_renamed_within(sides: &Sides, ty: &Type) -> bool {
    let Some(name) = ty.user_defined() else { return false };
    let composite = Path::object(Kind::Composite, name);
    if sides.before.object(&composite).is_some_and(|own| sides.after.object(&composite) != Some(own)) {
        return true;
    }
    let of_type = |rename: &Rename| matches!(rename, Rename::Value { ty, .. } | Rename::Attribute { ty, .. } if ty.qname() == *name);
    sides.settings.renames.iter().any(of_type)
}

fn filled(columns: &[String]) -> BTreeSet<(QName, Name)> {
    let words = |column: &String| {
        let words: Vec<&str> = column.split('.').collect();
        match words[..] {
            [table, column] => Some((QName::public(table), Name::from(column))),
            [schema, table, column] => Some((QName::new(schema, table), Name::from(column))),
            _ => None,
        }
    };
    columns.iter().filter_map(words).collect()
}

/// Columns of both sides, renames followed; those that the user fills get new values.
fn kept(sides: &Sides, filled: &[String]) -> Vec<Kept> {
    let renamed_table = |name: &QName| {
        let found = sides.settings.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if from.kind == Kind::Table && from.qname() == *name => Some(to.qname()),
            _ => None,
        });
        found.unwrap_or_else(|| name.clone())
    };
    let renamed_column = |table: &QName, name: &Name| {
        let found = sides.settings.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to }
                if from.kind == Kind::Column && from.qname() == *table && from.part == *name =>
            {
                Some(to.part.clone())
            }
            _ => None,
        });
        found.unwrap_or_else(|| name.clone())
    };
    let replaced = replaced_columns(&sides.before, &sides.after, &sides.settings.renames);
    let mut kept = Vec::new();
    for table in sides.before.tables().filter(|table| table.foreign.is_none()) {
        let after = renamed_table(&table.name);
        let moves = |name: &QName, other: &QName| {
            let of = |schema: &Schema, name: &QName| schema.table(name).and_then(|own| own.partition_of.clone());
            of(&sides.before, name).map(|of| renamed_table(&of.parent)) != of(&sides.after, other).map(|of| of.parent)
        };
        // Rows that go with a partition that comes or leaves are looked at there.
        let parts = || sides.before.children(&table.name).map(|child| (child.clone(), renamed_table(child)));
        let joining = sides
            .after
            .children(&after)
            .any(|child| sides.before.table(child).is_some_and(|own| own.partition_of.is_none()));
        if joining
            || parts().any(|(old, new)| moves(&old, &new))
            || table.partition_of.is_some() && !moves(&table.name, &after)
        {
            continue;
        }
        for column in &table.columns {
            let name = renamed_column(&table.name, &column.name);
            let whole = format!("{after}.{name}");
            if is_renamed_within(sides, &column.ty)
                || replaced.contains(&Path::column(&table.name, column.name.clone()))
            {
                continue;
            }
            let Some(new) = sides.after.column(&after, &name).filter(|_| !filled.contains(&whole)) else { continue };
            if new.generated.is_none() && column.generated.is_none() {
                let cast = (new.ty != column.ty).then(|| new.ty.to_string());
                let before = (table.name.clone(), column.name.clone());
                kept.push(Kept { before, after: (after.clone(), name), cast });
            }
        }
    }
    kept
}
