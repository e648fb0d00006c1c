//! Why a step did not come to its end.

use model::planned::PlannedStep;

use crate::Error;

#[derive(Debug)]
pub(super) enum Halt {
    /// Somebody asked for it.
    Stopped,
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Failed(error)
    }
}

impl From<postgres::Error> for Halt {
    fn from(error: postgres::Error) -> Halt {
        Halt::Failed(error.into())
    }
}

/// The failure of a step, with what to do next.
pub(super) fn at(number: usize, step: &PlannedStep, error: Error) -> Error {
    let gone = matches!(&error, Error::Statement { cause } if cause.is_closed());
    let next = error.hints().into_iter().next().unwrap_or_else(|| {
        let go_on = "what was done is kept, and the same command goes on from here";
        if gone { format!("The connection is gone; {go_on}") } else { format!("When its cause is gone, {go_on}") }
    });
    Error::refused(format!("step {number}, {}: {error}", step.title), next)
}
