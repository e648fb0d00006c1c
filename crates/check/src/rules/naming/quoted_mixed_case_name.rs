use model::name::quoted;
use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, listed};

rule! {
    /// A name needs quotes in every query because of its capitals; write it in snake_case.
    ///
    /// Without quotes PostgreSQL folds names to small letters, so `SELECT userId FROM Orders` asks for `userid` of `orders` and
    /// fails. Every query, report and script has to remember.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, "userId" bigint);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// ```
    "N002", note, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let names = mixed(table);
        let (Some(first), count) = (names.first(), names.len()) else { continue };
        let path = if mixes(&table.name.name) {
            Path::table(&table.name)
        } else {
            Path::column(&table.name, (*first).clone())
        };
        let sample = listed(names.iter().take(3).map(|name| quoted(name).into_owned()));
        let names = counted(count, "name", "names");
        findings
            .at(&path, format!("{names} of {} must be quoted in every query: {sample}", table.name))
            .why("names without quotes are folded to small letters");
    }
}

/// The table's own name and those of its columns, one finding for all: they were chosen together.
fn mixed(table: &Table) -> Vec<&Name> {
    let columns = table.columns.iter().filter(|column| !column.inherited).map(|column| &column.name);
    std::iter::once(&table.name.name).chain(columns).filter(|name| mixes(name)).collect()
}

fn mixes(name: &Name) -> bool {
    name.chars().any(char::is_uppercase)
}
