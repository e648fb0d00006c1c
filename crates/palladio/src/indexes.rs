//! Indexes that come and go, as a migration: what `health` finds and what `advise` advises take the same way.

use migrate::diff::{Owners, Settings};
use model::dialect::Version;
use model::planned::{Planned, PlannedStep, Undo, Work};
use model::stats::Stats;
use model::{Change, QName, Schema, apply};

use crate::Failure;

/// The plan that makes and drops these, one after the other and in one release: no application has to change for it. What
/// the schema does not take is an error.
pub fn planned(schema: &Schema, changes: &[Change], version: Version, stats: &Stats) -> Result<Planned, Failure> {
    let mut after = schema.clone();
    for change in changes {
        apply(&mut after, change)
            .map_err(|refusal| Failure::new(format!("{} cannot be planned: {refusal}", change.path())))?;
    }
    let diff = Settings { version, renames: Vec::new(), owners: Owners::Ignored, privileges: false };
    let mut settings = migrate::plan::Settings::new(diff.clone());
    settings.rows = stats.tables.iter().map(|(name, table)| (name.clone(), table.rows)).collect();
    let diff = migrate::diff(schema, &after, &diff);
    let mut planned = migrate::plan(schema, &after, &diff, &settings).planned;
    planned.steps.retain(|step| step.work != Work::Deploy);
    planned.steps.iter_mut().for_each(|step| step.release = RELEASE);
    // What could not be built once is not built by taking its end back.
    let broken: Vec<String> = changes.iter().filter_map(|change| invalid(schema, change)).collect();
    for step in &mut planned.steps {
        let drops = |statement: &&str| broken.iter().any(|end| statement.trim_end_matches(';').ends_with(end));
        if step.work.statements().iter().any(drops) {
            step.undo = Undo::Nothing;
        }
    }
    planned.title = title(&planned.steps);
    Ok(planned)
}

/// The one in which all of it is.
pub const RELEASE: u32 = 1;

fn title(steps: &[PlannedStep]) -> String {
    report::count::counted(steps.len(), "step") + " about indexes"
}

/// How the statement ends that drops an INVALID index.
fn invalid(schema: &Schema, change: &Change) -> Option<String> {
    let Change::Drop { path, .. } = change else { return None };
    let name = QName::new(path.qname().schema, path.part.clone());
    schema.index(&name).filter(|(_, index)| !index.valid).map(|_| format!(" {name}"))
}

/// The change that drops an index, by its name.
pub fn drop(schema: &Schema, index: &QName) -> Option<Change> {
    let (table, index) = schema.index(index)?;
    Some(Change::drop(model::Path::index(&table, index.name.clone())))
}
