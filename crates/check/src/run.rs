//! One loop per subject: every enabled rule over everything that was read.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use model::dialect::{Dialect, Version};
use model::{FileId, Finding, Reading, Severity, Step};

use crate::evidence;
use crate::findings::Findings;
use crate::house::House;
use crate::rule::{ALL, Check, OnColumn, OnQuery, OnStep, OnTable, Rule};
use crate::sight::Sight;
use crate::subject::own_tables;
use crate::suppress;
use crate::words::counted;

/// How to check: which rules, how severe, for which version.
#[derive(Clone, Debug)]
pub struct Settings {
    pub version: Version,
    /// What the database is that runs this SQL: rules ask its facts.
    pub target: &'static Dialect,
    /// How the project names things.
    pub house: House,
    /// Codes of the rules to run.
    pub enabled: BTreeSet<&'static str>,
    pub severities: BTreeMap<&'static str, Severity>,
    /// The files that are new or changed, when only these count.
    pub fresh: Option<BTreeSet<FileId>>,
    /// Those of them that were there before: somebody may have applied what they said.
    pub edited: BTreeSet<FileId>,
}

/// Judges everything that was read. In the order of files and places; suppressed findings are left out, and a
/// suppression that silenced nothing is a finding.
///
/// Expressions are walked as deep as they are nested: the caller's stack is as deep as the one on which they were read.
pub fn check(reading: &Reading, settings: &Settings) -> Vec<Finding> {
    let Some((any, _)) = ALL.first() else { return Vec::new() };
    let sight = Sight::of(reading);
    let mut found = merged(run_all(reading, settings, &sight));
    let mut findings = Findings::new(reading, &sight, settings, any);
    if let Some(evidence) = &reading.evidence {
        evidence::weigh(evidence, &mut found, &mut findings);
        found.append(&mut findings.found);
    }
    let silenced = suppress::silence(reading, &mut found);
    suppress::report_unused(reading, &silenced, &mut findings);
    found.append(&mut findings.found);
    sort(&mut found, |a, b| order(a).cmp(&order(b)));
    found
}

/// Where in the list each of them stands in that order.
fn sorted(found: &[Finding], order: impl Fn(&Finding, &Finding) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..found.len()).collect();
    from.sort_by(|a, b| order(&found[*a], &found[*b]));
    from
}

/// A finding is large: its place in the list is sorted instead, and each is moved once.
fn sort(found: &mut [Finding], order: impl Fn(&Finding, &Finding) -> Ordering) {
    let from = sorted(found, order);
    for to in 0..found.len() {
        let mut at = from[to];
        // What stood there first was put where its successor came from.
        while at < to {
            at = from[at];
        }
        found.swap(to, at);
    }
}

/// That of the reader's threads: its limit sets how deep expressions are nested.
const STACK: usize = 64 * 1024 * 1024;

/// So many tables, steps or queries are one job: enough to be worth fetching, and few enough to be shared evenly.
const BUNCH: usize = 64;

/// So few are looked at in the time that another thread takes to start.
const FEW: usize = 16;

/// More threads than this find little to do.
const MOST: usize = 8;

