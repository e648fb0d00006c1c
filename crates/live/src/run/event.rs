//! What a run tells while it runs, and how it is asked to stop.

use std::time::Duration;

use model::planned::PlannedStep;

use super::Blocker;

#[derive(Debug)]
pub enum Event<'a> {
    Begins {
        number: usize,
        of: usize,
        step: &'a PlannedStep,
    },
    /// A statement waits, for these sessions.
    Waits {
        blockers: &'a [Blocker],
    },
    /// It did not get what it needed, let go of everything, and tries again after the pause.
    Retries {
        attempt: u32,
        pause: Duration,
        said: &'a str,
    },
    /// An index is being built.
    Builds {
        phase: &'a str,
        done: u64,
        of: u64,
    },
    /// How far a backfill is.
    Rows {
        seen: u64,
        of: u64,
        changed: u64,
        /// Rows looked at in a second.
        rate: f64,
        batch: u64,
    },
    /// A backfill lets others go first.
    Pauses {
        why: &'a str,
    },
    /// What was found of an earlier run, and what was made of it.
    Notes(&'a str),
    Ends {
        number: usize,
        took: Duration,
    },
}

/// Whoever looks on.
pub trait Watch {
    fn see(&mut self, event: Event<'_>);

    /// Whether somebody wants the run to stop. It is asked between steps, batches and tries.
    fn stops(&self) -> bool {
        false
    }
}
