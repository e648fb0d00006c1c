//! Mermaid: an entity relationship diagram, in the order of the schema, so that its diffs stay small.
//!
//! Types and column names can hold few characters there, and names in quotes not every one, so both are made plain.

use std::collections::{BTreeMap, BTreeSet};

use model::object::{Column, Table};
use model::{Name, Path, QName, Schema};

use crate::relation::{Relation, drawn_tables, in_foreign_key, in_primary_key, is_unique, relations};

pub fn render(schema: &Schema) -> String {
    let names = entity_names(schema);
    let entities = drawn_tables(schema).map(|table| entity(schema, table, &names[&table.name]));
    let lines = relations(schema).map(|relation| line(&relation, &names));
    std::iter::once("erDiagram\n".to_string()).chain(entities).chain(lines).collect()
}

fn entity(schema: &Schema, table: &Table, name: &str) -> String {
    let columns: String = table.columns.iter().map(|column| attribute(schema, table, column)).collect();
    if columns.is_empty() { format!("    {name}\n") } else { format!("    {name} {{\n{columns}    }}\n") }
}

/// `bigint id PK "comment"`
fn attribute(schema: &Schema, table: &Table, column: &Column) -> String {
    let own = std::slice::from_ref(&column.name);
    let keys = [
        (in_primary_key(table, &column.name), "PK"),
        (in_foreign_key(table, &column.name), "FK"),
        (is_unique(table, own) && !in_primary_key(table, &column.name), "UK"),
    ];
    let keys: Vec<&str> = keys.into_iter().filter(|(holds, _)| *holds).map(|(_, key)| key).collect();
    let comment = schema.comment(&Path::column(&table.name, column.name.clone()));
    let parts = [
        plain(&column.ty.to_string()),
        plain(&column.name),
        keys.join(", "),
        comment.map(|comment| format!("\"{}\"", label(first_line(comment)))).unwrap_or_default(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("        {}\n", parts.join(" "))
}

/// `customers ||--o{ orders : "customer_id"`: the table that is pointed at stands first.
fn line(relation: &Relation<'_>, names: &BTreeMap<QName, String>) -> String {
    let one = if relation.optional { "|o" } else { "||" };
    let many = if relation.unique { "o|" } else { "o{" };
    let columns = label(&relation.key.columns.join(", "));
    format!("    {} {one}--{many} {} : \"{columns}\"\n", names[&relation.key.table], names[&relation.table.name])
}

/// What each table is called in the diagram: its name as SQL, in quotes where Mermaid needs them, and never the name
/// of another table. Tables that are only pointed at have a name too.
fn entity_names(schema: &Schema) -> BTreeMap<QName, String> {
    let pointed_at = relations(schema).map(|relation| &relation.key.table);
    let tables: BTreeSet<&QName> = drawn_tables(schema).map(|table| &table.name).chain(pointed_at).collect();
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for table in tables {
        let wanted = label(&shown(table));
        let free = (1..).map(|n| if n == 1 { wanted.clone() } else { format!("{wanted}_{n}") });
        let name = free.into_iter().find(|name| !taken.contains(name)).expect("one of endless names is free");
        taken.insert(name.clone());
        names.insert(table.clone(), if is_bare(&name) { name } else { format!("\"{name}\"") });
    }
    names
}

fn shown(table: &QName) -> String {
    if table.schema == model::name::PUBLIC {
        table.name.to_string()
    } else {
        format!("{}.{}", table.schema, table.name)
    }
}

/// A word that needs no quotes as the name of an entity.
fn is_bare(name: &str) -> bool {
    const KEYWORDS: [&str; 17] = [
        "a",
        "class",
        "classDef",
        "direction",
        "end",
        "erDiagram",
        "many",
        "o",
        "one",
        "only",
        "optionally",
        "style",
        "subgraph",
        "title",
        "to",
        "u",
        "zero",
    ];
    let plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    plain && name.starts_with(|first: char| first.is_ascii_lowercase()) && !KEYWORDS.contains(&name)
}

/// A type or column name: letters, digits, `_`, `-`, parentheses and brackets, and a letter first.
fn plain(text: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '(' | ')' | '[' | ']');
    let kept: String = text.chars().map(|c| if keep(c) { c } else { '_' }).collect();
    if kept.starts_with(|first: char| first.is_alphabetic() || first == '_') { kept } else { format!("_{kept}") }
}

/// Text between double quotes.
fn label(text: &str) -> String {
    let replaced = text.chars().map(|c| match c {
        '"' => '\'',
        '%' | '\\' => '_',
        c if c.is_control() => ' ',
        c => c,
    });
    let text: String = replaced.collect();
    if text.is_empty() { " ".to_string() } else { text }
}

fn first_line(text: &Name) -> &str {
    text.lines().next().unwrap_or("")
}
