//! The application's queries: the old ones have to work until the new application has taken over, and the new ones from
//! then on. Each is prepared with the server's own types and run with made-up values, in a transaction that is rolled
//! back, so that triggers fire.

use model::planned::{Planned, Work};
use model::proven::{Queries, RefusedQuery};
use postgres::Client;

use super::{parameter, run};
use crate::{Error, Refusal};

/// A query of the application, and how it is called when it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub name: String,
    /// As a server takes it, its placeholders `$1`.
    pub sql: String,
    /// Where it stands: the file, and the line and column of its first letter, from 1.
    pub file: String,
    pub start: (u32, u32),
}

impl Asked {
    /// Where the server saw the mistake.
    fn at(&self, offset: Option<usize>) -> String {
        let before = &self.sql[..offset.unwrap_or(0)];
        let lines = before.matches('\n').count();
        let last = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let line = self.start.0 as usize + lines;
        let column = if lines == 0 { self.start.1 as usize + last } else { last + 1 };
        format!("{}:{line}:{column}", self.file)
    }
}

/// What came of a query at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Ran,
    /// It can be planned, and these values were refused.
    Planned(Refusal),
    Refused(Refusal),
}

/// Numbers that parameters are made of: one that is likely to be in the rows, and one that is not.
const KNOWN: u32 = 1;
const UNKNOWN: u32 = 1_000_003;

/// Which parameters are made of the number that is in no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    None,
    Only(usize),
    All,
}

impl Fresh {
    fn seed(self, at: usize) -> u32 {
        match self {
            Fresh::None => KNOWN,
            Fresh::Only(only) if only != at => KNOWN,
            Fresh::Only(_) | Fresh::All => UNKNOWN,
        }
    }
}

/// So many parameters are tried one by one.
const MOST: usize = 8;

/// One query, and what came of it after each step; 0 is the start.
struct Case<'a> {
    asked: &'a Asked,
    fresh: Fresh,
    outcomes: Vec<(usize, Outcome)>,
}

pub(super) struct Panel<'a> {
    old: Vec<Case<'a>>,
    new: Vec<Case<'a>>,
    /// The steps at which an application is deployed.
    deploys: Vec<usize>,
    /// The step after which the plan has arrived.
    last: usize,
    handover: Option<usize>,
}

impl<'a> Panel<'a> {
    pub(super) fn new(client: &mut Client, plan: &Planned, queries: &'a [Vec<Asked>; 2]) -> Result<Panel<'a>, Error> {
        let deploys = plan.steps.iter().enumerate().filter(|(_, step)| step.work == Work::Deploy);
        let cases = |asked: &'a [Asked]| -> Vec<Case<'a>> {
            asked.iter().map(|asked| Case { asked, fresh: Fresh::None, outcomes: Vec::new() }).collect()
        };
        let mut panel = Panel {
            old: cases(&queries[0]),
            new: cases(&queries[1]),
            deploys: deploys.map(|(index, _)| index + 1).collect(),
            last: plan.steps.len(),
            handover: None,
        };
        for case in &mut panel.old {
            case.ask(client, 0)?;
        }
        Ok(panel)
    }

    /// Asks who works after the step of that index.
    pub(super) fn ask(&mut self, client: &mut Client, index: usize) -> Result<(), Error> {
        let number = index + 1;
        let deploys = self.deploys.contains(&number);
        let before = self.handover.is_none();
        if before {
            // Both work while the new one is being deployed.
            for case in &mut self.old {
                case.ask(client, number)?;
            }
        }
        let may = deploys || self.deploys.is_empty() && number == self.last;
        if before && may {
            let is_last = self.deploys.last().is_none_or(|last| *last == number);
            for case in &mut self.new {
                case.outcomes.clear();
                case.ask(client, number)?;
            }
            let refused = |case: &Case<'_>| matches!(case.outcomes.last(), Some((_, Outcome::Refused(_))));
            if is_last || !self.new.iter().any(refused) {
                self.handover = Some(number);
            }
        } else if !before {
            for case in &mut self.new {
                case.ask(client, number)?;
            }
        }
        Ok(())
    }

    /// What is wrong, and what should be known.
    pub(super) fn judged(self) -> (Queries, Vec<String>) {
        let mut queries =
            Queries { old: self.old.len(), new: self.new.len(), handover: self.handover, ..Queries::default() };
        let mut notes = Vec::new();
        for case in &self.old {
            let Some((_, first)) = case.outcomes.first() else { continue };
            if let Outcome::Refused(refusal) = first {
                let at = case.asked.at(refusal.offset(&case.asked.sql));
                notes.push(format!(
                    "{} does not work before the migration: {} ({at})",
                    case.asked.name, refusal.message
                ));
                continue;
            }
            queries.only_planned.extend(case.only_planned(first));
            queries.refused.extend(case.failing(*first == Outcome::Ran, true));
        }
        for case in &self.new {
            let Some((_, last)) = case.outcomes.last() else { continue };
            let runs = *last == Outcome::Ran;
            queries.only_planned.extend(case.only_planned(last));
            queries.refused.extend(case.failing(runs, false));
        }
        (queries, notes)
    }
}

impl Case<'_> {
    fn ask(&mut self, client: &mut Client, number: usize) -> Result<(), Error> {
        let (mut outcome, parameters) = ask(client, &self.asked.sql, self.fresh)?;
        if self.outcomes.is_empty() && matches!(outcome, Outcome::Planned(_)) {
            // A key that is there already: another one may be free, and what it refers to has to be there.
            let others = (0..parameters.min(MOST)).map(Fresh::Only).chain([Fresh::All]);
            for fresh in others {
                let (other, _) = ask(client, &self.asked.sql, fresh)?;
                if other == Outcome::Ran {
                    (self.fresh, outcome) = (fresh, other);
                    break;
                }
            }
        }
        self.outcomes.push((number, outcome));
        Ok(())
    }

