//! `check --prove`: what the findings claim is tried on a private PostgreSQL, and what it refuses is found.

use live::lab::Options;
use live::{Lab, Stage};
use model::{Evidence, Reading};

use super::Plan;
use crate::Failure;

/// Rehearses what was read. Without a version, the newest server at hand serves.
pub(super) fn rehearse(plan: &Plan, reading: &Reading, version: Option<u16>) -> Result<Evidence, Failure> {
    let claims = check::check(reading, &plan.settings);
    let lab = Lab::start(&Options { version, ..Options::default() })?;
    let mut count = 0;
    let stage = || {
        count += 1;
        let database = format!("rehearsal_{count}");
        lab.create_database(&database)?;
        Ok::<_, live::Error>(Stage { client: lab.connect(&database)?, observer: lab.connect(&database)? })
    };
    Ok(live::rehearse(reading, &claims, stage)?)
}
