use std::collections::BTreeMap;

use model::object::{Column, Constraint, ConstraintKind, ForeignKey, Index, RefAction, Table};
use model::{Change, Name, Path, Schema, Severity, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::nouns::Nouns;
use crate::rule::Check;
use crate::subject::{column_path, keeps_past, own_tables, words_of};
use crate::words::counted;

rule! {
    /// A column holds the key of another table and no foreign key says so; add it.
    ///
    /// Nothing keeps the row that it points at: after a DELETE, or after a bug in one service, it points at nothing, joins
    /// drop the row without a word, and a number that is used again points at a stranger. The column is called after the
    /// table and has the type of its key. A project that has foreign keys hardly anywhere is told once.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
    /// CREATE INDEX ON addresses (customer_id);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE customer (id bigint PRIMARY KEY);
    /// CREATE TABLE product (id bigint PRIMARY KEY);
    /// CREATE TABLE purchase (id bigint PRIMARY KEY, customer_id bigint NOT NULL, product_id bigint NOT NULL, note text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     customer_id bigint NOT NULL REFERENCES customers,
    ///     stripe_customer_id bigint,
    ///     external_id bigint
    /// );
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// CREATE TABLE orders_history (id bigint PRIMARY KEY, customer_id bigint NOT NULL);
    /// CREATE TABLE imports (id bigint PRIMARY KEY, customer_id text, customer_type text);
    /// ```
    "K009", fix, Check::Schema(check)
}

/// With fewer declared, in percent, the project does without foreign keys on purpose.
const FEW: usize = 20;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    if findings.dialect().spread.foreign_keys != model::dialect::ForeignKeys::Enforced {
        return;
    }
    let nouns = Nouns::of(schema);
    let mut declared = 0;
    let mut missing: Vec<(&Table, &Column, &Table, &Name)> = Vec::new();
    for table in own_tables(schema).filter(|table| table.foreign.is_none()) {
        declared += table.foreign_keys().count();
        for column in table.columns.iter().filter(|column| !column.inherited) {
            if let Some((target, key)) = spoken_of(&nouns, table, column) {
                missing.push((table, column, target, key));
            }
        }
    }
    let habit = declared * 100 < (declared + missing.len()) * FEW;
    if let Some((table, column, target, key)) = missing.first().filter(|_| habit) {
        let message = format!("{} and {} more hold keys of other tables without a foreign key", column.name, missing.len() - 1);
        let message = if missing.len() == 1 { format!("{}.{} holds keys of {} without a foreign key", table.name, column.name, target.name) } else { message };
        let draft = findings.at(&column_path(table, column), message);
        let draft = draft.why(format!("{} of this project: what keeps them right is the application alone", counted(declared, "foreign key in all", "foreign keys in all")));
        let draft = draft.severity(Severity::Note);
        let changes = missing.iter().flat_map(|(table, column, target, key)| foreign_key(table, column, target, key));
        draft.unsafe_fix(format!("declare them, first the one to {}.{key}", target.name), changes.collect());
        return;
    }
    for (table, column, target, key) in missing {
        findings
            .at(&column_path(table, column), format!("nothing keeps the row of {} that {}.{} points at", target.name, table.name, column.name))
            .why(format!("after a DELETE from {} it points at nothing, and joins drop the row", target.name))
            .unsafe_fix(format!("refer to {}.{key}", target.name), foreign_key(table, column, target, key));
    }
}

/// The table whose key the column holds by its name and type.
fn spoken_of<'a>(nouns: &Nouns<'a>, table: &Table, column: &Column) -> Option<(&'a Table, &'a Name)> {
    let words = words_of(&column.name);
    let stem = words.strip_suffix(&["id".to_owned()][..]).filter(|stem| !stem.is_empty())?;
    let target = nouns.named(stem, &table.name)?;
    let [key] = target.primary_key()?.columns.as_slice() else { return None };
    let same_type = target.column(key).is_some_and(|key| sort(&key.ty).is_some() && sort(&key.ty) == sort(&column.ty));
    let own_key = table.primary_key().is_some_and(|own| own.columns == [column.name.clone()]);
    let past = keeps_past(&table.name.name) && !keeps_past(&target.name.name);
    // `owner_type` beside `owner_id`: which table it is stands in the row.
    let kind = |ending: &str| table.column(&format!("{}_{ending}", stem.join("_"))).is_some();
    let polymorphic = kind("type") || kind("kind") || kind("table");
    let declared = table.foreign_keys().any(|(_, it)| it.columns.contains(&column.name));
    let partitioned = target.is_partitioned() || table.is_partitioned();
    let unusual = target.foreign.is_some() || target.name == table.name && !own_key && words.len() == 2 && is_named_by(table, column);
    let excluded = own_key || past || polymorphic || declared || partitioned || unusual || column.generated.is_some();
    (same_type && !excluded).then_some((target, key))
}

/// A table's own `order_id` beside its `id` is what others call it, not a tree.
fn is_named_by(table: &Table, column: &Column) -> bool {
    table.primary_key().is_some_and(|key| key.columns.len() == 1) && table.unique_keys().any(|key| key == [&column.name])
}

fn sort(ty: &Type) -> Option<u8> {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt => Some(0),
        Type::Uuid => Some(1),
        Type::Text | Type::Varchar(_) => Some(2),
        _ => None,
    }
}

/// The key with the width of its target, and an index to serve it.
fn foreign_key(table: &Table, column: &Column, target: &Table, key: &Name) -> Vec<Change> {
    let mut changes = Vec::new();
    let target_type = target.column(key).map(|key| &key.ty);
    if let Some(ty) = target_type.filter(|ty| **ty != column.ty) {
        changes.push(Change::set_type(Path::column(&table.name, column.name.clone()), ty.clone()));
    }
    let constraint = ForeignKey {
        columns: vec![column.name.clone()],
        table: target.name.clone(),
        targets: vec![key.clone()],
        on_delete: RefAction::NoAction,
        on_update: RefAction::NoAction,
        set_columns: Vec::new(),
        match_full: false,
        period: false,
    };
    let constraint = Constraint::new(Name::default(), ConstraintKind::ForeignKey(constraint));
    changes.push(Change::add_constraint(&table.name, constraint));
    if !leads(table).contains_key(&column.name) {
        changes.push(Change::add_index(&table.name, Index::btree("", [column.name.clone()])));
    }
    changes
}

/// The columns with which an index begins.
fn leads(table: &Table) -> BTreeMap<Name, ()> {
    let by_index = table.indexes.iter().filter(|index| index.predicate.is_none() && matches!(index.method.as_str(), "btree" | "hash"));
    let by_index = by_index.filter_map(|index| index.key_columns().first().copied().flatten().cloned());
    let by_key = table.constraints.iter().filter_map(|it| it.as_key()?.columns.first().cloned());
    by_index.chain(by_key).map(|name| (name, ())).collect()
}