    fn only_planned(&self, outcome: &Outcome) -> Option<String> {
        let Outcome::Planned(refusal) = outcome else { return None };
        Some(format!("{}: {}", self.asked.name, run::said(refusal)))
    }

    /// The steps at which it was refused. Values are only held against a query that otherwise runs.
    fn failing(&self, runs: bool, old: bool) -> Option<RefusedQuery> {
        let refusal = |outcome: &Outcome| match outcome {
            Outcome::Refused(refusal) => Some(refusal.clone()),
            Outcome::Planned(refusal) if runs => Some(refusal.clone()),
            _ => None,
        };
        let mut failing = self.outcomes.iter().filter_map(|(number, outcome)| Some((*number, refusal(outcome)?)));
        let (first, refusal) = failing.next()?;
        let last = failing.next_back().map_or(first, |(number, _)| number);
        Some(RefusedQuery {
            name: self.asked.name.clone(),
            at: self.asked.at(refusal.offset(&self.asked.sql)),
            old,
            steps: (first, last),
            said: run::said(&refusal),
        })
    }
}

/// Plans the query and runs it, and leaves nothing behind. Also how many parameters it has.
fn ask(client: &mut Client, sql: &str, fresh: Fresh) -> Result<(Outcome, usize), Error> {
    let parameters: Vec<String> = match client.prepare(sql) {
        Ok(statement) => {
            let types = statement.params().iter().enumerate();
            types.map(|(at, ty)| parameter::value(ty, fresh.seed(at))).collect()
        }
        Err(error) => return Ok((Outcome::Refused(Refusal::of(error)?), 0)),
    };
    client
        .batch_execute("BEGIN; SET LOCAL statement_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan")?;
    let call = match parameters.as_slice() {
        [] => String::new(),
        values => format!("({})", values.join(", ")),
    };
    let prepared = client.batch_execute(&format!("PREPARE palladio_asked AS {sql}"));
    let forget = if prepared.is_ok() { "; DEALLOCATE palladio_asked" } else { "" };
    // Triggers that are deferred have their turn as well.
    let execute = format!("EXECUTE palladio_asked{call}; SET CONSTRAINTS ALL IMMEDIATE");
    let ran = prepared.and_then(|()| client.batch_execute(&execute));
    client.batch_execute(&format!("ROLLBACK{forget}"))?;
    match ran {
        Ok(()) => Ok((Outcome::Ran, parameters.len())),
        Err(error) => Ok((Outcome::Planned(Refusal::of(error)?), parameters.len())),
    }
}
