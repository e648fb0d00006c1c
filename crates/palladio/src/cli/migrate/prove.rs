//! `migrate prove` on the command line.

use super::super::output::Output;
use super::super::progress::Progress;
use super::super::{End, World};
use super::args::ProveArgs;
use super::plan::{asked, sides};
use crate::Failure;
use crate::migrate::{plan, prove as verb};

pub(super) fn prove(world: &World, args: &ProveArgs) -> Result<End, Failure> {
    let (sides, stats) = sides(world, &args.way)?;
    let made = plan::plan(&sides, &asked(&args.way), stats.as_ref())?;
    let progress = Progress::start(world.global.quiet, "rehearsing".to_owned());
    let proof = verb::prove(&sides, &made.planned, &args.way.fills, args.rows)?;
    drop(progress);
    Output::standard().print(&verb::text(&made.planned, &proof, &verb::gone(&sides)))?;
    Ok(if proof.holds() && made.left.is_empty() { End::Clean } else { End::Findings })
}
