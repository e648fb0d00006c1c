use model::name::{is_reserved, quoted};
use model::object::Table;
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::Case;
use crate::renames;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};
use crate::words::{counted, listed};

rule! {
    /// A name needs quotes in every query because of its capitals; write it in snake_case.
    ///
    /// Without quotes PostgreSQL folds names to small letters, so `SELECT userId FROM Orders` asks for `userid` of `orders` and
    /// fails. Every query, report and script has to remember. Where many tables of a project have such names they are said
    /// once.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, "userId" bigint);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// ```
    "N002", note, fix, Check::Schema(check)
}

/// From so many tables on, and this share of them in percent, capitals are the habit of the project: one finding.
const HABIT: (usize, usize) = (5, 25);

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let tables: Vec<&Table> = own_tables(schema).collect();
    let mixing: Vec<(&Table, Vec<&Name>)> =
        tables.iter().map(|table| (*table, mixed(table))).filter(|(_, names)| !names.is_empty()).collect();
    if mixing.len() >= HABIT.0 && mixing.len() * 100 >= tables.len() * HABIT.1 {
        let Some((first, names)) = mixing.first() else { return };
        let message = format!("names of {} of {} tables must be quoted in every query", mixing.len(), tables.len());
        findings
            .at(&place(first, names), message)
            .why(format!("in {}: {}", first.name, sample(names)))
            .why("names without quotes are folded to small letters");
        return;
    }
    for (table, names) in mixing {
        findings
            .at(&place(table, &names), format!("names of {} must be quoted in every query", table.name))
            .why(format!("{}: {}", counted(names.len(), "name", "names"), sample(&names)))
            .why("names without quotes are folded to small letters")
            .unsafe_fix("write them in snake_case", in_snake_case(schema, table, &names));
    }
}

/// Renames the columns, then the table.
fn in_snake_case(schema: &Schema, table: &Table, names: &[&Name]) -> Vec<Change> {
    let snake = |name: &Name| Case::Snake.of(&words_of(name));
    // A word of the language would have to be quoted as well.
    if names.iter().any(|name| is_reserved(&snake(name))) {
        return Vec::new();
    }
    let columns = names.iter().filter(|name| table.column(name).is_some());
    let renamed = columns.map(|name| renames::part(schema, &Path::column(&table.name, (*name).clone()), &snake(name)));
    let mut changes: Vec<Change> = renamed.flatten().collect();
    if mixes(&table.name.name) {
        changes.extend(renames::table(schema, table, &snake(&table.name.name)));
    }
    changes
}

fn place(table: &Table, names: &[&Name]) -> Path {
    match names.first().filter(|_| !mixes(&table.name.name)) {
        Some(column) => Path::column(&table.name, (*column).clone()),
        None => Path::table(&table.name),
    }
}

fn sample(names: &[&Name]) -> String {
    listed(names.iter().take(3).map(|name| quoted(name).into_owned()))
}

/// The table's own name and those of its columns, one finding for all: they were chosen together.
fn mixed(table: &Table) -> Vec<&Name> {
    let columns = table.columns.iter().filter(|column| !column.inherited).map(|column| &column.name);
    std::iter::once(&table.name.name).chain(columns).filter(|name| mixes(name)).collect()
}

fn mixes(name: &Name) -> bool {
    let is_small = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    !name.bytes().all(is_small) && name.chars().any(char::is_uppercase)
}
