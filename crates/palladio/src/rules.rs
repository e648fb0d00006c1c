//! The rules, as reports know them, and the words by which a user chooses some of them.

use std::collections::BTreeSet;

use check::UnknownRule;
use report::RuleInfo;

use crate::Failure;

/// Every rule, by code.
pub fn all() -> Vec<RuleInfo> {
    let info = |rule: &check::Rule| RuleInfo {
        code: rule.code,
        name: rule.name,
        group: rule.group,
        severity: rule.severity,
        subject: rule.subject,
        fix: rule.fix,
        summary: rule.summary,
        page: rule.page,
    };
    check::rules().iter().map(info).collect()
}

/// The rules that a word names: a code, the start of one, a name, a group, `ALL`.
pub fn named(word: &str) -> Result<BTreeSet<&'static str>, Failure> {
    select(&[word.to_owned()], &[], &[])
}

/// The codes of the rules to run.
pub fn select(select: &[String], extend: &[String], ignore: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    check::select(select, extend, ignore).map_err(unknown)
}

fn unknown(unknown: UnknownRule) -> Failure {
    let failure = Failure::new(format!("no rule is called `{}`", unknown.word));
    match unknown.nearest {
        Some(nearest) => failure.hint(format!("The nearest is {nearest}; all of them: palladio rules")),
        None => failure.hint("All of them: palladio rules"),
    }
}
