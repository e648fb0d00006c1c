//! JUnit XML: a suite for each migration, a case for each step, for each query that is refused, and for the end.

use std::fmt::Write;

use model::proven::{Proven, Shown, Tried};

use super::{about, against, heading, refused, verdict};
use crate::format::junit::escaped;

/// The name of a case, and what is against it.
type Case = (String, Vec<String>, String);

pub(super) fn render(proven: &Proven) -> String {
    let mut suites: Vec<(String, Vec<Case>)> =
        proven.migrations.iter().map(|tried| (heading(tried), cases(tried))).collect();
    let mut whole: Vec<Case> = proven
        .queries
        .refused
        .iter()
        .map(|query| {
            (format!("query {}", query.name), vec![format!("{}\n{}", refused(query), query.at)], String::new())
        })
        .collect();
    whole.push(("the whole".to_owned(), proven.wrong.clone(), verdict(proven)));
    suites.push(("palladio migrate prove".to_owned(), whole));
    let all = suites.iter().flat_map(|(_, cases)| cases);
    let (tests, failures) = (all.clone().count(), all.filter(|(_, wrong, _)| !wrong.is_empty()).count());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out += &format!("<testsuites name=\"palladio migrate prove\" tests=\"{tests}\" failures=\"{failures}\">\n");
    for (name, cases) in &suites {
        let failures = cases.iter().filter(|(_, wrong, _)| !wrong.is_empty()).count();
        let name = escaped(name);
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\">", cases.len())
            .expect("a string takes it");
        for (title, wrong, about) in cases {
            let body = match wrong.first() {
                None => format!("<system-out>{}</system-out>", escaped(about)),
                Some(first) => format!(
                    "<failure type=\"error\" message=\"{}\">{}</failure>",
                    escaped(first.lines().next().unwrap_or_default()),
                    escaped(&wrong.join("\n"))
                ),
            };
            let title = escaped(title);
            writeln!(out, "    <testcase name=\"{title}\" classname=\"{name}\">\n      {body}\n    </testcase>")
                .expect("a string takes it");
        }
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn cases(tried: &Tried) -> Vec<Case> {
    let case = |head: &str, step: &Shown| {
        let at = step.at.as_ref().map(|at| format!("\n{at}")).unwrap_or_default();
        let against = against(step).into_iter().map(|said| format!("{said}{at}")).collect();
        (format!("{head}{} {}", step.number, step.title), against, about(step))
    };
    let run = |step: &&Shown| !step.deploys;
    let mut cases: Vec<Case> = tried.steps.iter().filter(run).map(|step| case("", step)).collect();
    cases.extend(tried.down.iter().flat_map(|down| &down.steps).filter(run).map(|step| case("back ", step)));
    if !tried.wrong.is_empty() {
        cases.push(("the way back".to_owned(), tried.wrong.clone(), String::new()));
    }
    cases
}
