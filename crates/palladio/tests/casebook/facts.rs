//! What a page claims of its migration, line by line, and what was seen.

use model::LockMode;
use model::planned::{Planned, Undo, Work};
use model::proven::{Proven, Shown};

/// Every fact that can be claimed, with its value here.
fn all(plan: &Planned, proven: &Proven) -> Vec<(&'static str, String)> {
    let steps: Vec<&Shown> = proven.migrations.iter().flat_map(|tried| &tried.steps).collect();
    let strongest = steps.iter().filter_map(|step| step.strongest()).map(|(_, mode)| *mode).max();
    let mut rewritten: Vec<String> = steps.iter().flat_map(|step| &step.rewritten).map(ToString::to_string).collect();
    rewritten.sort();
    rewritten.dedup();
    let blocks = |mode: &LockMode| mode.blocks_writes();
    let long = steps.iter().filter(|step| {
        step.strongest().is_some_and(|(_, mode)| blocks(mode))
            && (!step.rewritten.is_empty() || !step.scanned.is_empty())
    });
    let long: Vec<String> = long.map(|step| step.number.to_string()).collect();
    let lost = plan.steps.iter().position(|step| matches!(step.undo, Undo::Lost(_)));
    let releases = plan.steps.last().map_or(0, |step| step.release);
    let work = plan.steps.iter().filter(|step| step.work != Work::Deploy).count();
    let none = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    vec![
        ("releases", releases.to_string()),
        ("steps", work.to_string()),
        ("strongest lock", strongest.map_or("none", LockMode::name).to_owned()),
        ("rewrites", none(rewritten)),
        (
            "writers wait for rows",
            if long.is_empty() { "never".to_owned() } else { format!("step {}", long.join(", ")) },
        ),
        ("way back", lost.map_or("from every step".to_owned(), |index| format!("until step {}", index + 1))),
    ]
}

/// The claims that do not hold.
pub(crate) fn refuted(claims: &str, plan: &Planned, proven: &Proven) -> Vec<String> {
    let all = all(plan, proven);
    let mut wrong = Vec::new();
    for line in claims.lines() {
        let (fact, claimed) = line.split_once(": ").unwrap_or((line, ""));
        match all.iter().find(|(name, _)| *name == fact) {
            Some((_, seen)) if seen == claimed => {}
            Some((_, seen)) => wrong.push(format!("{fact}: {claimed}, and it is {seen}")),
            None => wrong.push(format!("`{fact}` is no fact")),
        }
    }
    wrong
}
