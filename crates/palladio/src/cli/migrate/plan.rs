//! `migrate plan` on the command line.

use std::path::Path;

use model::stats::Stats;
use report::planned::{self, Detail};

use super::super::diff::compared;
use super::super::output::{Output, remark};
use super::super::{End, World};
use super::args::{PlanArgs, PlanFormat, WayArgs};
use crate::diff::{Asked, Sides};
use crate::migrate::{folder, plan as verb};
use crate::{Failure, files, sources};

pub(super) fn plan(world: &World, args: &PlanArgs) -> Result<End, Failure> {
    let (sides, stats) = sides(world, &args.way)?;
    let made = verb::plan(&sides, &args.way.fills, stats.as_ref())?;
    let detail = if args.sql { Detail::Statements } else { Detail::Steps };
    let mut output = Output::standard();
    output.print(&match args.format {
        PlanFormat::Text => planned::text(&made.planned, &made.left, detail),
        PlanFormat::Json => planned::render(&made.planned),
    })?;
    if let Some(path) = &args.output {
        let mut file = Output::to(Some(path));
        file.print(&planned::render(&made.planned))?;
        file.finish()?;
        if !world.global.quiet {
            let shown = files::shown(path);
            remark(&format!("Wrote {shown}\nNext: palladio migrate run {shown} --db NAME --dry-run\n"));
        }
    }
    if args.write {
        let migrations = folder::migrations(&made.planned, &sides.readings[0], args.release)?;
        for (path, text) in &migrations {
            let whole = world.folder.join(path);
            let failed = |cause| Failure::new(format!("{path} cannot be written: {cause}"));
            if let Some(above) = whole.parent() {
                std::fs::create_dir_all(above).map_err(failed)?;
            }
            files::write(&whole, text.as_bytes()).map_err(failed)?;
        }
        if !world.global.quiet {
            let paths: Vec<&str> = migrations.iter().map(|(path, _)| path.as_str()).collect();
            remark(&format!("Wrote {}\n", paths.join("\n      ")));
        }
    }
    match made.left.first() {
        None => Ok(End::Clean),
        Some(path) => Err(Failure::new(format!("the plan does not reach {} {path}", path.kind.sql().to_lowercase()))
            .hint("No ALTER leads there: make it beside the old one and move the rows")),
    }
}

/// Both sides, and the statistics if there are any.
pub(super) fn sides(world: &World, way: &WayArgs) -> Result<(Sides, Option<Stats>), Failure> {
    let asked = Asked { renames: way.renames.clone(), drops: way.drops.clone(), fills: way.fills.clone() };
    let sides = compared(world, [&way.before, &way.after], &asked, way.pg_version)?;
    let stats = way.stats.as_deref().map(|path| stats(world, path)).transpose()?;
    Ok((sides, stats))
}

fn stats(world: &World, path: &Path) -> Result<Stats, Failure> {
    let shown = files::shown(path);
    let source = sources::Source::File { path: shown.clone(), named: true };
    let inputs = sources::load(&world.folder, &[source])?;
    let options = read::Options { version: model::dialect::Version(17, 0), unreleased: None };
    let reading = read::read(inputs, &options);
    reading.stats.ok_or_else(|| {
        Failure::new(format!("{shown} holds no statistics"))
            .hint("Make them: palladio stats export --db NAME -o stats.json")
    })
}
