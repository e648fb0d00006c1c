//! What the rules claim of their own examples holds on the PostgreSQL at hand.

use check::{House, Settings};
use live::lab::Options;
use live::{Lab, Stage, testing};
use model::dialect::{POSTGRES, Version};
use model::{Finding, Reading, Verdict};
use read::Input;

/// The bad examples of a rule's page, each as the files it stands for.
fn bad_examples(page: &str) -> Vec<Vec<Input>> {
    let blocks = page.split("```sql,bad\n").skip(1).filter_map(|rest| rest.split("```").next());
    let files = blocks.map(|block| {
        let block = block.split("-- queries\n").next().unwrap_or("").split("-- stats\n").next().unwrap_or("");
        let parts: Vec<&str> = block.split("-- next migration\n").collect();
        let path = |number: usize| match parts.len() {
            1 => "schema.sql".to_owned(),
            _ => format!("migrations/{number:04}_step.sql"),
        };
        parts.iter().enumerate().map(|(number, text)| Input::new(&path(number), text)).collect()
    });
    files.collect()
}

/// Nothing where nothing is to be tried.
fn rehearsed(lab: &Lab, inputs: Vec<Input>, anyway: bool) -> Option<(Reading, Vec<Finding>)> {
    let version = Version(lab.version().0, 0);
    let enabled = check::rules().iter().map(|rule| rule.code).collect();
    let settings = Settings {
        version,
        target: &POSTGRES,
        house: House::default(),
        enabled,
        severities: Default::default(),
        fresh: None,
        edited: Default::default(),
    };
    let mut reading = read::read(inputs, &read::Options { version, unreleased: None });
    let claims = check::check(&reading, &settings);
    if !anyway && claims.iter().all(|finding| finding.claims.is_empty()) {
        return None;
    }
    let stage = || {
        let database = testing::database(lab);
        Ok::<_, live::Error>(Stage { client: lab.connect(&database)?, observer: lab.connect(&database)? })
    };
    reading.evidence = Some(live::rehearse(&reading, &claims, stage).expect("the server answers"));
    let findings = check::check(&reading, &settings);
    Some((reading, findings))
}

/// Every lock, rewrite, scan and refusal that a rule claims of its examples happens.
#[test]
fn a_rule_is_right_about_its_examples() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&Options::version(major)) else { return };
        let (mut wrong, mut shown) = (Vec::new(), 0);
        for rule in check::rules() {
            for inputs in bad_examples(rule.page) {
                let is_of_server = rule.name == "refused-by-server";
                let Some((reading, findings)) = rehearsed(&lab, inputs, is_of_server) else { continue };
                let evidence = reading.evidence.as_ref().expect("it was rehearsed");
                for trial in &evidence.trials {
                    match &trial.verdict {
                        Verdict::Shown(_) => shown += 1,
                        other => wrong.push(format!("{major} {}: {:?}: {other:?}", rule.name, trial.claim)),
                    }
                }
                if is_of_server {
                    let own = findings.iter().filter(|finding| finding.rule == rule.code).count();
                    assert_eq!(own, 1, "{findings:?}");
                }
            }
        }
        println!("PostgreSQL {major}: {shown} claims shown");
        assert!(wrong.is_empty(), "{} claims:\n{}", wrong.len(), wrong.join("\n"));
        assert!(shown > 0, "no example claims anything");
    }
}
