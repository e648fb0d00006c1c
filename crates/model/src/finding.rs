//! Findings: what is wrong with the user's design, how sure that is, and how to mend it.

use crate::change::Change;
use crate::path::Path;
use crate::place::Place;

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The stable code, `M012`.
    pub rule: &'static str,
    /// The name that people read, `index-blocks-writes`.
    pub name: &'static str,
    pub severity: Severity,
    pub subject: Option<Path>,
    /// Where it stands; nothing for what has no text (a live database).
    pub place: Option<Place>,
    /// What is wrong, as one clause without a full stop; the words for this very place.
    pub message: String,
    /// What stands at the marked place, in a few words.
    pub label: Option<String>,
    /// The reasons: the number, the lock, the lost row.
    pub why: Vec<String>,
    pub proof: Proof,
    pub fix: Option<Fix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// It ran on a real database.
    Proven,
    /// A fact of the dialect, probed or documented.
    Known,
    /// A rule of thumb, with its reason.
    Judged,
}

impl Proof {
    pub fn name(self) -> &'static str {
        match self {
            Proof::Proven => "proven",
            Proof::Known => "known",
            Proof::Judged => "judged",
        }
    }
}

/// A way to mend it. What the schema should become is `changes`; a statement that should be written differently is
/// `edits`. A fix has one of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What the fix does, as an imperative clause: `make it timestamptz`.
    pub title: String,
    /// It cannot change what the application sees, nor lose data.
    pub safe: bool,
    pub changes: Vec<Change>,
    pub edits: Vec<Edit>,
}

/// The text at a place, replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    pub place: Place,
    pub text: String,
}
