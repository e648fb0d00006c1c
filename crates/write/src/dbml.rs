//! DBML: tables with their keys, references, indexes, enums and notes, for dbdiagram and its kin.
//!
//! What the language has no word for stands in a note, and what its parser would refuse in a comment; nothing that the
//! schema says of a table is dropped in silence. Views, routines and privileges are not part of the language.

mod text;

use std::collections::BTreeSet;

use model::name::quoted;
use model::object::{
    Column, Constraint, ConstraintKind, Enum, Exclude, ForeignKey, Index, IndexKey, Key, PartitionBy, Table,
};
use model::{Expr, Name, Path, QName, Schema};

use crate::relation::{Relation, actions, counts_up, drawn_tables, partitions, relations, strategy};
use crate::sql::postgres::index_key;
use text::{code, commented, settings, string, ty, word};

pub fn render(schema: &Schema) -> String {
    let enums = schema.enums().map(|ty| enumeration(schema, ty));
    let tables = drawn_tables(schema).map(|table| self::table(schema, table));
    let references = references(schema);
    let references = (!references.is_empty()).then(|| references.concat());
    let views = schema.views().map(|view| format!("// view {} ({})\n", view.name, view.columns.join(", ")));
    let views: String = views.collect();
    let views = (!views.is_empty()).then_some(views);
    enums.chain(tables).chain(references).chain(views).collect::<Vec<_>>().join("\n")
}

fn enumeration(schema: &Schema, ty: &Enum) -> String {
    let values: String =
        ty.values.iter().filter(|value| !value.is_empty()).map(|value| format!("  {}\n", word(value))).collect();
    let comment = schema.comment(&Path::object(model::Kind::Enum, &ty.name));
    let note = comment.map(|comment| format!("// {}\n", comment.replace(['\n', '\r'], " "))).unwrap_or_default();
    let block = format!("Enum {} {{\n{values}}}\n", qualified(&ty.name));
    if values.is_empty() { commented(&block, "an enum without values cannot be said") } else { note + &block }
}

fn table(schema: &Schema, table: &Table) -> String {
    let mut body: String =
        table.columns.iter().map(|column| format!("  {}\n", self::column(schema, table, column))).collect();
    let indexes: String = index_lines(schema, table).iter().map(|line| format!("    {line}\n")).collect();
    if !indexes.is_empty() {
        body += &format!("\n  indexes {{\n{indexes}  }}\n");
    }
    let checks: String =
        table.checks().map(|(constraint, expr)| format!("    {}\n", check(constraint, expr))).collect();
    if !checks.is_empty() {
        body += &format!("\n  checks {{\n{checks}  }}\n");
    }
    let notes = table_notes(schema, table);
    if !notes.is_empty() {
        body += &format!("\n  Note: {}\n", string(&notes.join("\n")));
    }
    let block = format!("Table {} {{\n{body}}}\n", qualified(&table.name));
    if table.columns.is_empty() { commented(&block, "a table without columns cannot be said") } else { block }
}

fn table_notes(schema: &Schema, table: &Table) -> Vec<String> {
    let comment = schema.comment(&Path::table(&table.name)).map(ToString::to_string);
    let partitioned = table.partition_by.as_ref().map(|by| partitioning(by, partitions(schema, table)));
    let inherits = table.inherits.iter().map(|parent| format!("inherits from {parent}"));
    comment.into_iter().chain(partitioned).chain(inherits).collect()
}

/// `partitioned by range of created_at, 12 partitions`
fn partitioning(by: &PartitionBy, count: usize) -> String {
    let keys: Vec<String> = by.keys.iter().map(|key| key.expr.to_string()).collect();
    let count = if count == 1 { "1 partition".to_string() } else { format!("{count} partitions") };
    format!("partitioned by {} of {}, {count}", strategy(by.strategy), keys.join(", "))
}

fn column(schema: &Schema, table: &Table, column: &Column) -> String {
    let mut said = Vec::new();
    let alone = |key: &Key| key.columns.len() == 1 && key.columns[0] == column.name;
    if table.primary_key().is_some_and(alone) {
        said.push("pk".to_string());
    }
    if counts_up(column) {
        said.push("increment".to_string());
    }
    if table.constraints.iter().any(|constraint| matches!(&constraint.kind, ConstraintKind::Unique(key) if alone(key)))
    {
        said.push("unique".to_string());
    }
    if !column.is_nullable() {
        said.push("not null".to_string());
    }
    if let Some(default) = column.default.as_ref().filter(|_| !counts_up(column)) {
        said.push(format!("default: {}", value(default)));
    }
    let comment = schema.comment(&Path::column(&table.name, column.name.clone())).map(ToString::to_string);
    let generated = column.generated.as_ref().map(|generated| format!("generated: {}", generated.expr));
    let notes: Vec<String> = comment.into_iter().chain(generated).collect();
    if !notes.is_empty() {
        said.push(format!("note: {}", string(&notes.join("\n"))));
    }
    format!("{} {}{}", word(&column.name), ty(&column.ty), settings(&said))
}

/// A default: a literal where the language has one, else an expression.
fn value(expr: &Expr) -> String {
    match expr.without_casts() {
        Expr::String(text) => string(text),
        Expr::Number(number) if number.parse::<f64>().is_ok_and(f64::is_finite) => number.to_string(),
        Expr::Bool(value) => value.to_string(),
        Expr::Null => "null".to_string(),
        _ => code(&expr.to_string()),
    }
}

