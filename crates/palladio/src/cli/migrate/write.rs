//! A release of a plan as migrations in a folder.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use model::Reading;
use model::dialect::Version;
use model::planned::Planned;
use model::step::Layout;

use super::super::output::remark;
use super::super::{End, World};
use super::args::WriteArgs;
use crate::migrate::folder::{self, Place, Written};
use crate::migrate::run::load;
use crate::sources::{self, Request};
use crate::{Failure, files};

pub(super) fn write(world: &World, args: &WriteArgs) -> Result<End, Failure> {
    let plan = load(&args.plan)?;
    into(world, &plan, &args.folder, args.layout, args.release)?;
    Ok(End::Clean)
}

/// Writes into the folder, behind what is in it.
pub(in crate::cli) fn into(
    world: &World,
    plan: &Planned,
    target: &Path,
    layout: Option<Layout>,
    release: u32,
) -> Result<(), Failure> {
    let place = place(world, target, layout)?;
    put(world, folder::written(plan, place, release), release)
}

/// Writes the files, and says so.
pub(super) fn put(world: &World, written: Written, release: u32) -> Result<(), Failure> {
    if written.files.is_empty() {
        return Err(Failure::new(format!("release {release} of the plan has no step to write")));
    }
    for (path, text) in &written.files {
        let whole = world.folder.join(path);
        let failed = |cause| Failure::new(format!("{path} cannot be written: {cause}"));
        if let Some(above) = whole.parent() {
            std::fs::create_dir_all(above).map_err(failed)?;
        }
        files::write(&whole, text.as_bytes()).map_err(failed)?;
    }
    if !world.global.quiet {
        let paths: Vec<&str> = written.files.iter().map(|(path, _)| path.as_str()).collect();
        remark(&format!("Wrote {}\n", paths.join("\n      ")));
        written.remarks.iter().for_each(|said| remark(&format!("{said}\n")));
    }
    Ok(())
}

/// What stands beside the migrations of a place.
pub(super) fn beside(world: &World, place: Place) -> Place {
    let home = place.home().to_owned();
    let inside =
        |name: &str, folder: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let below = if place.layout() == Layout::Drizzle { inside("meta", &home) } else { home };
    let entries = std::fs::read_dir(world.folder.join(&below)).into_iter().flatten().flatten();
    let texts = entries.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let wanted = name.ends_with(".json") || name.ends_with(".rb");
        let text = wanted.then(|| std::fs::read_to_string(entry.path()).ok()).flatten()?;
        Some((inside(&name, &below), text))
    });
    let texts: Vec<_> = texts.collect();
    place.beside(texts)
}

fn place(world: &World, target: &Path, layout: Option<Layout>) -> Result<Place, Failure> {
    let shown = files::shown(target);
    let reading = reading(world, target, &shown)?;
    if let Some(place) = reading.as_ref().and_then(|reading| Place::behind(reading).ok())
        && layout.is_none_or(|layout| layout == place.layout())
    {
        return Ok(beside(world, place));
    }
    let layout = layout.ok_or_else(|| {
        let words = folder::LAYOUTS.map(|(name, _)| name).join(", ");
        Failure::new(format!("nothing in {shown} says which tool runs its migrations"))
            .hint(format!("Say it: --layout TOOL, one of {words}"))
    })?;
    Ok(beside(world, Place::fresh(&shown, layout, &stamp())))
}

fn reading(world: &World, target: &Path, shown: &str) -> Result<Option<Reading>, Failure> {
    if !world.folder.join(target).is_dir() {
        return Ok(None);
    }
    let exclude = sources::globs(&[])?;
    let named = [shown.to_owned()];
    let folder = &world.folder;
    let request =
        Request { folder, sources: &named, exclude: &exclude, root: folder, stdin_filename: "stdin.sql", logs: false };
    // An empty folder is a place as well.
    let Ok(found) = sources::find(&request) else { return Ok(None) };
    let inputs = sources::load(folder, &found)?;
    Ok(Some(read::read(inputs, &read::Options { version: Version(17, 0), unreleased: None })))
}

/// The time as names of migrations have it: `20260311120000`.
fn stamp() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
    // Days since the first of March of the year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, shift) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + shift;
    format!("{year:04}{month:02}{date:02}{:02}{:02}{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
}
