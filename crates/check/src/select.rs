//! Which rules a user's words choose.

use std::collections::BTreeSet;

use crate::peers;
use crate::rule::{Rule, rules};

/// A word that names no rule, with the nearest that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    pub word: String,
    pub nearest: Option<&'static str>,
}

/// Which rules a user's words choose: codes, code prefixes (`K`, `K00`), names, groups, `ALL`. `select` replaces the
/// defaults, `extend` adds to them, `ignore` takes away; the longer code wins.
pub fn select(select: &[String], extend: &[String], ignore: &[String]) -> Result<BTreeSet<&'static str>, UnknownRule> {
    for word in select.iter().chain(extend).chain(ignore) {
        if !rules().iter().any(|rule| weight(word, rule).is_some()) {
            return Err(UnknownRule { word: word.clone(), nearest: nearest(word) });
        }
    }
    let heaviest = |words: &[String], rule: &Rule| words.iter().filter_map(|word| weight(word, rule)).max();
    let enabled = rules().iter().filter(|rule| {
        let by_default = (select.is_empty() && !rule.opt_in).then_some(0);
        let chosen = heaviest(select, rule).max(heaviest(extend, rule)).max(by_default);
        chosen.is_some_and(|chosen| heaviest(ignore, rule).is_none_or(|ignored| chosen > ignored))
    });
    Ok(enabled.map(|rule| rule.code).collect())
}

/// How exactly the word names the rule, if it does: by everything, by group, by the first letters of the code, by the
/// code or name itself.
fn weight(word: &str, rule: &Rule) -> Option<usize> {
    if word == "ALL" {
        Some(0)
    } else if word == rule.group {
        Some(1)
    } else if word == rule.name {
        Some(rule.code.len())
    } else {
        (!word.is_empty() && rule.code.starts_with(word)).then_some(word.len())
    }
}

/// Whether the word is a code, prefix, name or group of our own.
pub(crate) fn is_ours(word: &str) -> bool {
    rules().iter().any(|rule| weight(word, rule).is_some())
}

/// Whether a word of a suppression names the rule: by code, prefix, name, group, or the name that a peer gives it.
pub(crate) fn names(word: &str, rule: &Rule) -> bool {
    weight(word, rule).is_some() || peers::names_of(word).contains(&rule.name)
}

/// The nearest code, name or group, when it is near enough to be meant.
pub(crate) fn nearest(word: &str) -> Option<&'static str> {
    nearest_of(word, rules().iter().flat_map(|rule| [rule.name, rule.code, rule.group]))
}

/// The nearest of these words, when it is near enough to be meant.
pub(crate) fn nearest_of<'w>(word: &str, candidates: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let far = |candidate: &&str| distance(&lower, &candidate.to_lowercase());
    let best = candidates.min_by_key(far)?;
    (far(&best) <= 1 + lower.len() / 4).then_some(best)
}

/// How many letters to add, remove or change to come from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, char) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (index, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(char != *other);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(choose: &[&str], extend: &[&str], ignore: &[&str]) -> BTreeSet<&'static str> {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        select(&owned(choose), &owned(extend), &owned(ignore)).expect("the words name rules")
    }

    #[test]
    fn defaults_leave_out_what_is_opt_in() {
        let defaults = chosen(&[], &[], &[]);
        assert!(rules().iter().all(|rule| defaults.contains(rule.code) != rule.opt_in));
        assert_eq!(chosen(&["ALL"], &[], &[]).len(), rules().len());
    }

    #[test]
    fn the_longer_code_wins() {
        assert_eq!(chosen(&["T001"], &[], &["T"]), BTreeSet::from(["T001"]));
        assert_eq!(chosen(&["timestamp-without-zone"], &[], &["types"]), BTreeSet::from(["T001"]));
        assert!(!chosen(&["T"], &[], &["T001"]).contains("T001"));
        assert!(chosen(&[], &["T001"], &["ALL"]).contains("T001"));
        assert!(chosen(&["T"], &[], &["T"]).is_empty());
    }

    #[test]
    fn an_unknown_word_names_its_neighbour() {
        let unknown = |word: &str| select(&[word.to_string()], &[], &[]).expect_err("no such rule").nearest;
        assert_eq!(unknown("timestamp-without-zones"), Some("timestamp-without-zone"));
        assert_eq!(unknown("typos"), Some("types"));
        assert_eq!(unknown("weather-report"), None);
        assert_eq!(unknown(""), None);
    }
}
