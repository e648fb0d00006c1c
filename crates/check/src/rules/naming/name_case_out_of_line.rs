use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Case, Outlier, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::{column_path, own_columns, own_tables, words_of};

rule! {
    /// Some names join their words in another way than the rest; write all of them alike.
    ///
    /// With `created_at` in one table and `"updatedAt"` in another, each name has to be looked up, and half of them need
    /// quotes. What most names of several words do is the project's style; tables and columns may each have one.
    /// `naming.table-case` and `naming.column-case` of the configuration say which it should be; snake_case needs no
    /// quotes.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint,
    ///     placed_at timestamptz,
    ///     shipped_at timestamptz,
    ///     unit_count integer,
    ///     "grandTotal" numeric(12,2)
    /// );
    /// ```
    /// ```sql,bad
    /// CREATE TABLE "Order" (
    ///     "id" bigint PRIMARY KEY,
    ///     "customerId" bigint,
    ///     "placedAt" timestamptz,
    ///     "shippedAt" timestamptz,
    ///     "unitCount" integer,
    ///     grand_total numeric(12,2)
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE "Order" (
    ///     "id" bigint PRIMARY KEY,
    ///     "customerId" bigint,
    ///     "placedAt" timestamptz,
    ///     "shippedAt" timestamptz,
    ///     "unitCount" integer,
    ///     status text
    /// );
    /// ```
    "N005", note, fix, Check::Schema(check)
}

const WHY: &str = "a name has to be looked up before it can be written";

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let tables: Vec<&Table> = own_tables(schema).filter(|table| is_chosen(&table.name.name)).collect();
    let shown = tables.iter().filter_map(|table| case_of(&table.name.name));
    if let Some(style) = style(findings.house().table_case, shown, Case::Snake) {
        let is_off = |table: &&&Table| !style.way().fits(&table.name.name);
        let outliers = tables.iter().filter(is_off).map(|table| {
            let better = style.way().of(&words_of(&table.name.name));
            Outlier { path: Path::table(&table.name), changes: renames::table(schema, table, &better), better }
        });
        let outliers = outliers.collect();
        let way = format!("are written in {}", style.way().name());
        report(findings, style, outliers, &Wording { things: "names of tables", way, why: WHY });
    }
    let columns: Vec<_> =
        own_columns(schema).filter(|(table, column)| is_chosen(&table.name.name) && is_chosen(&column.name)).collect();
    let shown = columns.iter().filter_map(|(_, column)| case_of(&column.name));
    if let Some(style) = style(findings.house().column_case, shown, Case::Snake) {
        let outliers = columns.iter().filter(|(_, column)| !style.way().fits(&column.name)).map(|(table, column)| {
            let path = column_path(table, column);
            let better = style.way().of(&words_of(&column.name));
            Outlier { changes: renames::part(schema, &path, &better), path, better }
        });
        let outliers = outliers.collect();
        let way = format!("are written in {}", style.way().name());
        report(findings, style, outliers, &Wording { things: "names of columns", way, why: WHY });
    }
}

/// A leading underscore marks what a tool made; other signs than letters, digits and underscores are another matter.
fn is_chosen(name: &Name) -> bool {
    !name.starts_with('_') && name.chars().all(|char| char.is_alphanumeric() || char == '_')
}

/// The case that the name shows: a single word in small letters shows none, nor does a mixture.
fn case_of(name: &Name) -> Option<Case> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return name.trim_matches('_').contains('_').then_some(Case::Snake);
    }
    let several = words_of(name).len() > 1;
    let fitting = [Case::Snake, Case::Camel, Case::Pascal, Case::Upper].into_iter().filter(|case| case.fits(name));
    match fitting.collect::<Vec<_>>()[..] {
        [only] if several || only == Case::Pascal => Some(only),
        _ => None,
    }
}
