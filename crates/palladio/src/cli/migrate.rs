//! `migrate` on the command line.

mod args;
mod plan;
mod prove;
mod run;
mod write;

pub(crate) use args::MigrateVerb;
pub(super) use args::layout;
pub(super) use write::into;

use super::{End, World};
use crate::Failure;

pub(super) fn migrate(world: &World, verb: MigrateVerb) -> Result<End, Failure> {
    match verb {
        MigrateVerb::Plan(args) => plan::plan(world, &args),
        MigrateVerb::Write(args) => write::write(world, &args),
        MigrateVerb::Prove(args) => prove::prove(world, &args),
        MigrateVerb::Run(args) => run::run(world, &args),
        MigrateVerb::Status { plan, place } => run::status(world, &plan, &place),
        MigrateVerb::Undo(args) => run::undo(world, &args),
        MigrateVerb::Baseline { plan, place, force } => run::baseline(world, &plan, &place, force),
        MigrateVerb::Repair { plan, place } => run::repair(world, &plan, &place),
    }
}
