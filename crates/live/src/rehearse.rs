//! The migrations of a reading, run on a real server: what it refuses, and whether the rules' claims hold.

mod question;
mod rows;

use model::evidence::{Rejection, Trial};
use model::step::{Action, Transaction};
use model::{Claim, Evidence, Finding, Migration, Place, QName, Reading, Sources, Step, Verdict};
use postgres::Client;
use read::sql::postgres::{Sendable, sendable};

use crate::refusal::Refusal;
use crate::trace::Tracer;

/// Two connections to an empty database of its own.
#[allow(missing_debug_implementations, reason = "a connection has nothing to show")]
pub struct Stage {
    pub client: Client,
    pub observer: Client,
}

/// Rehearses all up migrations, in order, and then the queries of the application. `stage` gives an empty database each
/// time it is asked: sources may describe several. The claims of the findings are tried on the way.
pub fn rehearse<E: From<postgres::Error>>(
    reading: &Reading,
    findings: &[Finding],
    mut stage: impl FnMut() -> Result<Stage, E>,
) -> Result<Evidence, E> {
    let untried = |place, claim: &Claim| Trial {
        place,
        claim: claim.clone(),
        verdict: Verdict::Untried("its statement was not run".to_owned()),
    };
    let claims = findings.iter().filter_map(|finding| Some((finding.place?, &finding.claims)));
    let trials = claims.flat_map(|(place, claims)| claims.iter().map(move |claim| untried(place, claim)));
    let mut seen = Evidence { trials: trials.collect(), ..Evidence::default() };
    let ups: Vec<&Migration> = reading.migrations.iter().filter(|migration| !migration.down).collect();
    let mut rest = &ups[..];
    while !rest.is_empty() {
        // A database of its own begins where nothing is there before the first statement.
        let begins = |migration: &&Migration| migration.steps.first().is_some_and(|step| step.before.is_empty());
        let length = rest.iter().skip(1).position(begins).map_or(rest.len(), |next| next + 1);
        let (database, others) = rest.split_at(length);
        let Stage { mut client, mut observer } = stage()?;
        client.batch_execute(SETTINGS)?;
        observer.batch_execute(SETTINGS)?;
        if seen.server.is_empty() {
            // Packagers put their own version behind it.
            let version: String = client.query_one("SHOW server_version", &[])?.get(0);
            seen.server = format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default());
        }
        let mut run = Run {
            sources: &reading.sources,
            seen: &mut seen,
            tracer: Tracer::new(&mut client, &mut observer)?,
            open: None,
            done: None,
        };
        for (index, migration) in database.iter().enumerate() {
            run.migration(index, migration)?;
        }
        rest = others;
        if rest.is_empty() {
            run.queries(reading)?;
        }
    }
    Ok(seen)
}

/// No statement of somebody else's may hang the rehearsal or fill the disk. The zone is not UTC: there `timestamp` and
/// `timestamptz` store the same, and a rewrite that production would see does not happen.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET temp_file_limit = '1GB';
    SET client_min_messages = error; SET timezone = 'America/New_York'";

struct Run<'a, 'c> {
    sources: &'a Sources,
    seen: &'a mut Evidence,
    tracer: Tracer<'c>,
    /// The open transaction: of which migration, and its number there.
    open: Option<(usize, Transaction)>,
    /// The last statement that was run; what stands inside of it (a `DO` block) ran with it.
    done: Option<Place>,
}

impl Run<'_, '_> {
    fn migration(&mut self, index: usize, migration: &Migration) -> Result<(), postgres::Error> {
        for step in &migration.steps {
            if self.done.is_some_and(|done| contains(done, step.place)) {
                continue;
            }
            self.done = Some(step.place);
            let wanted = step.transaction.is_open().then_some((index, step.transaction));
            if self.open != wanted {
                self.close(step.place)?;
            }
            match &step.action {
                Action::Commit => self.close(step.place)?,
                Action::Rollback => {
                    if self.open.take().is_some() {
                        self.tracer.rollback()?;
                    }
                }
                // Data that psql would send behind the statement; savepoints are the tracer's own.
                Action::Begin | Action::Savepoint | Action::Copy { .. } => {}
                _ => {
                    if wanted.is_some() && self.open.is_none() {
                        self.tracer.begin()?;
                        self.open = wanted;
                    }
                    self.step(step)?;
                }
            }
        }
        let end = migration.steps.last().map_or(migration.place, |step| step.place);
        self.close(end)
    }

