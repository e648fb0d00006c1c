use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::renames;
use crate::rule::Check;
use crate::subject::{At, column_path, own_tables};
use crate::words::listed;

rule! {
    /// A name holds a blank, a dash or another sign and needs quotes everywhere; join its words with underscores.
    ///
    /// `SELECT order-date FROM t` subtracts, `SELECT unit price` renames, and neither says so. Tools that do not quote (scripts,
    /// exports, old drivers) fail on the name.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, "order-date" date);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE "order items" (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, order_date date, größe integer);
    /// ```
    "N014", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let Some(signs) = signs(&table.name.name) else { continue };
        let better = joined(&table.name.name);
        let changes = renames::table(schema, table, &better);
        let message = format!("{} must be quoted everywhere for its {signs}", table.name);
        let draft = findings.at(&Path::table(&table.name), message);
        if !changes.is_empty() {
            draft.unsafe_fix(format!("rename it to {better}"), changes);
        }
    }
    for At { table, column, .. } in findings.sight().columns_spelled(|spelling| signs(spelling.name).is_some()) {
        let Some(signs) = signs(&column.name) else { continue };
        let path = column_path(table, column);
        let better = joined(&column.name);
        let changes = renames::part(schema, &path, &better);
        let message = format!("\"{}\" must be quoted everywhere for its {signs}", column.name);
        let draft = findings.at(&path, message);
        if !changes.is_empty() {
            draft.unsafe_fix(format!("rename it to {better}"), changes);
        }
    }
}

/// What in the name no unquoted name can hold, in words.
fn signs(name: &Name) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for char in name.chars().filter(|char| !char.is_alphanumeric() && !matches!(char, '_' | '$')) {
        let sign = if char.is_whitespace() { "blank".to_owned() } else { char.to_string() };
        if !found.contains(&sign) {
            found.push(sign);
        }
    }
    (!found.is_empty()).then(|| listed(found))
}

fn joined(name: &Name) -> String {
    let words = name.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}
