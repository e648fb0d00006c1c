use model::object::{ForeignKey, Table};
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Outlier, Wording, report, style};
use crate::nouns::noun;
use crate::renames;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A foreign key column does not say that it is one; name it as the other foreign keys are named.
    ///
    /// With `customer_id` in one table and `customer` in the next, nobody sees whether the second holds a key, a name or a
    /// document. What most foreign keys do is the project's style: to end in `_id`, or in the name of the column that they
    /// refer to. `naming.foreign-key` of the configuration says which it should be; roles before the name are welcome
    /// (`billing_address_id`).
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint REFERENCES customers,
    ///     payer_id bigint REFERENCES customers,
    ///     referrer_id bigint REFERENCES customers,
    ///     seller_id bigint REFERENCES customers,
    ///     handler bigint REFERENCES customers
    /// );
    /// CREATE INDEX ON orders (customer_id);
    /// CREATE INDEX ON orders (payer_id);
    /// CREATE INDEX ON orders (referrer_id);
    /// CREATE INDEX ON orders (seller_id);
    /// CREATE INDEX ON orders (handler);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE currencies (code text PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint REFERENCES customers,
    ///     payer_id bigint REFERENCES customers,
    ///     referrer_id bigint REFERENCES customers,
    ///     seller_id bigint REFERENCES customers,
    ///     currency text REFERENCES currencies
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer bigint REFERENCES customers,
    ///     payer bigint REFERENCES customers,
    ///     referrer bigint REFERENCES customers,
    ///     seller bigint REFERENCES customers,
    ///     handler bigint REFERENCES customers
    /// );
    /// ```
    "N007", note, fix, Check::Schema(check)
}

/// How a column that refers to a numbered key is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// `customer_id`, `customerId`: ends in the name of the key.
    EndsInKey,
    /// `customer`
    Plain,
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut columns: Vec<(&Table, &ForeignKey, &Name)> = Vec::new();
    // A leading underscore marks what a tool made.
    for table in own_tables(schema).filter(|table| !table.name.name.starts_with('_')) {
        for (constraint, key) in table.foreign_keys() {
            if let ([column], [target], false) = (&key.columns[..], &key.targets[..], constraint.inherited)
                && is_number(schema, key, target)
            {
                columns.push((table, key, column));
            }
        }
    }
    let told = findings.house().foreign_key.clone();
    let told = told.map(|pattern| if pattern.ends_with("_id") { Way::EndsInKey } else { Way::Plain });
    let shown = columns.iter().map(|(_, _, column)| way_of(column));
    let Some(style) = style(told, shown, Way::EndsInKey) else { return };
    let camel = columns.iter().any(|(_, _, column)| column.ends_with("Id"));
    let outliers = columns.iter().filter(|(_, _, column)| way_of(column) != style.way()).map(|(table, key, column)| {
        let path = Path::column(&table.name, (*column).clone());
        let better = match style.way() {
            Way::EndsInKey if camel => format!("{column}Id"),
            Way::EndsInKey => format!("{column}_id"),
            Way::Plain if is_id(column) => noun(&key.table.name).join("_"),
            Way::Plain => without_id(column).to_owned(),
        };
        Outlier { changes: renames::part(schema, &path, &better), path, better }
    });
    let outliers = outliers.filter(|outlier| !outlier.better.is_empty()).collect();
    let way = match style.way() {
        Way::EndsInKey => "end in id",
        Way::Plain => "do not end in id",
    };
    let why = "whether a column holds a key or a value has to be looked up";
    report(findings, style, outliers, &Wording { things: "columns of foreign keys", way: way.to_owned(), why });
}

/// A key without a meaning: a code or a name refers to its table by its own sense. A column that is the key of its own
/// table as well is called as keys are.
fn is_number(schema: &Schema, key: &ForeignKey, target: &Name) -> bool {
    let numbers = |name: &Name| is_id(name) || name.ends_with("_id") || name.ends_with("Id");
    numbers(target) && schema.table(&key.table).is_some_and(|table| table.primary_key().is_some())
}

fn way_of(column: &Name) -> Way {
    let lower = column.to_ascii_lowercase();
    let ends = ["id", "uuid", "guid", "key", "fk", "ref", "by"].iter().any(|ending| lower.ends_with(ending));
    if ends { Way::EndsInKey } else { Way::Plain }
}

fn is_id(column: &Name) -> bool {
    column.eq_ignore_ascii_case("id")
}

fn without_id(column: &Name) -> &str {
    column.strip_suffix("_id").or_else(|| column.strip_suffix("Id")).unwrap_or("")
}
