//! What a rehearsal of a migration showed: each step with its locks, what it wrote anew and read from end to end, and
//! whatever is not as it should be.

use std::collections::BTreeSet;

use crate::lock::LockMode;
use crate::name::QName;
use crate::planned::Phase;

/// A rehearsal of one plan, or of the migrations of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// `PostgreSQL 17.2`
    pub server: String,
    /// How many rows each table had. One whose constraints are too clever for us has none.
    pub filled: Vec<(QName, u64)>,
    /// Conditions of later that the rows were made for, by what people call them.
    pub obeyed: BTreeSet<String>,
    pub migrations: Vec<Tried>,
    /// How many columns were compared value by value.
    pub compared: usize,
    pub queries: Queries,
    /// What should be known and is no mistake.
    pub notes: Vec<String>,
    /// What is wrong with the whole: the target that is not reached, values that changed.
    pub wrong: Vec<String>,
}

/// One migration that was tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// The title of a plan, or the name by which its tool knows it.
    pub name: String,
    pub file: Option<String>,
    pub steps: Vec<Shown>,
    /// The file that takes it back, where somebody wrote one; what it does.
    pub down: Option<Down>,
    pub notes: Vec<String>,
    pub wrong: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Down {
    pub file: String,
    pub steps: Vec<Shown>,
}

/// What was seen of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Its number in the plan or in the file, from 1.
    pub number: usize,
    /// Of a plan.
    pub phase: Option<(u32, Phase)>,
    pub title: String,
    /// `migrations/2_status.sql:4`
    pub at: Option<String>,
    /// Nothing is run here: the application is deployed.
    pub deploys: bool,
    /// The strongest lock on each table or view that was there before.
    pub locks: Vec<(QName, LockMode)>,
    pub rewritten: Vec<QName>,
    pub scanned: Vec<QName>,
    pub back: Back,
    /// Why it was not run.
    pub untried: Option<String>,
    pub wrong: Vec<String>,
}

/// The way back from a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Back {
    /// There is nothing to take back, or nobody says how.
    #[default]
    Nothing,
    /// It was walked, and left what was there before.
    Walked,
    /// It was walked, and did not.
    Astray,
    /// There is none: why.
    Lost(String),
}

/// What the application asked, before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queries {
    pub old: usize,
    pub new: usize,
    /// The step at which the new application took over.
    pub handover: Option<usize>,
    /// Those that could be planned and not run, each with what the server said to the made-up values.
    pub only_planned: Vec<String>,
    pub refused: Vec<RefusedQuery>,
}

/// A query that does not work where it has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedQuery {
    pub name: String,
    /// Where the server saw the mistake: `queries/orders.sql:4:12`
    pub at: String,
    /// Of the old application; else of the new one.
    pub old: bool,
    /// The first step after which it fails, and the last.
    pub steps: (usize, usize),
    pub said: String,
}

impl Proven {
    pub fn holds(&self) -> bool {
        self.wrong.is_empty()
            && self.queries.refused.is_empty()
            && self.migrations.iter().all(|tried| tried.wrong.is_empty() && tried.all_steps().all(Shown::holds))
    }
}

impl Tried {
    pub fn all_steps(&self) -> impl Iterator<Item = &Shown> {
        self.steps.iter().chain(self.down.iter().flat_map(|down| &down.steps))
    }

    pub fn holds(&self) -> bool {
        self.wrong.is_empty() && self.all_steps().all(Shown::holds)
    }
}

impl Shown {
    pub fn holds(&self) -> bool {
        self.wrong.is_empty() && self.untried.is_none() && self.back != Back::Astray
    }

    /// The strongest lock that keeps somebody waiting, and whose it is.
    pub fn strongest(&self) -> Option<&(QName, LockMode)> {
        let heavy = self.locks.iter().filter(|(_, mode)| *mode > LockMode::RowExclusive);
        heavy.max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0)))
    }
}
