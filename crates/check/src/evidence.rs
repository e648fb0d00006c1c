//! What a server did with the statements decides how sure the findings about them are.

use std::collections::BTreeSet;

use model::evidence::Trial;
use model::{Evidence, Finding, Proof, Verdict};

use crate::findings::Findings;
use crate::rule::{ALL, Rule};

/// Findings whose every claim was shown are proven. One that the server refuted is taken back, and that it was wrong is
/// a finding itself. What the server refused is a finding too.
pub(crate) fn weigh(evidence: &Evidence, found: &mut Vec<Finding>, findings: &mut Findings<'_>) {
    let mut wrong = Vec::new();
    found.retain_mut(|finding| match verdict(evidence, finding) {
        Verdict::Shown(words) => {
            finding.proof = Proof::Proven;
            finding.why.push(format!("proven on {}: {words}", evidence.server));
            true
        }
        Verdict::Refuted(words) => {
            wrong.push((finding.clone(), words));
            false
        }
        Verdict::Untried(why) => {
            if !finding.claims.is_empty() {
                finding.why.push(format!("not proven on {}: {why}", evidence.server));
            }
            true
        }
    });
    if let Some(rule) = enabled("claim-refuted", findings) {
        findings.speak_for(rule);
        for (finding, words) in wrong {
            let Some(place) = finding.place else { continue };
            findings
                .here(place, format!("{} is wrong here: “{}”", finding.rule, finding.message))
                .why(format!("{} {words}", evidence.server))
                .why("a mistake of Palladio and not of this file; it should be reported");
        }
    }
    if let Some(rule) = enabled("refused-by-server", findings) {
        findings.speak_for(rule);
        let mut said = BTreeSet::new();
        for rejection in evidence.rejections.iter().filter(|rejection| said.insert((rejection.place, &rejection.message)))
        {
            let draft = findings.here(rejection.place, rejection.message.clone());
            rejection.why.iter().fold(draft, |draft, why| draft.why(why.clone()));
        }
    }
}

fn enabled(name: &str, findings: &Findings<'_>) -> Option<&'static Rule> {
    let rule = ALL.iter().map(|(rule, _)| rule).find(|rule| rule.name == name)?;
    findings.settings.enabled.contains(rule.code).then_some(rule)
}

/// All claims of a finding together: refuted by one, shown by all, else not tried.
fn verdict(evidence: &Evidence, finding: &Finding) -> Verdict {
    let mut shown: Vec<&str> = Vec::new();
    let mut untried = None;
    for claim in &finding.claims {
        let tried = |trial: &&Trial| Some(trial.place) == finding.place && trial.claim == *claim;
        match evidence.trials.iter().find(tried).map(|trial| &trial.verdict) {
            Some(Verdict::Shown(words)) => shown.push(words),
            Some(Verdict::Refuted(words)) => return Verdict::Refuted(words.clone()),
            Some(Verdict::Untried(why)) => untried = Some(why.clone()),
            None => untried = Some("it was not rehearsed".to_owned()),
        }
    }
    match untried {
        Some(why) => Verdict::Untried(why),
        None if shown.is_empty() => Verdict::Untried(String::new()),
        None => Verdict::Shown(shown.join("; ")),
    }
}
