//! The health of indexes: what is wrong, what it costs, the statement, the way back, and how sure that is.

mod item;
mod json;
mod markdown;
mod text;

use model::stats::Stats;
use model::{Finding, Schema};

use crate::Style;
use crate::count::{bytes, counted};
pub use item::Item;
pub use json::Document;

/// What there is to say of a database.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Where it is, without what is secret.
    pub address: &'a str,
    /// The version of its server: `17.2`.
    pub server: &'a str,
    pub schema: &'a Schema,
    pub stats: &'a Stats,
    /// One for each index, the gravest first.
    pub findings: &'a [Finding],
    /// What could not be looked at, or is to be known, a clause each.
    pub notes: &'a [String],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Full,
    Concise,
    Json,
    Sql,
    Markdown,
}

pub fn render(report: &Report<'_>, format: Format, style: Style) -> String {
    let items: Vec<Item<'_>> = report.findings.iter().map(|finding| Item::of(finding, report)).collect();
    match format {
        Format::Full => text::full(report, &items, style),
        Format::Concise => text::concise(&items),
        Format::Json => json::render(report, &items),
        Format::Sql => text::sql(&items),
        Format::Markdown => markdown::render(report, &items),
    }
}

/// `12 indexes on 4 tables, 61 MB; scans counted for 41 days, since 2026-03-02`
fn head(report: &Report<'_>) -> String {
    let Report { schema, stats, .. } = report;
    let tables = schema.tables().count();
    let total: u64 = stats.indexes.values().map(|index| index.bytes).sum();
    let mut out =
        format!("{} on {}, {}", counted(stats.indexes.len(), "index"), counted(tables, "table"), bytes(total));
    if let Some(activity) = &stats.activity {
        let known = &activity.counted;
        let days = counted(known.days as usize, "day");
        out += &match known.at_least {
            false => format!("; scans counted for {days}, since {}", known.since),
            true => format!("; scans counted for {days} at least, as the server has run since {}", known.since),
        };
    }
    out
}

/// `3 findings; 912 MB would be freed`
fn foot(items: &[Item<'_>]) -> String {
    let freed: u64 = items.iter().map(|item| item.frees).sum();
    match (items.len(), freed) {
        (0, _) => "The indexes are well".to_owned(),
        (count, 0) => counted(count, "finding"),
        (count, freed) => format!("{}; {} would be freed", counted(count, "finding"), bytes(freed)),
    }
}
