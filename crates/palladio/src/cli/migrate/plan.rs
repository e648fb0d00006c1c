//! `migrate plan` on the command line.

use std::path::Path;

use migrate::plan::Grace;
use model::Kind;
use model::stats::Stats;
use report::planned::{self, Detail};

use super::super::diff::compared;
use super::super::output::{Output, remark};
use super::super::{End, World};
use super::args::{GraceFor, PlanArgs, PlanFormat, WayArgs};
use super::write;
use crate::diff::Sides;
use crate::migrate::{folder, plan as verb};
use crate::{Failure, files, sources};

pub(super) fn plan(world: &World, args: &PlanArgs) -> Result<End, Failure> {
    let (sides, stats) = sides(world, [&args.before, &args.after], &args.way)?;
    let made = verb::plan(&sides, &asked(&args.way), stats.as_ref())?;
    let whole = || planned::render(&made.planned, Some(&verb::origin(&sides, &args.way.fills)));
    let detail = if args.sql { Detail::Statements } else { Detail::Steps };
    let mut output = Output::standard();
    output.print(&match args.format {
        PlanFormat::Text => planned::text(&made.planned, &made.left, detail),
        PlanFormat::Json => whole(),
    })?;
    let is_folder = |path: &Path| args.layout.is_some() || world.folder.join(path).is_dir();
    match &args.output {
        Some(path) if is_folder(path) => write::into(world, &made.planned, path, args.layout, args.release)?,
        Some(path) => {
            let mut file = Output::to(Some(path));
            file.print(&whole())?;
            file.finish()?;
            if !world.global.quiet {
                let shown = files::shown(path);
                remark(&format!("Wrote {shown}\nNext: palladio migrate prove {shown}\n"));
            }
        }
        None => {}
    }
    if args.write {
        let place = write::beside(world, folder::Place::behind(&sides.readings[0])?);
        write::put(world, folder::written(&made.planned, place, args.release), args.release)?;
    }
    match made.left.first() {
        None => Ok(End::Clean),
        Some(path) => Err(Failure::new(format!("the plan does not reach {} {path}", path.kind.sql().to_lowercase()))
            .hint(match path.kind {
                Kind::Table => {
                    "A table is made beside the old one when both have a unique key in common, its partitions have new \
                     names, and a new column that takes no NULL has a --fill"
                }
                _ => "No ALTER leads there: make it beside the old one and move the rows",
            })),
    }
}

/// What the user says about the way.
pub(super) fn asked(way: &WayArgs) -> verb::Asked {
    let grace = match way.grace {
        GraceFor::None => Grace::None,
        GraceFor::Tables => Grace::Tables,
        GraceFor::Columns => Grace::Columns,
    };
    verb::Asked { fills: way.fills.clone(), moves: way.moves.clone(), pairs: way.pairs.clone(), grace: Some(grace) }
}

/// What is no rename: also what the user moves away, and whatever other columns are made of.
fn drops(way: &WayArgs) -> Vec<String> {
    let mut drops = way.drops.clone();
    for (target, value) in way.fills.iter().chain(&way.moves).filter_map(|text| text.split_once('=')) {
        let target = target.trim();
        drops.push(target.to_owned());
        let table = target.rsplit_once('.').map_or("", |(table, _)| table);
        let words =
            value.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty());
        drops.extend(words.map(|word| format!("{table}.{word}")));
    }
    drops
}

/// Both sides, and the statistics if there are any.
pub(super) fn sides(world: &World, words: [&String; 2], way: &WayArgs) -> Result<(Sides, Option<Stats>), Failure> {
    let renames = crate::diff::Asked { renames: way.renames.clone(), drops: drops(way) };
    let sides = compared(world, words, &renames, way.pg_version)?;
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
