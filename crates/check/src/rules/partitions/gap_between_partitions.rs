use model::{Path, Schema};

use crate::bounds::{Bound, partitions};
use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// No partition takes the rows between two others; close the gap.
    ///
    /// An INSERT for the missing range fails with “no partition of relation found for row”. It is mostly a month that a script
    /// left out, and shows on the first day of it.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_3 PARTITION OF visits FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_3 PARTITION OF visits FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    "R002", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables().filter(|table| table.is_partitioned()) {
        let partitions = partitions(schema, &table.name);
        let mut ranges: Vec<(&String, &String)> = Vec::new();
        for (_, bound) in &partitions {
            if let Bound::Range(from, to) = bound {
                ranges.push((from, to));
            }
        }
        if ranges.len() != partitions.len() || !comparable(&ranges) {
            continue;
        }
        ranges.sort_by_key(|(from, _)| key(from));
        let Some(gap) = ranges.windows(2).find(|pair| key(pair[0].1) < key(pair[1].0)) else { continue };
        let (end, start) = (gap[0].1, gap[1].0);
        let fix = crate::defaults::partition(schema, table);
        let draft = findings
            .at(
                &Path::table(&table.name),
                format!("no partition of {} takes rows from {end} up to {start}", table.name),
            )
            .why("an INSERT for that range fails");
        if !fix.is_empty() {
            draft.unsafe_fix("make a default partition", fix);
        }
    }
}

/// All bounds are dates written alike, or all are whole numbers.
fn comparable(ranges: &[(&String, &String)]) -> bool {
    let limits = ["MINVALUE", "MAXVALUE"];
    let open = |text: &str| limits.iter().any(|limit| text.eq_ignore_ascii_case(limit));
    let mut bounds = ranges.iter().flat_map(|(from, to)| [*from, *to]).filter(|text| !open(text)).peekable();
    let Some(first) = bounds.peek().copied() else { return false };
    let number = |text: &str| text.parse::<i64>().is_ok();
    let shape =
        |text: &str| text.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect::<String>();
    let dates = shape(first).starts_with("'0000-00");
    bounds.all(|text| if dates { shape(text) == shape(first) } else { number(text) })
}

/// Order of bounds: numbers by value, dates by their text.
fn key(bound: &str) -> (i8, i64, &str) {
    match bound.parse::<i64>() {
        Ok(number) => (0, number, ""),
        Err(_) if bound.eq_ignore_ascii_case("MINVALUE") => (-1, 0, ""),
        Err(_) if bound.eq_ignore_ascii_case("MAXVALUE") => (1, 0, ""),
        Err(_) => (0, 0, bound),
    }
}
