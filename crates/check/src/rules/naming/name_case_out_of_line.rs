use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Case, Outlier, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::{At, column_path, own_tables, words_of};

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
    let sight = findings.sight();
    let chosen: Vec<bool> = sight.spellings().iter().map(|spelling| is_chosen(spelling.name)).collect();
    let cases: Vec<_> = sight.spellings().iter().map(|spelling| case_of(spelling.name)).collect();
    let tables = || sight.tables().filter(|(table, _)| is_chosen(&table.name.name));
    let columns = || tables().flat_map(|(_, columns)| columns).filter(|at| chosen[at.spelling.rank]);
    let shown = columns().filter_map(|at| cases[at.spelling.rank]);
    if let Some(style) = style(findings.house().column_case, shown, Case::Snake) {
        let fits: Vec<bool> = sight.spellings().iter().map(|spelling| style.way().fits(spelling.name)).collect();
        let outliers = columns().filter(|at| !fits[at.spelling.rank]).map(|At { table, column, words, .. }| {
            let path = column_path(table, column);
            let better = style.way().of(words);
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
