//! `diff`: the changes that lead from one source to another, both of any kind.

mod alike;
mod renames;
mod side;

use migrate::diff::{Diff, Likely, LostValue, Owners, Rename, Settings, diff as between, likely, lost_values, renamed};
use model::dialect::Version;
use model::{Path, Reading, Schema};
use report::differences::Difference;

use crate::Failure;
pub(crate) use alike::roles;
pub(crate) use renames::said as rename_said;
pub use renames::value;
pub use side::Side;

/// What the user says about the difference.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `old=new`
    pub renames: Vec<String>,
    /// What is dropped, and not renamed.
    pub drops: Vec<String>,
    /// `type.value=other` among others: rows that have the value go on with another one.
    pub fills: Vec<String>,
}

/// Two schemas, ready to be compared.
#[derive(Debug)]
pub struct Sides {
    /// What was read: the sources, and the queries in them.
    pub readings: [Reading; 2],
    pub before: Schema,
    pub after: Schema,
    pub settings: Settings,
    /// What the user should know of the comparison: what was left out, and how sure it is.
    pub remarks: Vec<String>,
}

/// Two schemas as SQL, with what has another name in the second.
pub(crate) fn of_scripts(scripts: [&str; 2], renames: &[String], version: Version) -> Result<Sides, Failure> {
    let options = read::Options { version, unreleased: None };
    let readings = scripts.map(|script| read::read(vec![read::Input::new("schema.sql", script)], &options));
    let [before, after] = [readings[0].schema.clone(), readings[1].schema.clone()];
    let renames: Result<Vec<Rename>, Failure> =
        renames.iter().map(|text| renames::named(&before, &after, text)).collect();
    let owners = match [&before, &after].iter().all(|schema| schema.owners().next().is_some()) {
        true => Owners::Named,
        false => Owners::Ignored,
    };
    let settings = Settings { version, renames: renames?, owners, privileges: true };
    Ok(Sides { readings, before, after, settings, remarks: Vec::new() })
}

/// Makes two sources comparable.
pub fn sides(before: Side, after: Side, asked: &Asked, version: Version) -> Result<Sides, Failure> {
    let mut remarks = Vec::new();
    let said = [before.reading.schema.clone(), after.reading.schema.clone()];
    let one_is_running = before.database.is_some() != after.database.is_some();
    let both_are_running = before.database.is_some() && after.database.is_some();
    // A database knows of every owner and privilege; a file may speak of some things alone, or of none.
    let owners = match said.iter().all(|schema| schema.owners().next().is_some()) {
        _ if both_are_running => Owners::All,
        true => Owners::Named,
        false => Owners::Ignored,
    };
    let privileges = !one_is_running || said.iter().all(|schema| schema.grants().next().is_some());
    if one_is_running && !privileges {
        let file = if before.database.is_some() { &after } else { &before };
        remarks.push(format!("privileges are not compared: {} grants nothing", file.name));
    }
    let (mut one, mut other) = (said[0].clone(), said[1].clone());
    if one_is_running {
        let (side, schema) = if before.database.is_some() { (&after, &mut other) } else { (&before, &mut one) };
        match alike::as_printed(schema, version) {
            Ok(printed) => *schema = printed,
            Err(why) => remarks.push(format!("{} is compared as it is written: {why}", side.name)),
        }
    }
    let mut renames = renames::noted(&one, &after.reading);
    for text in &asked.renames {
        renames.push(renames::named(&one, &other, text)?);
    }
    renames.extend(asked.fills.iter().filter_map(|text| renames::value(&one, &other, text)));
    renames.sort();
    renames.dedup();
    let settings = Settings { version, renames, owners, privileges };
    let readings = [before.reading, after.reading];
    Ok(Sides { readings, before: one, after: other, settings, remarks })
}

impl Sides {
    /// The renames that nobody named and nobody ruled out.
    pub fn questions(&self, asked: &Asked) -> Vec<Likely> {
        let before = renamed(&self.before, &self.settings.renames);
        let open = likely(&before, &self.after).into_iter();
        open.filter(|one| !asked.drops.iter().any(|drop| drop.trim() == one.old)).collect()
    }

    /// Values that enums lose while rows may have them, and of which nobody said what becomes of those.
    pub fn lost(&self, asked: &Asked) -> Vec<LostValue> {
        let lost = lost_values(&self.before, &self.after, &self.settings.renames).into_iter();
        let answered = |lost: &LostValue| asked.drops.iter().any(|drop| drop.trim() == shown(lost));
        lost.filter(|lost| !lost.columns.is_empty() && !answered(lost)).collect()
    }

    pub fn answer(&mut self, rename: Rename) {
        self.settings.renames.push(rename);
    }

    pub fn diff(&self) -> Diff {
        between(&self.before, &self.after, &self.settings)
    }

    /// Each change with its statements.
    pub fn differences<'a>(&self, diff: &'a Diff) -> Vec<Difference<'a>> {
        let mut now = self.before.clone();
        let mut found = Vec::new();
        for act in &diff.acts {
            let statements = write::sql::postgres::change_as(&now, &act.change, &act.how);
            found.push(Difference { change: &act.change, before: now.clone(), statements });
            model::apply(&mut now, &act.change).expect("the acts of a difference were tried in this order");
        }
        found
    }
}

/// `status.odd`, as a flag says it.
fn shown(lost: &LostValue) -> String {
    format!("{}.{}", lost.ty, model::name::quoted(&lost.value))
}

/// A row that has such a value would stop the migration half-way: what is to become of it is said before.
pub fn unmapped(lost: &[LostValue]) -> Failure {
    let words = |paths: &[Path]| {
        let first: Vec<String> = paths.iter().take(3).map(ToString::to_string).collect();
        let more = if paths.len() > first.len() { ", …" } else { "" };
        format!("{}{more}", first.join(", "))
    };
    let what = match lost {
        [one] => format!("{} loses {}, and rows of {} may have it", one.ty, quoted(one), words(&one.columns)),
        several => format!("{} values go away while rows may have them", several.len()),
    };
    let mut failure = Failure::new(what);
    for one in lost {
        let name = shown(one);
        failure = failure.hint(format!(
            "--rename {name}=OTHER gives such rows another value (migrate plan takes --fill {name}=OTHER as well); \
             --drop {name} where no row has it"
        ));
    }
    failure
}

fn quoted(lost: &LostValue) -> String {
    model::name::literal(&lost.value)
}

/// Nothing is dropped by a guess: the flags that answer each question.
pub fn unanswered(questions: &[Likely]) -> Failure {
    let what = match questions {
        [one] => format!("{} may be {} under its old name", one.old, one.new),
        several => format!("{} things may be renamed and not dropped", several.len()),
    };
    let mut failure = Failure::new(what);
    for one in questions {
        failure = failure.hint(format!("--rename {}={} keeps it; --drop {} drops it", one.old, one.new, one.old));
    }
    failure
}
