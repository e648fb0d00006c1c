//! Markdown for a comment on a pull request: the verdict, then a table of the steps.

use model::proven::{Proven, Shown};

use super::{about, against, asked, heading, refused, verdict};
use crate::format::markdown::escaped;

/// A comment has a longest length (65,536 characters on GitHub).
const LONGEST: usize = 60_000;

pub(super) fn render(proven: &Proven) -> String {
    let head = if proven.holds() { "proven" } else { "not proven" };
    let mut out = format!("### Palladio: {head}\n\n{}\n", escaped(&verdict(proven)));
    if let Some(asked) = asked(&proven.queries) {
        out += &format!("\n{}\n", escaped(&asked));
    }
    let refused = proven.queries.refused.iter().map(|query| format!("{} ({})", refused(query), query.at));
    for wrong in proven.wrong.iter().cloned().chain(refused) {
        out += &format!("- **{}**\n", one_line(&wrong));
    }
    let mut left = 0;
    for tried in &proven.migrations {
        let mut text = format!("\n<details{}><summary>", if tried.holds() { "" } else { " open" });
        text += &format!("{}</summary>\n\n| | step | seen |\n|---|---|---|\n", escaped(&heading(tried)));
        tried.steps.iter().for_each(|step| text += &row(step, ""));
        tried.down.iter().flat_map(|down| &down.steps).for_each(|step| text += &row(step, "back: "));
        text.push('\n');
        let notes = tried.notes.iter().map(|note| one_line(note));
        for note in tried.wrong.iter().map(|wrong| format!("**{}**", one_line(wrong))).chain(notes) {
            text += &format!("- {note}\n");
        }
        text += "\n</details>\n";
        if out.len() + text.len() > LONGEST {
            left += 1;
            continue;
        }
        out += &text;
    }
    if left > 0 {
        out += &format!("\nand {}\n", crate::count::counted(left, "more migration"));
    }
    out
}

fn row(step: &Shown, head: &str) -> String {
    let mark = match (step.deploys, step.holds()) {
        (true, _) => "",
        (false, true) => "ok",
        (false, false) => "**wrong**",
    };
    let seen = if step.deploys || step.untried.is_some() { String::new() } else { one_line(&about(step)) };
    let against: Vec<String> = against(step).iter().map(|said| format!("**{}**", one_line(said))).collect();
    let seen: Vec<String> = Some(seen).into_iter().filter(|seen| !seen.is_empty()).chain(against).collect();
    format!("| {mark} | {head}{} {} | {} |\n", step.number, one_line(&step.title), seen.join("<br>"))
}

fn one_line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
