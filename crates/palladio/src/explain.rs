//! `explain`: reads query plans and says what is slow and what to do.

use std::collections::{BTreeMap, BTreeSet};

use check::{House, Settings};
use live::{Access, Target, connection};
use model::dialect::{POSTGRES, Version};
use model::plan::QueryPlan;
use model::{FileId, Finding, Reading, Severity};
use read::Input;
use report::explained;

use crate::{Failure, inspection};

/// A plan, and what was found in it, worst first.
#[derive(Debug)]
pub struct Explained {
    pub plan: QueryPlan,
    pub findings: Vec<Finding>,
}

/// Reads every plan of a text. What was not understood is in the problems of the reading.
pub fn read(input: Input) -> Reading {
    let mut reading = Reading::default();
    reading.sources.files.push(input.file);
    (reading.plans, reading.problems) = read::query_plans(FileId(0), &reading.sources.files[0]);
    reading
}

/// Asks a database for the plan of a query; with `analyze` it runs, in a transaction that is taken back.
pub fn ask(target: &Target, query: &str, analyze: bool) -> Result<String, Failure> {
    // What writes can be explained too, and a plan of its run needs to write: it is taken back.
    let access = if analyze { Access::ReadWrite } else { Access::ReadOnly };
    let mut client = connection::open(target, access)?;
    let options = if analyze { "ANALYZE, BUFFERS, SETTINGS, FORMAT JSON" } else { "SETTINGS, FORMAT JSON" };
    Ok(live::explain(&mut client, "", query, options)?)
}

/// What a database says of its tables and statistics, for the findings of plans.
pub fn learn(reading: &mut Reading, target: &Target) -> Result<(), Failure> {
    let (known, _) = inspection::read(target)?;
    reading.schema = known.schema;
    reading.stats = known.stats;
    Ok(())
}

/// Each plan of the reading with its findings.
pub fn explain(reading: Reading, version: u16, severities: BTreeMap<&'static str, Severity>) -> Vec<Explained> {
    let enabled: BTreeSet<&'static str> =
        check::rules().iter().filter(|rule| rule.subject == "plan").map(|rule| rule.code).collect();
    let settings = Settings {
        version: Version(version, 0),
        target: &POSTGRES,
        house: House::default(),
        enabled,
        severities,
        fresh: None,
        edited: BTreeSet::new(),
    };
    let plans = reading.plans.clone();
    let mut one = reading;
    let mut explained = Vec::with_capacity(plans.len());
    for plan in plans {
        one.plans = vec![plan.clone()];
        let mut findings = check::check(&one, &settings);
        explained::sort(&mut findings);
        explained.push(Explained { plan, findings });
    }
    explained
}
