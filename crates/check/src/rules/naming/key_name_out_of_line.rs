use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Outlier, Wording, report, style};
use crate::nouns::noun;
use crate::renames;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A numbered key is called otherwise than in the other tables; give it the same name.
    ///
    /// When every table has `id` and one has `shipment_id`, generic code, ORMs and people write `shipments.id` and fail. What
    /// most tables do is the project's style; `naming.primary-key` of the configuration says which it should be. Only keys that the database makes up count: a key with a meaning has its own name.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE shipments (shipment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (customer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE products (product_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE orders (order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE invoices (invoice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE shipments (shipment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE TABLE countries (iso_code text PRIMARY KEY);
    /// ```
    "N006", note, fix, Check::Schema(check)
}

const PLAIN: &str = "id";
const AFTER_TABLE: &str = "{table}_id";

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let keyed: Vec<(&Table, &Name)> =
        own_tables(schema).filter_map(|table| Some((table, made_up_key(table)?))).collect();
    let told = findings.house().primary_key.as_deref();
    let ways: Vec<&str> = told.into_iter().chain([PLAIN, AFTER_TABLE]).collect();
    let way_of = |table: &Table, name: &Name| ways.iter().find(|way| named(table, way) == name.as_str()).copied();
    let shown = keyed.iter().map(|(table, name)| way_of(table, name).unwrap_or(""));
    let Some(style) = style(told, shown, PLAIN).filter(|style| !style.way().is_empty()) else { return };
    let outliers =
        keyed.iter().filter(|(table, name)| named(table, style.way()) != name.as_str()).map(|(table, name)| {
            let path = Path::column(&table.name, (*name).clone());
            let better = named(table, style.way());
            Outlier { changes: renames::part(schema, &path, &better), path, better }
        });
    let outliers = outliers.collect();
    let way = format!("are called {}", style.way().replace("{table}", "table"));
    let why = "who knows one table expects the key of the next under the same name";
    report(findings, style, outliers, &Wording { things: "numbered keys", way, why });
}

/// The column of a key that the database fills, alone in its key.
fn made_up_key(table: &Table) -> Option<&Name> {
    let [only] = table.primary_key()?.columns.as_slice() else { return None };
    let column = table.column(only)?;
    let refers = table.foreign_keys().any(|(_, key)| key.columns.contains(only));
    let made_up = column.identity.is_some() || column.default.is_some();
    (made_up && !refers && !column.inherited).then_some(only)
}

fn named(table: &Table, way: &str) -> String {
    way.replace("{table}", &noun(&table.name.name).join("_"))
}
