use std::collections::BTreeMap;

use model::object::{Column, Table};
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A column was made for each year or month; put the period into the rows.
    ///
    /// Next January needs a migration and a change of every query, and “the sum of the last 12 months” cannot be written without
    /// naming them.
    ///
    /// ```sql,bad
    /// CREATE TABLE budgets (id bigint PRIMARY KEY, team text, revenue_2024 numeric, revenue_2025 numeric);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE hours (id bigint PRIMARY KEY, jan integer, feb integer, mar integer, apr integer);
    /// ```
    /// ```sql,good
    /// CREATE TABLE budgets (team text, year integer, revenue numeric, iso_2022 text, PRIMARY KEY (team, year));
    /// ```
    "D004", Check::Table(check)
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let mut groups: BTreeMap<(String, bool), Vec<&Column>> = BTreeMap::new();
    for column in table.columns.iter().filter(|column| !column.inherited) {
        let (stem, last) = column.name.rsplit_once('_').unwrap_or(("", &column.name));
        let is_year = last.len() == 4 && matches!(last.parse::<u32>(), Ok(1950..=2099)) && !stem.is_empty();
        let is_month = || last.len() == 3 && MONTHS.iter().any(|month| last.eq_ignore_ascii_case(month));
        if is_year || is_month() {
            groups.entry((stem.to_ascii_lowercase(), is_year)).or_default().push(column);
        }
    }
    for ((_, is_year), columns) in groups {
        let fewest = if is_year { 2 } else { 3 };
        let alike = columns.windows(2).all(|pair| pair[0].ty == pair[1].ty);
        let Some(first) = columns.first().filter(|_| columns.len() >= fewest && alike) else { continue };
        let names = listed(columns.iter().take(3).map(|column| &column.name));
        findings
            .at(&Path::column(&table.name, first.name.clone()), format!("{} has a column for each period", table.name))
            .why(format!("{names}: the next period needs a migration and other queries"));
    }
}
