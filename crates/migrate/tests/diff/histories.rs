//! Real histories of migrations: from the schema after each migration to the one after the next, in the model, and on
//! a server that walks the whole way. `PALLADIO_CORPUS=folder UPDATE=1 cargo test -p migrate --test diff histories`
//! prints the page, where the folder holds `postgres/owner+name` for each project.

mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use live::testing::original::filled_in;
use migrate::diff::{Rename, Settings, diff, likely};
use model::change::Aspect;
use model::dialect::Version;
use model::step::Step;
use model::{Change, Kind, Reading, Schema};
use read::Input;

use crate::{doc, servers};

/// One migration: the schema before it, its steps, and the schema after it.
pub(crate) struct Leg<'a> {
    name: String,
    before: Schema,
    steps: &'a [Step],
    after: Schema,
}

/// What came of a project.
#[derive(Default)]
struct Score {
    legs: usize,
    reached: usize,
    /// Renames that the migrations do, of those how many would have been proposed, and what would have been besides.
    renames: usize,
    proposed: usize,
    wrongly: usize,
    complaints: Vec<String>,
    walk: Option<walk::Walk>,
}

fn projects() -> Option<Vec<PathBuf>> {
    let Some(corpus) = env::var_os("PALLADIO_CORPUS").map(|corpus| Path::new(&corpus).join("postgres")) else {
        println!("SKIPPED: PALLADIO_CORPUS names no folder of projects");
        return None;
    };
    let mut paths: Vec<PathBuf> =
        fs::read_dir(corpus).expect("the corpus is a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let only = env::var("PALLADIO_PROJECT").unwrap_or_default();
    paths.retain(|path| path.to_string_lossy().contains(&only));
    Some(paths)
}

fn load(folder: &Path) -> Vec<Input> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let load = |file: &PathBuf| {
        let name = file.strip_prefix(folder).unwrap_or(file).display().to_string();
        let reader = BufReader::new(File::open(file).expect("a listed file can be opened"));
        filled_in(read::load::load(&name, reader).expect("a file can be read"))
    };
    files.iter().map(load).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
        if path.is_dir() {
            collect(&path, files);
        } else if ["sql", "toml", "json", "yml", "yaml", "xml"].contains(&extension) {
            files.push(path);
        }
    }
}

/// The migrations that go up, in their order.
fn legs(reading: &Reading) -> Vec<Leg<'_>> {
    let up: Vec<_> = reading.migrations.iter().filter(|migration| !migration.down).collect();
    let before = |at: usize| {
        let steps = up[at..].iter().find_map(|migration| migration.steps.first());
        steps.map_or_else(|| reading.schema.clone(), |step| step.before.clone())
    };
    let leg = |at: usize| Leg {
        name: up[at].name.to_string(),
        before: before(at),
        steps: &up[at].steps,
        after: before(at + 1),
    };
    (0..up.len()).map(leg).collect()
}

fn settings(major: u16) -> Settings {
    servers::settings(major)
}

/// The renames of a migration that still show in its end.
fn renames_of(leg: &Leg<'_>) -> BTreeSet<Rename> {
    let mut found = BTreeSet::new();
    for change in leg.steps.iter().flat_map(|step| &step.changes) {
        let rename = match change {
            Change::Rename { path, to } if matches!(path.kind, Kind::Table | Kind::Column) => {
                let mut new = path.clone();
                if path.kind == Kind::Column {
                    new.part = to.clone()
                } else {
                    new.name = to.clone()
                }
                let shows = leg.before.contains(path) && leg.after.contains(&new) && !leg.after.contains(path);
                shows.then(|| Rename::Object { from: path.clone(), to: new })
            }
            Change::Alter { path, aspect: Aspect::RenameValue { from, to } } => {
                Some(Rename::Value { ty: path.clone(), from: from.clone(), to: to.clone() })
            }
            _ => None,
        };
        found.extend(rename);
    }
    found
}

