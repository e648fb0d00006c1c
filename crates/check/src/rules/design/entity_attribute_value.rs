use model::object::Table;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::words_of;

rule! {
    /// Rows hold the attributes of other rows as names and values; use columns, or `jsonb` where they really vary.
    ///
    /// A value has no type and no NOT NULL, a name may be misspelled, “who is over 30 and lives in Rome” joins the table with
    /// itself for each condition, and the planner cannot tell an age from a city in one column. Settings by name are another
    /// thing, and left alone.
    ///
    /// ```sql,bad
    /// CREATE TABLE products (id bigint PRIMARY KEY);
    /// CREATE TABLE product_attributes (
    ///     product_id bigint NOT NULL REFERENCES products,
    ///     name text NOT NULL,
    ///     value text,
    ///     PRIMARY KEY (product_id, name)
    /// );
    /// ```
    /// ```sql,bad
    /// CREATE TABLE facts (
    ///     id bigint PRIMARY KEY,
    ///     entity_id bigint NOT NULL,
    ///     attribute_id bigint NOT NULL,
    ///     value_text text,
    ///     value_number numeric
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE products (id bigint PRIMARY KEY, attributes jsonb NOT NULL DEFAULT '{}');
    /// CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL);
    /// ```
    "D005", note, Check::Table(check)
}

/// Names of tables that hold attributes, and columns that name one.
const ATTRIBUTES: &[&str] =
    &["attribute", "attributes", "attrs", "custom", "eav", "field", "fields", "meta", "properties", "property"];
const NAMING: &[&str] = &[
    "attribute",
    "attribute_id",
    "attribute_name",
    "attr",
    "field",
    "field_id",
    "field_name",
    "key",
    "meta_key",
    "name",
    "property",
    "property_id",
];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() {
        return;
    }
    let Some(values) = values(table) else { return };
    let naming = table.columns.iter().find(|column| NAMING.contains(&column.name.as_str()));
    let Some(naming) = naming else { return };
    let of_attributes = words_of(&table.name.name).iter().any(|word| ATTRIBUTES.contains(&word.as_str()));
    let has_entity = table.foreign_keys().any(|(_, key)| key.columns != [naming.name.clone()])
        || table.columns.iter().any(|column| matches!(column.name.as_str(), "entity_id" | "object_id"));
    if !has_entity || !(of_attributes || values > 1) {
        return;
    }
    let draft = findings
        .at(&Path::table(&table.name), format!("{} holds attributes as rows", table.name))
        .why(format!("a condition on two attributes joins it with itself; {} may be any word", naming.name));
    if values > 1 {
        draft.why(format!("{values} columns for one value, of which all but one are NULL"));
    }
}

/// How many columns hold the value, if that is what the table is for.
fn values(table: &Table) -> Option<usize> {
    const OTHERS: usize = 4;
    let is_value = |name: &str| {
        name == "value"
            || name == "val"
            || name == "meta_value"
            || name.starts_with("value_")
            || name.ends_with("_value")
    };
    let count = table.columns.iter().filter(|column| is_value(&column.name)).count();
    (count > 0 && table.columns.len() - count <= OTHERS).then_some(count)
}
