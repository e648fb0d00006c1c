//! What a rule is: a page of documentation, a subject, and a function.

use std::sync::LazyLock;

use model::object::Table;
use model::plan::QueryPlan;
use model::query::FoundQuery;
use model::stats::Stats;
use model::{Migration, Proof, Schema, Severity, Step};

use crate::findings::Findings;
use crate::subject::At;

/// A rule as everybody but its own file sees it: pages, help, SARIF metadata and the list are printed from this.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable, `K003`: a letter for the group and a number.
    pub code: &'static str,
    /// The name of its file with dashes, `timestamp-without-zone`: it names the mistake.
    pub name: &'static str,
    pub group: &'static str,
    pub severity: Severity,
    pub proof: Proof,
    /// `schema`, `step`, `history`, `query`, `plan` or `stats`.
    pub subject: &'static str,
    /// The rule offers a fix, at least for some of its findings.
    pub fix: bool,
    /// The first sentence of its page.
    pub summary: &'static str,
    /// The page, Markdown: why, examples, how to fix.
    pub page: &'static str,
    /// Off unless it is selected.
    pub opt_in: bool,
}

/// Every rule, by code.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| ALL.iter().map(|(rule, _)| *rule).collect());
    &RULES
}

/// Every rule with its function, by code.
pub(crate) static ALL: LazyLock<Vec<(Rule, Check)>> = LazyLock::new(|| {
    let mut definitions = crate::rules::DEFINITIONS.to_vec();
    definitions.sort_unstable_by_key(|definition| definition.code);
    definitions.into_iter().map(|definition| definition.print()).collect()
});

pub(crate) type OnTable = fn(&Schema, &Table, &mut Findings<'_>);
pub(crate) type OnColumn = fn(&Schema, &At<'_>, &mut Findings<'_>);
pub(crate) type OnStep = fn(&Step, &mut Findings<'_>);
pub(crate) type OnQuery = fn(&FoundQuery, &Schema, &mut Findings<'_>);

/// What a rule looks at, and the function that looks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    /// The database after every migration.
    Schema(fn(&Schema, &mut Findings<'_>)),
    /// Each table of that database that speaks for itself.
    Table(OnTable),
    /// Each column of that database that a statement about its own table made.
    Column(OnColumn),
    /// Each statement of each up migration.
    Step(OnStep),
    /// All migrations together, downs included, in the order of application.
    History(fn(&[Migration], &mut Findings<'_>)),
    Query(OnQuery),
    Plan(fn(&QueryPlan, &Schema, &mut Findings<'_>)),
    Stats(fn(&Stats, &Schema, &mut Findings<'_>)),
    /// What the engine itself finds while it runs.
    Engine,
}

impl Check {
    pub(crate) fn subject(self) -> &'static str {
        match self {
            Check::Schema(_) | Check::Table(_) | Check::Column(_) => "schema",
            Check::Step(_) => "step",
            Check::History(_) | Check::Engine => "history",
            Check::Query(_) => "query",
            Check::Plan(_) => "plan",
            Check::Stats(_) => "stats",
        }
    }
}
