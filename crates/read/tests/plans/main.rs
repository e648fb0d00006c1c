//! Query plans of real servers: the same plan in every format reads as the same value, however it was pasted.

mod formats;
mod mutants;
mod pastes;
mod queries;

use model::place::SourceFile;
use model::plan::{Buffers, QueryPlan, Wal, Worker};
use model::{FileId, Place, Problem};

/// The plans of a text.
pub(crate) fn plans(text: &str) -> (Vec<QueryPlan>, Vec<Problem>) {
    read::query_plans(FileId(0), &SourceFile::new("plan", text, Vec::new()))
}

/// What a plan says, without where it says it, and without what is different in each run: times, and who of several
/// processes did how much.
pub(crate) fn masked(mut plan: QueryPlan) -> QueryPlan {
    let nowhere = Place::new(FileId(0), 0, 0);
    plan.place = nowhere;
    plan.unknown.iter_mut().for_each(|field| field.place = nowhere);
    let zero = |time: &mut Option<f64>| *time = time.map(|_| 0.0);
    for time in [&mut plan.planning_ms, &mut plan.execution_ms] {
        zero(time);
    }
    plan.planning = Buffers::default();
    plan.planning_memory = plan.planning_memory.map(|_| (0, 0));
    for trigger in &mut plan.triggers {
        zero(&mut trigger.ms);
        // Text says it only where a statement has several targets.
        trigger.relation = None;
        // Text without VERBOSE leaves out the name of the trigger of a constraint.
        if trigger.constraint.is_some() {
            trigger.name = Default::default();
        }
    }
    if let Some(jit) = &mut plan.jit {
        (jit.generation_ms, jit.inlining_ms, jit.optimization_ms) = (0.0, 0.0, 0.0);
        (jit.emission_ms, jit.total_ms) = (0.0, 0.0);
    }
    if let Some(serialization) = &mut plan.serialization {
        zero(&mut serialization.ms);
        serialization.buffers = Buffers::default();
    }
    let parallel = plan.nodes.iter().any(|node| node.is_gather());
    let writes = plan.nodes.iter().any(|node| node.kind == "ModifyTable");
    for node in &mut plan.nodes {
        node.place = nowhere;
        if let Some(actual) = &mut node.actual {
            zero(&mut actual.startup_ms);
            zero(&mut actual.total_ms);
        }
        let buffers = &mut node.buffers;
        // What one run finds in memory, the one before has read.
        (buffers.shared_hit, buffers.shared_read) = (buffers.shared(), 0.0);
        (buffers.shared_dirtied, buffers.shared_written) = (0.0, 0.0);
        (buffers.read_ms, buffers.write_ms) = (0.0, 0.0);
        (buffers.local_read_ms, buffers.local_write_ms) = (0.0, 0.0);
        (buffers.temp_read_ms, buffers.temp_write_ms) = (0.0, 0.0);
        if writes {
            node.buffers = Buffers::default();
            node.wal = Wal::default();
            // Each run leaves dead rows behind, and the table grows.
            (node.startup_cost, node.cost, node.estimated_rows) = (0.0, 0.0, 0.0);
        }
        if parallel {
            node.buffers = Buffers::default();
            node.workers = Vec::<Worker>::new();
            node.removed = Default::default();
            node.blocks = None;
            node.sort = None;
            node.hash = None;
            node.aggregation = None;
            if let Some(actual) = &mut node.actual {
                (actual.rows, actual.loops) = (0.0, 0.0);
            }
        }
    }
    plan
}
