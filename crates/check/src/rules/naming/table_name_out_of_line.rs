use model::Path;
use model::Schema;
use model::object::Table;

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Case, Outlier, Plurality, Wording, report, style};
use crate::inflection::{Number, number, plural, singular};
use crate::renames;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};

rule! {
    /// Some tables are called after one row and the others after many; choose one way for all.
    ///
    /// Who writes a query has to look up whether it is `order` or `orders`, for each table. What most tables of the
    /// project do is taken for its style, and the others are named once, with the count. `naming.tables` of the
    /// configuration says which it should be; `"plural"` is the usual way, as a table holds many rows.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE products (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE invoices (id bigint PRIMARY KEY);
    /// CREATE TABLE shipment (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE customer (id bigint PRIMARY KEY);
    /// CREATE TABLE product (id bigint PRIMARY KEY);
    /// CREATE TABLE purchase (id bigint PRIMARY KEY);
    /// CREATE TABLE address (id bigint PRIMARY KEY);
    /// CREATE TABLE shipments (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customer (id bigint PRIMARY KEY);
    /// CREATE TABLE product (id bigint PRIMARY KEY);
    /// CREATE TABLE purchase (id bigint PRIMARY KEY);
    /// CREATE TABLE address (id bigint PRIMARY KEY);
    /// CREATE TABLE order_status (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE products (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE invoices (id bigint PRIMARY KEY);
    /// CREATE TABLE billing_metadata (id bigint PRIMARY KEY);
    /// ```
    "N004", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let numbered: Vec<(&Table, Number)> =
        own_tables(schema).filter_map(|table| Some((table, number_of(table)?))).collect();
    let told = findings.house().tables.map(Number::from);
    let shown = numbered.iter().map(|(_, number)| *number);
    let Some(style) = style(told, shown, Plurality::Plural.into()) else { return };
    let outliers = numbered.iter().filter(|(_, number)| *number != style.way()).map(|(table, _)| {
        let better = renumbered(table, style.way());
        Outlier { path: Path::table(&table.name), changes: renames::table(schema, table, &better), better }
    });
    let outliers = outliers.collect();
    let way = match style.way() {
        Number::Plural => "are called after many rows",
        Number::Singular => "are called after one row",
    };
    let why = "whether a query says one or many has to be looked up for each table";
    report(findings, style, outliers, &Wording { things: "tables", way: way.to_owned(), why });
}

/// Whether the last word of its name is one or many. What migration tools and extensions make has their names.
fn number_of(table: &Table) -> Option<Number> {
    let words = words_of(&table.name.name);
    let of_a_tool = table.foreign.is_some() || words.iter().any(|word| word.contains("migration") || word == "schema");
    number(words.last()?).filter(|_| !of_a_tool && !table.name.name.starts_with('_'))
}

fn renumbered(table: &Table, way: Number) -> String {
    let name = table.name.name.as_str();
    let last = words_of(&table.name.name).pop().unwrap_or_default();
    let new = match way {
        Number::Plural => plural(&last),
        Number::Singular => singular(&last),
    };
    let stem = &name[..name.len() - last.len().min(name.len())];
    let capital = name[stem.len()..].starts_with(char::is_uppercase);
    stem.to_owned() + &if capital { Case::Pascal.of(&[new.into()]) } else { new }
}