    /// Commits what is open; deferred constraints may refuse that at the statement that wanted it.
    fn close(&mut self, place: Place) -> Result<(), postgres::Error> {
        if self.open.take().is_none() {
            return Ok(());
        }
        match self.tracer.commit() {
            Ok(()) => Ok(()),
            Err(error) => {
                let refusal = Refusal::of(error)?;
                self.reject(place, None, &refusal);
                Ok(())
            }
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), postgres::Error> {
        let statement = sendable(self.sources.text(step.place));
        let text = statement.text.trim_end().trim_end_matches(';');
        let trials = self.seen.trials.iter().enumerate();
        let asked: Vec<usize> =
            trials.filter(|(_, trial)| contains(step.place, trial.place)).map(|(index, _)| index).collect();
        for index in &asked {
            if let Claim::RefusalWithRows { relation, sqlstate } = self.seen.trials[*index].claim.clone() {
                self.seen.trials[*index].verdict = self.try_with_row(text, &relation, sqlstate)?;
            }
        }
        let table = step.changes.iter().map(|change| change.path().qname()).next().or_else(|| maintained(step));
        let outcome = match self.run(text, table.as_ref(), &asked)? {
            Err(refusal) if self.provide(&refusal)? => self.run(text, table.as_ref(), &asked)?,
            outcome => outcome,
        };
        let Err(refusal) = outcome else {
            self.seen.ran += 1;
            let reason = if step.how.if_not_exists || step.how.if_exists {
                Some("the statement may have had nothing to do here")
            } else {
                statement.templated.then_some("a template stands in the statement")
            };
            if let Some(reason) = reason {
                self.excuse(&asked, reason);
            }
            return Ok(());
        };
        let mut expected = false;
        for index in asked {
            let trial = &mut self.seen.trials[index];
            trial.verdict = match &trial.claim {
                Claim::RefusalWithRows { .. } => continue,
                Claim::Refusal { sqlstate } => {
                    expected |= refusal.sqlstate == *sqlstate;
                    question::refused(&refusal, sqlstate)
                }
                _ => Verdict::Untried("the server refused its statement".to_owned()),
            };
        }
        if !expected {
            self.report(step.place, &statement, &refusal);
        }
        Ok(())
    }

    /// What the server did otherwise may not be held against these claims.
    fn excuse(&mut self, asked: &[usize], reason: &str) {
        for index in asked {
            let verdict = &mut self.seen.trials[*index].verdict;
            if matches!(verdict, Verdict::Refuted(_)) {
                *verdict = Verdict::Untried(reason.to_owned());
            }
        }
    }

    /// What can be made here is made. What the server cannot have is noted.
    fn provide(&mut self, refusal: &Refusal) -> Result<bool, postgres::Error> {
        if provide_role(self.tracer.client(), refusal)? {
            return Ok(true);
        }
        if let Some(lacks) = lacks(refusal)
            && !self.seen.lacks.contains(&lacks)
        {
            self.seen.lacks.push(lacks);
        }
        Ok(false)
    }

    /// Runs the statement and judges what was asked about it, while its locks are held.
    fn run(
        &mut self,
        text: &str,
        table: Option<&QName>,
        asked: &[usize],
    ) -> Result<Result<(), Refusal>, postgres::Error> {
        let trials = &mut self.seen.trials;
        let outcome = self.tracer.run_then(text, table, |tracer, trace| {
            for index in asked {
                let trial = &mut trials[*index];
                if let Some(verdict) = question::judge(&trial.claim, trace, tracer)? {
                    trial.verdict = verdict;
                }
            }
            Ok(())
        })?;
        Ok(outcome.map(|_| ()))
    }

    /// What the statement does to a table that holds a row, and everything back as it was.
    fn try_with_row(&mut self, text: &str, table: &QName, sqlstate: &str) -> Result<Verdict, postgres::Error> {
        let alone = !self.tracer.in_transaction();
        if alone {
            self.tracer.begin()?;
        }
        let client = self.tracer.client();
        client.batch_execute("SAVEPOINT with_row")?;
        let verdict = match rows::add_one(client, table)? {
            false => Verdict::Untried(format!("no row of {table} could be made up")),
            true => match client.execute(text, &[]) {
                Ok(_) => Verdict::Refuted(format!("took the statement while {table} held a row")),
                Err(error) => question::refused(&Refusal::of(error)?, sqlstate),
            },
        };
        client.batch_execute("ROLLBACK TO with_row; RELEASE with_row")?;
        if alone {
            self.tracer.rollback()?;
        }
        Ok(verdict)
    }

    /// A statement that the server refused, unless that may be the server's own lack.
    fn report(&mut self, place: Place, statement: &Sendable, refusal: &Refusal) {
        let is_lack = matches!(refusal.sqlstate.as_str(), "0A000" | "58P01") && refusal.message.contains("extension");
        // What is missing may be what an extension or a statement that could not run would have brought.
        let is_missing = refusal.sqlstate.starts_with("42") || refusal.sqlstate == "3F000";
        if statement.templated || is_lack || (is_missing && !self.seen.lacks.is_empty()) {
            return;
        }
        self.reject(place, Some(&statement.text), refusal);
    }

    fn reject(&mut self, place: Place, text: Option<&str>, refusal: &Refusal) {
        let at = text.and_then(|text| {
            let offset = refusal.offset(text)?;
            let word = text[offset..].find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(0).max(1);
            Some(Place::new(place.file, place.start + offset as u32, place.start + (offset + word) as u32))
        });
        let mut why: Vec<String> = [&refusal.detail, &refusal.hint].into_iter().flatten().cloned().collect();
        why.push(format!("{} answers with SQLSTATE {}", self.seen.server, refusal.sqlstate));
        self.seen.rejections.push(Rejection {
            place: at.filter(|at| contains(place, *at)).unwrap_or(place),
            message: refusal.message.clone(),
            why,
        });
    }

    /// The application's queries, prepared against what the migrations made.
    fn queries(&mut self, reading: &Reading) -> Result<(), postgres::Error> {
        if !self.seen.lacks.is_empty() || reading.schema.is_empty() {
            return Ok(());
        }
        for query in reading.queries.iter().filter(|query| query.origin == model::query::Origin::File) {
            let statement = sendable(self.sources.text(query.place));
            let text = statement.text.trim_end().trim_end_matches(';');
            let Err(error) = self.tracer.client().prepare(text) else {
                self.seen.ran += 1;
                continue;
            };
            let refusal = Refusal::of(error)?;
            // A parameter whose type the application would give.
            let of_parameter = matches!(refusal.sqlstate.as_str(), "42P18" | "42P02" | "42P08");
            if !of_parameter {
                self.report(query.place, &statement, &refusal);
            }
        }
        Ok(())
    }
}

/// Roles that the platform would have made are made here.
pub(crate) fn provide_role(client: &mut Client, refusal: &Refusal) -> Result<bool, postgres::Error> {
    match (refusal.sqlstate.as_str(), refusal.message.split('"').nth(1)) {
        ("42704", Some(role)) if refusal.message.starts_with("role ") => {
            client.batch_execute(&format!("CREATE ROLE {}", model::name::quoted(role)))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// What the server would need for the statement and does not have: `extension postgis`.
pub(crate) fn lacks(refusal: &Refusal) -> Option<String> {
    // feature_not_supported and undefined_file
    let missing = matches!(refusal.sqlstate.as_str(), "0A000" | "58P01") && refusal.message.contains("extension");
    missing.then(|| refusal.message.split('"').nth(1)).flatten().map(|name| format!("extension {name}"))
}

/// The table that the statement maintains, to hold it back while it is watched.
fn maintained(step: &Step) -> Option<QName> {
    match &step.action {
        Action::Maintain { target: Some(path), .. } => Some(path.qname()),
        _ => None,
    }
}

fn contains(outer: Place, inner: Place) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
