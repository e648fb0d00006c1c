//! One loop per subject: every enabled rule over everything that was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::resume_unwind;
use std::thread;

use model::dialect::{Dialect, Version};
use model::{FileId, Finding, Reading, Severity};

use crate::evidence;
use crate::findings::Findings;
use crate::house::House;
use crate::rule::{ALL, Check, Rule};
use crate::subject::{At, own_columns_of, own_tables, words_of};
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
pub fn check(reading: &Reading, settings: &Settings) -> Vec<Finding> {
    let Some((any, _)) = ALL.first() else { return Vec::new() };
    let mut found = merged(run_all(reading, settings));
    let mut findings = Findings::new(reading, settings, any);
    if let Some(evidence) = &reading.evidence {
        evidence::weigh(evidence, &mut found, &mut findings);
        found.append(&mut findings.found);
    }
    let silenced = suppress::silence(reading, &mut found);
    suppress::report_unused(reading, &silenced, &mut findings);
    found.append(&mut findings.found);
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found
}

/// Expressions are walked as deep as they are nested; the reader's limit sets how deep that is.
const STACK: usize = 64 * 1024 * 1024;

/// The findings of every enabled rule. The rules know nothing of each other, so they share the processors; which
/// thread a rule ran on leaves no trace in the order.
fn run_all(reading: &Reading, settings: &Settings) -> Vec<Finding> {
    let enabled: Vec<&'static (Rule, Check)> =
        ALL.iter().filter(|(rule, _)| settings.enabled.contains(rule.code)).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let mut found = thread::scope(|scope| {
        let shares = (0..threads).map(|first| enabled.iter().skip(first).step_by(threads).copied().collect());
        let start = |share: Vec<_>| {
            let thread = thread::Builder::new().name("check".to_owned()).stack_size(STACK);
            thread.spawn_scoped(scope, move || run(reading, settings, &share)).expect("the system gives a thread")
        };
        let running: Vec<_> = shares.map(start).collect();
        let found = running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        found.flatten().collect::<Vec<Finding>>()
    });
    found.sort_by_key(|finding| finding.rule);
    found
}

fn run(reading: &Reading, settings: &Settings, enabled: &[&'static (Rule, Check)]) -> Vec<Finding> {
    let Some((any, _)) = enabled.first() else { return Vec::new() };
    let findings = &mut Findings::new(reading, settings, any);
    for (rule, check) in enabled {
        findings.speak_for(rule);
        match check {
            Check::Schema(check) => check(&reading.schema, findings),
            Check::History(check) => check(&reading.migrations, findings),
            Check::Table(_)
            | Check::Column(_)
            | Check::Step(_)
            | Check::Query(_)
            | Check::Plan(_)
            | Check::Stats(_)
            | Check::Engine => {}
        }
    }

    // A database may have 100,000 columns: each table is looked at once, by all rules, while it is at hand.
    let on_tables = chosen(enabled, |check| if let Check::Table(check) = check { Some(check) } else { None });
    let on_columns = chosen(enabled, |check| if let Check::Column(check) = check { Some(check) } else { None });
    let idle = on_tables.is_empty() && on_columns.is_empty();
    for table in own_tables(&reading.schema).filter(|_| !idle) {
        for (rule, check) in &on_tables {
            findings.speak_for(rule);
            check(&reading.schema, table, findings);
        }
        for column in own_columns_of(table).filter(|_| !on_columns.is_empty()) {
            let words = words_of(&column.name);
            let at = At { table, column, words: &words };
            for (rule, check) in &on_columns {
                findings.speak_for(rule);
                check(&reading.schema, &at, findings);
            }
        }
    }

    let on_steps = chosen(enabled, |check| if let Check::Step(check) = check { Some(check) } else { None });
    let ups = reading.migrations.iter().filter(|migration| !migration.down);
    for step in ups.flat_map(|migration| &migration.steps) {
        for (rule, check) in &on_steps {
            findings.speak_for(rule);
            check(step, findings);
        }
    }

    let on_queries = chosen(enabled, |check| if let Check::Query(check) = check { Some(check) } else { None });
    for query in &reading.queries {
        for (rule, check) in &on_queries {
            findings.speak_for(rule);
            check(query, &reading.schema, findings);
        }
    }

    let on_plans = chosen(enabled, |check| if let Check::Plan(check) = check { Some(check) } else { None });
    for plan in &reading.plans {
        for (rule, check) in &on_plans {
            findings.speak_for(rule);
            check(plan, &reading.schema, findings);
        }
    }

    let on_stats = chosen(enabled, |check| if let Check::Stats(check) = check { Some(check) } else { None });
    if let Some(stats) = &reading.stats {
        for (rule, check) in &on_stats {
            findings.speak_for(rule);
            check(stats, &reading.schema, findings);
        }
    }
    std::mem::take(&mut findings.found)
}

/// The enabled rules of one subject, with their functions.
fn chosen<F>(enabled: &[&'static (Rule, Check)], wanted: impl Fn(Check) -> Option<F>) -> Vec<(&'static Rule, F)> {
    enabled.iter().filter_map(|(rule, check)| Some((rule, wanted(*check)?))).collect()
}

/// What one rule says of one place is one finding: a statement may make many things alike.
fn merged(found: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(found.len());
    // How often each of them happens again, and which one stands where.
    let mut repeated: Vec<usize> = Vec::with_capacity(found.len());
    let mut seen: HashMap<_, usize> = HashMap::with_capacity(found.len());
    for finding in found {
        let subject = finding.subject.clone().filter(|_| finding.place.is_none());
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
