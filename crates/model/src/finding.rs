//! Findings: what is wrong with the user's design, how sure that is, and how to mend it.

use crate::change::Change;
use crate::lock::LockMode;
use crate::name::QName;
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
    /// What the statement at the place does according to the rule, for the lab to try.
    pub claims: Vec<Claim>,
    pub fix: Option<Fix>,
    /// What it is worth to mend it, when the finding is about a query plan.
    pub saving: Option<Saving>,
}

/// What a finding about a query plan is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Saving {
    /// The node it is about, by its position; without one it is about the plan as a whole.
    pub node: Option<usize>,
    /// Milliseconds of this run that could be saved; nothing where the plan has no times.
    pub gain_ms: Option<f64>,
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

/// What a rule says that a statement does to a running database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It takes this lock on the table, view or index, or a stronger one.
    Lock { relation: QName, mode: LockMode },
    /// It writes the table anew.
    Rewrite { relation: QName },
    /// It reads every row.
    Scan { relation: QName },
    /// The server refuses it with this SQLSTATE.
    Refusal { sqlstate: &'static str },
    /// The server refuses it with this SQLSTATE when the table holds a row.
    RefusalWithRows { relation: QName, sqlstate: &'static str },
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
/// `edits`; what the database that made a plan is to be told is `run`. A fix has one of the three.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fix {
    /// What the fix does, as an imperative clause: `make it timestamptz`.
    pub title: String,
    /// It cannot change what the application sees, nor lose data.
    pub safe: bool,
    pub changes: Vec<Change>,
    pub edits: Vec<Edit>,
    /// Statements and settings, without a semicolon.
    pub run: Vec<String>,
}

impl Fix {
    /// The tool can do it by itself: it changes files, and no database.
    pub fn is_of_files(&self) -> bool {
        !self.edits.is_empty() || !self.changes.is_empty()
    }
}

/// The text at a place, replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    pub place: Place,
    pub text: String,
}
