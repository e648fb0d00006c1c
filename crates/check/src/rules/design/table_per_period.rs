use std::collections::BTreeMap;

use model::object::Table;
use model::{Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, listed};

rule! {
    /// A table was made for each year or month; use one partitioned table.
    ///
    /// A report over two years needs a UNION and a new query every January, a row that moves to another month is deleted and
    /// inserted, and nothing keeps the tables alike: one gets the new column and the next does not. Partitions are these
    /// tables under one name.
    ///
    /// ```sql,bad
    /// CREATE TABLE sales_2024 (id bigint PRIMARY KEY, amount numeric, sold_on date);
    /// CREATE TABLE sales_2025 (id bigint PRIMARY KEY, amount numeric, sold_on date);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE visits_2025_01 (id bigint PRIMARY KEY, page text);
    /// CREATE TABLE visits_2025_02 (id bigint PRIMARY KEY, page text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE sales (id bigint, amount numeric, sold_on date NOT NULL, PRIMARY KEY (id, sold_on)) PARTITION BY RANGE (sold_on);
    /// CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE budget_2025 (id bigint PRIMARY KEY, amount numeric);
    /// ```
    "D003", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut groups: BTreeMap<QName, Vec<&Table>> = BTreeMap::new();
    for table in own_tables(schema).filter(|table| table.inherits.is_empty()) {
        if let Some(stem) = without_period(&table.name.name) {
            groups.entry(QName::new(table.name.schema.clone(), stem)).or_default().push(table);
        }
    }
    for (stem, tables) in groups.into_iter().filter(|(_, tables)| tables.len() > 1) {
        // Tables of one stem with other columns are versions of something else.
        let shared =
            |table: &Table| table.columns.iter().filter(|column| tables[0].column(&column.name).is_some()).count();
        if !tables.iter().all(|table| shared(table) * 2 > table.columns.len()) {
            continue;
        }
        let names = listed(tables.iter().take(3).map(|table| &table.name));
        findings
            .at(
                &Path::table(&tables[0].name),
                format!("{} holds {} in a table for each period", counted(tables.len(), "table", "tables"), stem.name),
            )
            .why(format!("{names}: a question about two of them needs a UNION, and the next period a migration"));
    }
}

/// `sales` of `sales_2024`, `sales_2024_01`, `sales_202401`, `sales_q1_2024`.
fn without_period(name: &str) -> Option<&str> {
    let year = |part: &str| {
        part.len() == 4
            && (part.starts_with("19") || part.starts_with("20"))
            && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let short = |part: &str| {
        part.trim_start_matches(['q', 'm', 'w']).parse::<u32>().is_ok_and(|number| (1..=53).contains(&number))
            && part.len() <= 3
    };
    let day =
        |part: &str| matches!(part.len(), 6 | 8) && year(&part[..4]) && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = name.split('_').collect();
    let kept = match parts.as_slice() {
        [kept @ .., last] if year(last) || (last.is_ascii() && day(last)) => kept,
        [kept @ .., before, last] if year(before) && short(last) => kept,
        [kept @ .., before, middle, last] if year(before) && short(middle) && short(last) => kept,
        _ => return None,
    };
    let kept = match kept {
        [rest @ .., last] if last.len() <= 3 && last.starts_with(['q', 'm', 'w', 'y']) && short(last) => rest,
        all => all,
    };
    let length = kept.iter().map(|part| part.len() + 1).sum::<usize>().checked_sub(1)?;
    (length > 1).then(|| &name[..length])
}