fn judge(folder: &Path, major: u16) -> Score {
    let options = read::Options { version: Version(major, 0), unreleased: None };
    let reading = read::read(load(folder), &options);
    let legs = legs(&reading);
    let mut score = Score { legs: legs.len(), ..Score::default() };
    for leg in &legs {
        let found = diff(&leg.before, &leg.after, &settings(major));
        let mut reached = leg.before.clone();
        let applied = found.acts.iter().all(|act| model::apply(&mut reached, &act.change).is_ok());
        match found.left.first() {
            None if applied && diff(&reached, &leg.after, &settings(major)).is_empty() => score.reached += 1,
            left => score.complaints.push(format!("{}: no way to {left:?}", leg.name)),
        }
        let real = renames_of(leg);
        let proposed: BTreeSet<Rename> =
            likely(&leg.before, &leg.after).into_iter().map(|likely| likely.rename).collect();
        score.renames += real.len();
        score.proposed += real.intersection(&proposed).count();
        score.wrongly += proposed.difference(&real).count();
        let wrong = proposed.difference(&real).map(|rename| format!("{}: proposed {rename:?}", leg.name));
        score.complaints.extend(wrong);
        let missed = real.difference(&proposed).map(|rename| format!("{}: not proposed {rename:?}", leg.name));
        score.complaints.extend(missed);
    }
    if is_walked(folder) {
        score.walk = servers::all().last().map(|lab| walk::walk(lab, &reading, &legs));
    }
    score
}

/// The way on a server takes its time: `PALLADIO_WALK=atuin,auth` names those that go it.
fn is_walked(folder: &Path) -> bool {
    let name = folder.to_string_lossy();
    env::var("PALLADIO_WALK")
        .map_or(true, |chosen| chosen.split(',').any(|part| !part.is_empty() && name.contains(part)))
}

const PAGE: &str = "\
## Real histories

For each project: the schema after each of its migrations and the one after the next, and what `diff` says leads from
one to the other. *reached* are those that arrive in the model. Then the way on a real server: one database runs the
migrations as they are written, the other one the statements of `diff`, from the empty schema to the end; *looked* says how often both
were looked at, and *alike* how often they held the same; a dash stands where the way was not gone
(`PALLADIO_WALK` names the projects that go it, `PALLADIO_STRIDE` how many migrations pass between two looks). *refused* are statements of `diff` that the server
did not take; the walk goes on from a fresh database then.

simstudioai/sim needs pgvector after its 38th migration, which a bare server has not: it is not walked. What is not alike
along supabase/auth is one default, `''::varchar` on the server and `''` as the model reads the history.

A rename that nobody names is dropped and made anew, so that `diff` asks about likely ones: *renames* are those of
tables, columns and enum values that the migrations do, *asked* those of them that it would have asked about, and
*asked in vain* what it would have asked besides.

Printed by `PALLADIO_CORPUS=folder UPDATE=1 cargo test -p migrate --test diff histories`, where the folder holds
`postgres/owner+name` for each project; `PALLADIO_PROJECT=hatchet` prints the row of that one.

";

const HEAD: &str = "\
| project | migrations | reached | statements on the server | refused | looked | alike | objects different at the end | renames \
| asked | asked in vain |
|---|---|---|---|---|---|---|---|---|---|---|
";

#[test]
fn histories_are_walked_step_by_step() {
    let Some(projects) = projects() else { return };
    let major = servers::all().last().map_or(17, servers::major);
    let mut own = BTreeMap::new();
    let mut short = Vec::new();
    for folder in &projects {
        let name = folder.file_name().expect("a listed folder has a name").to_string_lossy().replace('+', "/");
        let score = judge(folder, major);
        println!("== {name}\n{}", score.complaints.join("\n"));
        let walked = match &score.walk {
            Some(walk) => {
                println!("{}", walk.complaints.join("\n"));
                let walk::Walk { statements, refused, looks, alike, different, .. } = walk;
                format!("{statements} | {refused} | {looks} | {alike} | {different}")
            }
            None => "– | – | – | – | –".to_owned(),
        };
        let Score { legs, reached, renames, proposed, wrongly, .. } = score;
        let row = format!("| {name} | {legs} | {reached} | {walked} | {renames} | {proposed} | {wrongly} |");
        println!("{row}");
        own.insert(name.clone(), row);
        if reached < legs {
            short.push(name);
        }
    }
    if env::var_os("UPDATE").is_some() {
        // Another run may have written its rows in the meantime.
        let mut rows = doc::rows("histories");
        rows.extend(own);
        let rows: Vec<String> = rows.into_values().collect();
        let text = format!("{PAGE}PostgreSQL {major}.\n\n{HEAD}{}", rows.join("\n"));
        doc::part("histories", &text).expect("the page can be written");
    }
    assert!(short.is_empty(), "not every migration is reached in {}", short.join(", "));
}
