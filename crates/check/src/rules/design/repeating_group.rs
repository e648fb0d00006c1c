use std::collections::BTreeMap;

use model::object::{Column, Table};
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// Numbered columns hold several of one thing; give each a row in a table of its own.
    ///
    /// “Who has this phone” asks three columns and needs three indexes, a fourth phone needs a migration, and which of them is
    /// empty is up to chance. Two that mean different things (`address_line1`, `address_line2`) are no group.
    ///
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, phone1 text, phone2 text, phone3 text);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE polls (id bigint PRIMARY KEY, option_1 text, option_2 text, option_3 text, option_4 text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE people (id bigint PRIMARY KEY, address_line1 text, address_line2 text, sha1 text, md5 text, ipv4 inet);
    /// ```
    "D002", Check::Table(check)
}

/// Two may be two sides of one thing; three are a list.
const FEWEST: usize = 3;

/// What is numbered by nature.
const NUMBERED: &[&str] =
    &["addr", "address", "axis", "dim", "level", "line", "quarter", "sha", "street", "utf", "week"];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let mut groups: BTreeMap<&str, Vec<(u32, &Column)>> = BTreeMap::new();
    // What is computed from a document is held there.
    for column in table.columns.iter().filter(|column| !column.inherited && column.generated.is_none()) {
        if let Some((stem, number)) = numbered(&column.name) {
            groups.entry(stem).or_default().push((number, column));
        }
    }
    let mut found: Vec<Vec<&Column>> = Vec::new();
    for (stem, mut group) in groups {
        group.sort_by_key(|(number, _)| *number);
        let alike = group.windows(2).all(|pair| pair[0].1.ty == pair[1].1.ty);
        let first = group.first().map_or(9, |(number, _)| *number);
        let in_a_row = group.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0) && first <= 1;
        let last = stem.rsplit('_').find(|word| !word.is_empty()).unwrap_or("");
        if group.len() >= FEWEST && alike && in_a_row && !NUMBERED.contains(&last.to_ascii_lowercase().as_str()) {
            found.push(group.into_iter().map(|(_, column)| column).collect());
        }
    }
    let Some(largest) = found.iter().max_by_key(|group| group.len()) else { return };
    let path = Path::column(&table.name, largest[0].name.clone());
    let message = match found.len() {
        1 => format!("{} holds {} of one thing in as many columns", table.name, largest.len()),
        count => format!("{} holds {count} lists in numbered columns", table.name),
    };
    let names = found.iter().map(|group| format!("{} to {}", group[0].name, group[group.len() - 1].name));
    findings.at(&path, message).why(format!("{}: one more of them needs a migration", listed(names)));
}

/// `phone2`, `option_2`: the stem and the number.
fn numbered(name: &str) -> Option<(&str, u32)> {
    let stem = name.trim_end_matches(|char: char| char.is_ascii_digit());
    let number = name[stem.len()..].parse().ok()?;
    (stem.trim_matches('_').len() > 1).then_some((stem, number))
}