/// A piece of the work that needs nothing of the others.
enum Job {
    /// A rule that looks at everything by itself.
    Whole(&'static Rule, Check),
    /// These of the tables, by all rules that look at one: a database may have 100,000 columns, and each is looked at
    /// while it is at hand.
    Tables(Range<usize>),
    Steps(Range<usize>),
    Queries(Range<usize>),
}

/// The rules that share a loop, with their functions.
struct Loops<'a> {
    on_tables: Vec<(&'static Rule, OnTable)>,
    on_columns: Vec<(&'static Rule, OnColumn)>,
    on_steps: Vec<(&'static Rule, OnStep)>,
    on_queries: Vec<(&'static Rule, OnQuery)>,
    steps: Vec<&'a Step>,
}

/// The findings of every enabled rule, each in the order in which it found them. The threads take one job after
/// the other; which of them did one leaves no trace.
fn run_all<'a>(reading: &'a Reading, settings: &'a Settings, sight: &'a Sight<'a>) -> Vec<Finding> {
    let mut loops = Loops {
        on_tables: Vec::new(),
        on_columns: Vec::new(),
        on_steps: Vec::new(),
        on_queries: Vec::new(),
        steps: Vec::new(),
    };
    let mut whole = Vec::new();
    for (rule, check) in ALL.iter().filter(|(rule, _)| settings.enabled.contains(rule.code)) {
        match *check {
            Check::Table(check) => loops.on_tables.push((rule, check)),
            Check::Column(check) => loops.on_columns.push((rule, check)),
            Check::Step(check) => loops.on_steps.push((rule, check)),
            Check::Query(check) => loops.on_queries.push((rule, check)),
            Check::Engine => {}
            check => whole.push(Job::Whole(rule, check)),
        }
    }
    let mut jobs = Vec::new();
    let mut subjects = 0;
    if !(loops.on_tables.is_empty() && loops.on_columns.is_empty()) {
        let tables = own_tables(&reading.schema).count();
        subjects += tables;
        jobs.extend(bunches(tables).map(Job::Tables));
    }
    // The first of them finds all names. Steps do without, and most other rules do not.
    let tables = jobs.split_off(jobs.len().min(1));
    if !loops.on_steps.is_empty() {
        let ups = reading.migrations.iter().filter(|migration| !migration.down);
        loops.steps = ups.flat_map(|migration| &migration.steps).collect();
        subjects += loops.steps.len();
        jobs.extend(bunches(loops.steps.len()).map(Job::Steps));
    }
    jobs.extend(whole.into_iter().chain(tables));
    if !loops.on_queries.is_empty() {
        subjects += reading.queries.len();
        jobs.extend(bunches(reading.queries.len()).map(Job::Queries));
    }
    let threads = if subjects > FEW { thread::available_parallelism().map_or(1, usize::from).min(MOST) } else { 1 };
    in_parallel(threads, &jobs, |job| run(reading, settings, sight, &loops, job))
}

fn bunches(count: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(BUNCH).map(move |start| start..count.min(start + BUNCH))
}

/// What the jobs find, in their order. This thread is one of those that work.
fn in_parallel(threads: usize, jobs: &[Job], run: impl Fn(&Job) -> Vec<Finding> + Sync) -> Vec<Finding> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, job)) = Some(next.fetch_add(1, Relaxed)).and_then(|at| Some((at, jobs.get(at)?))) {
            done.push((at, run(job)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let start = |_| {
            let thread = thread::Builder::new().name("check".to_owned()).stack_size(STACK);
            thread.spawn_scoped(scope, work).expect("the system gives a thread")
        };
        let others: Vec<_> = (1..threads).map(start).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    let mut all = Vec::with_capacity(done.iter().map(|(_, found)| found.len()).sum());
    done.into_iter().for_each(|(_, found)| all.extend(found));
    all
}

fn run<'a>(
    reading: &'a Reading,
    settings: &'a Settings,
    sight: &'a Sight<'a>,
    loops: &Loops<'a>,
    job: &Job,
) -> Vec<Finding> {
    let Some((any, _)) = ALL.first() else { return Vec::new() };
    let findings = &mut Findings::new(reading, sight, settings, any);
    let schema = &reading.schema;
    match job {
        Job::Whole(rule, check) => {
            findings.speak_for(rule);
            match check {
                Check::Schema(check) => check(schema, findings),
                Check::History(check) => check(&reading.migrations, findings),
                Check::Plan(check) => reading.plans.iter().for_each(|plan| check(plan, schema, findings)),
                Check::Stats(check) => reading.stats.iter().for_each(|stats| check(stats, schema, findings)),
                // These share a loop.
                Check::Table(_) | Check::Column(_) | Check::Step(_) | Check::Query(_) | Check::Engine => {}
            }
        }
        Job::Tables(at) => {
            for (table, columns) in sight.tables_at(at.clone()) {
                for (rule, check) in &loops.on_tables {
                    findings.speak_for(rule);
                    check(schema, table, findings);
                }
                for (rule, check) in &loops.on_columns {
                    findings.speak_for(rule);
                    columns.iter().for_each(|column| check(schema, column, findings));
                }
            }
        }
        Job::Steps(at) => {
            for step in &loops.steps[at.clone()] {
                for (rule, check) in &loops.on_steps {
                    findings.speak_for(rule);
                    check(step, findings);
                }
            }
        }
        Job::Queries(at) => {
            for query in &reading.queries[at.clone()] {
                for (rule, check) in &loops.on_queries {
                    findings.speak_for(rule);
                    check(query, schema, findings);
                }
            }
        }
    }
    std::mem::take(&mut findings.found)
}

/// What one rule says of one place is one finding: a statement may make many things alike.
fn merged(found: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(found.len());
    // How often each of them happens again, and which one stands where.
    let mut repeated: Vec<usize> = Vec::with_capacity(found.len());
    let mut seen: HashMap<_, usize> = HashMap::with_capacity(found.len());
    let at_place =
        |a: &Finding, b: &Finding| (a.place.is_none(), a.place, a.rule).cmp(&(b.place.is_none(), b.place, b.rule));
    let order = sorted(&found, at_place);
    let mut found: Vec<Option<Finding>> = found.into_iter().map(Some).collect();
    for finding in order.into_iter().filter_map(|at| found[at].take()) {
        let subject = if finding.place.is_none() { finding.subject.clone() } else { None };
        let first = *seen.entry((finding.rule, finding.place, subject)).or_insert(merged.len());
        let Some(known) = merged.get_mut(first) else {
            merged.push(finding);
            repeated.push(0);
            continue;
        };
        let repeats = known.message == finding.message;
        repeated[first] += usize::from(!repeats);
        let more = finding.claims.iter().filter(|claim| !known.claims.contains(claim)).cloned().collect::<Vec<_>>();
        known.claims.extend(more);
        join_fixes(known, finding, repeats);
    }
    for (finding, count) in merged.iter_mut().zip(repeated).filter(|(_, count)| *count > 0) {
        let reason = match count {
            1 => "the same happens here once more".to_string(),
            _ => format!("the same happens here {} more", counted(count, "time", "times")),
        };
        finding.why.push(reason);
    }
    merged
}

/// The fix of several findings in one place mends them all, or is none.
fn join_fixes(first: &mut Finding, other: Finding, repeats: bool) {
    match (&mut first.fix, other.fix) {
        (Some(fix), Some(more)) => {
            fix.safe &= more.safe;
            let new_changes: Vec<_> = more.changes.into_iter().filter(|change| !fix.changes.contains(change)).collect();
            fix.changes.extend(new_changes);
            let new_edits: Vec<_> = more.edits.into_iter().filter(|edit| !fix.edits.contains(edit)).collect();
            fix.edits.extend(new_edits);
        }
        _ if repeats => {}
        (fix, _) => *fix = None,
    }
}

/// By file, place and code; what stands nowhere comes last.
fn order(finding: &Finding) -> impl Ord + '_ {
    (finding.place.is_none(), finding.place, finding.rule, &finding.subject, &finding.message)
}
