//! Comments that silence rules, and those that silence nothing.

use std::collections::BTreeSet;

use model::reading::{Scope, Suppression};
use model::{Finding, Place, Reading};

use crate::findings::Findings;
use crate::peers;
use crate::rule::{ALL, Rule, rules};
use crate::select::{is_ours, names, nearest};
use crate::words::listed;

/// Takes out what a comment silences, and says which word of which comment did it. A word is its comment's position
/// and its own; a comment without words counts as one word.
pub(crate) fn silence(reading: &Reading, found: &mut Vec<Finding>) -> BTreeSet<(usize, usize)> {
    let mut used = BTreeSet::new();
    if reading.suppressions.is_empty() {
        return used;
    }
    found.retain(|finding| {
        let Some(place) = finding.place else { return true };
        let rule = rules().iter().find(|rule| rule.code == finding.rule).expect("findings come from rules");
        let mut kept = true;
        for (index, suppression) in reading.suppressions.iter().enumerate() {
            if !covers(suppression, place) {
                continue;
            }
            let words = suppression.rules.iter().enumerate().filter(|(_, word)| names(word, rule));
            let all = suppression.rules.is_empty().then_some(0);
            for word in words.map(|(word, _)| word).chain(all) {
                used.insert((index, word));
                kept = false;
            }
        }
        kept
    });
    used
}

fn covers(suppression: &Suppression, place: Place) -> bool {
    match suppression.scope {
        Scope::File => suppression.place.file == place.file,
        Scope::Range(range) => range.file == place.file && range.start <= place.start && place.start <= range.end,
    }
}

/// A comment that silences nothing hides what it was written for: the mistake is gone, or the name is wrong.
pub(crate) fn report_unused(reading: &Reading, used: &BTreeSet<(usize, usize)>, findings: &mut Findings<'_>) {
    let own = ALL.iter().map(|(rule, _)| rule).find(|rule| rule.name == "unused-ignore");
    let Some(rule) = own.filter(|rule| findings.settings.enabled.contains(rule.code)) else { return };
    findings.speak_for(rule);
    for (index, suppression) in reading.suppressions.iter().enumerate() {
        let is_idle = |word: &usize| !used.contains(&(index, *word)) && could_work(suppression, *word, findings);
        let count = suppression.rules.len().max(1);
        let idle: Vec<usize> = (0..count).filter(is_idle).collect();
        if idle.is_empty() {
            continue;
        }
        let message = match suppression.rules.is_empty() {
            true => "this comment silences nothing".to_string(),
            false => {
                format!("nothing here is silenced by {}", listed(idle.iter().map(|word| &suppression.rules[*word])))
            }
        };
        let remove = (idle.len() == count).then(|| findings.remove_comment(suppression.place));
        let unknown = idle.iter().filter_map(|word| suppression.rules.get(*word)).filter(|word| !is_known(word));
        let mut draft = findings.here(suppression.place, message);
        for word in unknown {
            draft = draft.why(match nearest(word) {
                Some(near) => format!("no rule is called {word}; the nearest is {near}"),
                None => format!("no rule is called {word}"),
            });
        }
        if let Some(edit) = remove {
            draft.edit("remove the comment", vec![edit]);
        }
    }
}

/// Whether the word could have silenced something in this run: a rule that is off says nothing, and a name of a peer's rule
/// may be meant for the peer, which judges other things by it.
fn could_work(suppression: &Suppression, word: usize, findings: &Findings<'_>) -> bool {
    let Some(word) = suppression.rules.get(word) else { return true };
    let is_on = |rule: &&Rule| findings.settings.enabled.contains(rule.code);
    if peers::knows(word) && !is_ours(word) {
        return false;
    }
    let mut named = rules().iter().filter(|rule| names(word, rule)).peekable();
    named.peek().is_none() || named.any(|rule| is_on(&rule))
}

fn is_known(word: &str) -> bool {
    rules().iter().any(|rule| names(word, rule))
}