/// Keys over several columns, keys with something to say beside their columns, exclusions and indexes.
fn index_lines(schema: &Schema, table: &Table) -> Vec<String> {
    let constraints = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) if key.columns.len() > 1 => Some(key_line("pk", constraint, key)),
        ConstraintKind::Unique(key) if key.columns.len() > 1 || key.nulls_not_distinct => {
            Some(key_line("unique", constraint, key))
        }
        ConstraintKind::Exclude(exclude) => Some(exclusion(constraint, exclude)),
        _ => None,
    });
    constraints.chain(table.indexes.iter().map(|index| self::index(schema, table, index))).collect()
}

fn key_line(kind: &str, constraint: &Constraint, key: &Key) -> String {
    let columns: Vec<String> = key.columns.iter().map(|column| word(column)).collect();
    let mut said = vec![kind.to_string(), format!("name: {}", string(&constraint.name))];
    let notes = [
        key.nulls_not_distinct.then(|| "NULLS NOT DISTINCT".to_string()),
        (!key.include.is_empty()).then(|| format!("INCLUDE ({})", key.include.join(", "))),
    ];
    said.extend(note(notes));
    format!("{}{}", parenthesized(&columns), settings(&said))
}

fn exclusion(constraint: &Constraint, exclude: &Exclude) -> String {
    let keys = key_list(exclude.elements.iter().map(|element| &element.key));
    let rule: Vec<String> =
        exclude.elements.iter().map(|element| format!("{} WITH {}", element.key.expr, element.operator)).collect();
    let said = [
        format!("type: {}", word(&exclude.method)),
        format!("name: {}", string(&constraint.name)),
        format!("note: {}", string(&format!("EXCLUDE ({})", rule.join(", ")))),
    ];
    format!("{keys}{}", settings(&said))
}

fn index(schema: &Schema, table: &Table, index: &Index) -> String {
    let mut said = Vec::new();
    if index.method != "btree" {
        said.push(format!("type: {}", word(&index.method)));
    }
    if index.unique {
        said.push("unique".to_string());
    }
    said.push(format!("name: {}", string(&index.name)));
    let comment = schema.comment(&Path::index(&table.name, index.name.clone())).map(ToString::to_string);
    let notes = [
        index.nulls_not_distinct.then(|| "NULLS NOT DISTINCT".to_string()),
        (!index.include.is_empty()).then(|| format!("INCLUDE ({})", index.include.join(", "))),
        index.predicate.as_ref().map(|predicate| format!("WHERE {predicate}")),
        (!index.valid).then(|| "not valid".to_string()),
        comment,
    ];
    said.extend(note(notes));
    format!("{}{}", key_list(index.keys.iter()), settings(&said))
}

fn note(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("note: {}", string(&parts.join("\n"))))
}

/// The keys in their parentheses. The parser takes a column only once, so one that comes back stands as code.
fn key_list<'a>(keys: impl Iterator<Item = &'a IndexKey>) -> String {
    let mut seen = BTreeSet::new();
    let mut word = |key: &'a IndexKey| {
        let said = self::key(key);
        if seen.insert(said.clone()) { said } else { code(&key.expr.to_string()) }
    };
    parenthesized(&keys.map(&mut word).collect::<Vec<_>>())
}

fn parenthesized(words: &[String]) -> String {
    if let [one] = words { one.clone() } else { format!("({})", words.join(", ")) }
}

/// A plain column by its name; what has an order or an operator class of its own, and what is no column, as code.
fn key(key: &IndexKey) -> String {
    let sql = index_key(key);
    key.expr.as_column().filter(|column| quoted(column) == sql).map_or_else(|| code(&sql), |column| word(column))
}

fn check(constraint: &Constraint, expr: &Expr) -> String {
    format!("{} [name: {}]", code(&expr.to_string()), string(&constraint.name))
}

/// One line for each foreign key. The parser refuses a second line between the same columns, and columns that it
/// cannot find; those stand as comments.
fn references(schema: &Schema) -> Vec<String> {
    let mut drawn = BTreeSet::new();
    let line = |relation: Relation<'_>| {
        let line = reference(&relation);
        let mut ends =
            [end(&relation.table.name, &relation.key.columns), end(&relation.key.table, &relation.key.targets)];
        ends.sort();
        if ends[0] == ends[1] {
            commented(&line, "points at itself")
        } else if !known(schema, relation.key) {
            commented(&line, "points at a table or column that is not in the sources, or at a partition")
        } else if !drawn.insert(ends) {
            commented(&line, "joins the same columns as a line above")
        } else {
            line
        }
    };
    relations(schema).map(line).collect()
}

/// `Ref orders_customer_id_fkey: orders.customer_id > customers.id [delete: cascade]`
fn reference(relation: &Relation<'_>) -> String {
    let Relation { table, constraint, key, unique, .. } = relation;
    let kind = if *unique { "-" } else { ">" };
    let said: Vec<String> = actions(key).map(|(event, action)| format!("{event}: {action}")).collect();
    let (from, to) = (columns(&table.name, &key.columns), columns(&key.table, &key.targets));
    format!("Ref {}: {from} {kind} {to}{}\n", word(&constraint.name), settings(&said))
}

fn known(schema: &Schema, key: &ForeignKey) -> bool {
    let Some(target) = schema.table(&key.table).filter(|table| table.partition_of.is_none()) else { return false };
    !key.targets.is_empty() && key.targets.iter().all(|column| target.column(column).is_some())
}

fn end(table: &QName, columns: &[Name]) -> (QName, Vec<Name>) {
    let mut columns = columns.to_vec();
    columns.sort();
    (table.clone(), columns)
}

fn columns(table: &QName, columns: &[Name]) -> String {
    let words: Vec<String> = columns.iter().map(|column| word(column)).collect();
    format!("{}.{}", qualified(table), parenthesized(&words))
}

fn qualified(name: &QName) -> String {
    if name.schema == model::name::PUBLIC {
        word(&name.name)
    } else {
        format!("{}.{}", word(&name.schema), word(&name.name))
    }
}
