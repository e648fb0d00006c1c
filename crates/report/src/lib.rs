//! Reports: values become text for people and for machines.
//!
//! Wire formats are structs of their own with a version, so that the model can change without breaking anybody's
//! script. Nothing here touches the world: every function returns a string.

pub mod advice;
pub mod count;
pub mod dictionary;
pub mod differences;
pub mod explained;
pub mod health;
pub mod index;
pub mod planned;
pub mod proven;
pub mod rules;
pub mod schema_json;

mod excerpt;
mod fingerprint;
mod fix;
mod format;
mod item;
mod problems;
mod summary;

use model::{Finding, Reading};

pub use fingerprint::fingerprints;
pub use fix::statements;
pub use format::Format;
pub use problems::{concise as concise_problems, full as full_problems};
pub use rules::RuleInfo;
pub use summary::{Fixing, Outcome, reading_summary, summary};

/// What there is to report: what was read, what is wrong with it, and the rules that said so.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub reading: &'a Reading,
    pub findings: &'a [Finding],
    /// All rules, by code.
    pub rules: &'a [RuleInfo],
    /// The path of each source as seen from the root of the project; without one, the path as it is.
    pub from_root: &'a [String],
}

/// How text for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns; prose wraps there and long source lines are cut around their mark.
    pub width: usize,
}

impl Style {
    pub const PLAIN: Style = Style { color: false, width: 80 };
}

/// The report in one of the formats.
pub fn render(report: &Report<'_>, format: Format, style: Style) -> String {
    format::render(report, format, style)
}
