//! The world failed, or the user asked for what cannot be: what was tried, and what to do next.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// One clause without a full stop, and what helps.
    Said { message: String, hints: Vec<String> },
    /// About a place in a file: a whole diagnostic, laid out already.
    Shown(String),
    /// Whoever read the output has seen enough: no failure of ours, but the end of the run.
    ReaderGone,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Failure {
        Failure::Said { message: message.into(), hints: Vec::new() }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        if let Failure::Said { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }
}

impl From<live::Error> for Failure {
    fn from(error: live::Error) -> Failure {
        Failure::Said { message: error.to_string(), hints: error.hints() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Said { message, hints } => {
                write!(out, "error: {message}")?;
                hints.iter().try_for_each(|hint| write!(out, "\n  {hint}"))
            }
            Failure::Shown(text) => out.write_str(text),
            Failure::ReaderGone => out.write_str("the reader of the output went away"),
        }
    }
}

impl std::error::Error for Failure {}
