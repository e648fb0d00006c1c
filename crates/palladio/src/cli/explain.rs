//! `explain` on the command line.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Problem, Reading};
use read::Input;
use report::Style;
use report::explained::{self, Explained};

use super::args::{ExplainArgs, ExplainFormat};
use super::output::{Output, remark};
use super::{End, World};
use crate::sources::{self, Request};
use crate::{Failure, database, explain as verb, files};

pub(super) fn explain(world: &World, args: &ExplainArgs) -> Result<End, Failure> {
    let loaded = world.load(&args.sources)?;
    let target = args.db.as_deref().map(|db| database::resolve(db, &loaded.config)).transpose()?;
    let mut readings = Vec::new();
    match (&args.query, &target) {
        (Some(query), Some(target)) => {
            let text = verb::ask(target, query, args.analyze)?;
            readings.push(verb::read(Input::new("query", &text)));
        }
        (Some(_), None) => {
            return Err(Failure::new("--query needs a database")
                .hint("Name it: palladio explain --query SQL --db postgres://USER@HOST/DATABASE"));
        }
        (None, _) if args.sources.is_empty() => {
            return Err(Failure::new("no query plan is named")
                .hint("Name one: palladio explain plan.txt, or paste it: palladio explain -"));
        }
        (None, _) => {
            for source in &args.sources {
                readings.push(verb::read(load(world, source)?));
            }
        }
    }
    let stats = match &args.stats {
        Some(path) => read_stats(world, path)?,
        None => None,
    };
    for reading in &mut readings {
        if let Some(target) = &target {
            verb::learn(reading, target)?;
        }
        reading.stats = stats.clone().or_else(|| reading.stats.take());
    }
    if let Some(problem) = readings.iter().find(|reading| reading.plans.is_empty()).map(first_problem) {
        return Err(
            Failure::new(problem).hint("It reads EXPLAIN in text, JSON, YAML and XML, and logs of auto_explain")
        );
    }
    if !world.global.quiet {
        readings.iter().for_each(|reading| say_problems(&reading.problems));
    }
    let mut output = Output::to(args.output.as_deref());
    let style = Style { color: output.color(world.global.color), ..Style::PLAIN };
    if let [one, other] = &readings[..] {
        if !matches!(args.format, ExplainFormat::Text) {
            return Err(Failure::new("two query plans are compared in text")
                .hint("Leave --format away, or explain one plan at a time"));
        }
        let names = |reading: &Reading| reading.sources.files.first().map(|file| file.path.clone()).unwrap_or_default();
        output.print(&format!("A is {}, B is {}\n", names(one), names(other)))?;
        let compared = explained::compare(&one.plans[0], &other.plans[0], style);
        output.print(&compared)?;
        output.finish()?;
        return Ok(End::Clean);
    }
    let version = args.pg_version.unwrap_or(loaded.config.pg_version);
    let all: Vec<verb::Explained> =
        readings.into_iter().flat_map(|reading| verb::explain(reading, version, BTreeMap::new())).collect();
    let all: Vec<Explained<'_>> =
        all.iter().map(|one| Explained { plan: &one.plan, findings: &one.findings }).collect();
    let text = match args.format {
        ExplainFormat::Text => all.iter().map(|one| explained::text(one, style)).collect::<Vec<_>>().join("\n"),
        ExplainFormat::Json => explained::json(&all),
        ExplainFormat::Svg => explained::svg(all[0].plan),
        ExplainFormat::Html => all.iter().map(explained::html).collect(),
    };
    output.print(&text)?;
    output.finish()?;
    let found = all.iter().any(|one| !one.findings.is_empty());
    Ok(if found && !args.exit_zero { End::Findings } else { End::Clean })
}

fn load(world: &World, source: &String) -> Result<Input, Failure> {
    let loaded = world.load(std::slice::from_ref(source))?;
    let exclude = sources::globs(&[])?;
    let request = Request {
        folder: &world.folder,
        sources: std::slice::from_ref(source),
        exclude: &exclude,
        root: &loaded.root,
        stdin_filename: "stdin",
        logs: false,
    };
    let found = sources::find(&request)?;
    let mut inputs = sources::load(&world.folder, &found)?;
    match inputs.len() {
        1 => Ok(inputs.remove(0)),
        _ => Err(Failure::new(format!("{source} is not one file")).hint("Name the file that holds the plan")),
    }
}

fn read_stats(world: &World, path: &Path) -> Result<Option<model::stats::Stats>, Failure> {
    let input = load(world, &files::shown(path))?;
    let input = Input::new("stats.json", &input.file.text);
    let version = model::dialect::Version(17, 0);
    Ok(read::read(vec![input], &read::Options { version, unreleased: None }).stats)
}

fn first_problem(reading: &Reading) -> String {
    let problem = reading.problems.first().map_or("no query plan", |problem| problem.message.as_str());
    match reading.sources.files.first() {
        Some(file) => format!("{}: {problem}", file.path),
        None => problem.to_owned(),
    }
}

fn say_problems(problems: &[Problem]) {
    const MOST: usize = 5;
    problems.iter().take(MOST).for_each(|problem| remark(&format!("{}\n", problem.message)));
    if problems.len() > MOST {
        remark(&format!("… and {} more\n", problems.len() - MOST));
    }
}
