//! The formats: one file each, one row each.

mod concise;
mod full;
mod github;
mod gitlab;
mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
mod sarif;

use serde::Serialize;

use crate::{Report, Style};

pub(crate) use full::{Shown, renderer, show};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    Full,
    Concise,
    Json,
    Jsonl,
    Sarif,
    Github,
    Gitlab,
    Junit,
    Markdown,
}

impl Format {
    pub const ALL: &[Format] = &[
        Format::Full,
        Format::Concise,
        Format::Json,
        Format::Jsonl,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Markdown,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
        }
    }

    /// What it is for, in a few words.
    pub fn help(self) -> &'static str {
        match self {
            Format::Full => "source, mark, reasons and fix",
            Format::Concise => "one line per finding",
            Format::Json => "one document, with coverage and sources",
            Format::Jsonl => "one JSON object per finding",
            Format::Sarif => "SARIF 2.1.0, for code scanning",
            Format::Github => "annotations of GitHub Actions",
            Format::Gitlab => "GitLab code quality report",
            Format::Junit => "JUnit XML",
            Format::Markdown => "for a comment on a pull request",
        }
    }
}

pub(crate) fn render(report: &Report<'_>, format: Format, style: Style) -> String {
    match format {
        Format::Full => full::render(report, style),
        Format::Concise => concise::render(report, style),
        Format::Json => json::document(report),
        Format::Jsonl => json::lines(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report),
    }
}

/// JSON for people and machines: two spaces, and a line break at the end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("wire structs have string keys only");
    text.push('\n');
    text
}
