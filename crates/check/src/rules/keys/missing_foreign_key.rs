use std::collections::{BTreeMap, BTreeSet};

use model::object::{Column, Constraint, ConstraintKind, ForeignKey, Index, RefAction, Table};
use model::{Change, Kind, Migration, Name, Path, QName, Schema, Severity, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::sight::Sight;
use crate::subject::{before_word, column_path, keeps_past, own_tables};
use crate::words::counted;

rule! {
    /// A column holds the key of another table and no foreign key says so; add it.
    ///
    /// Nothing keeps the row that it points at: after a DELETE, or after a bug in one service, it points at nothing, joins
    /// drop the row without a word, and a number that is used again points at a stranger. The column is called after the
    /// table and has the type of its key. Where most columns that refer to a table do so without a foreign key, the project
    /// is told once; a key that a migration dropped is not missed.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
    /// CREATE TABLE payments (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
    /// CREATE INDEX ON addresses (customer_id);
    /// CREATE INDEX ON payments (customer_id);
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

/// A column that holds the key of another table.
struct Missing<'a> {
    table: &'a Table,
    column: &'a Column,
    target: &'a Table,
    key: &'a Name,
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    if findings.dialect().spread.foreign_keys != model::dialect::ForeignKeys::Enforced {
        return;
    }
    let sight = findings.sight();
    let dropped = dropped(findings.migrations());
    let mut declared: BTreeMap<&QName, usize> = BTreeMap::new();
    let mut missing: BTreeMap<&QName, Vec<Missing<'_>>> = BTreeMap::new();
    for table in own_tables(schema).filter(|table| table.foreign.is_none()) {
        for (_, key) in table.foreign_keys() {
            *declared.entry(&key.table).or_default() += 1;
        }
        for column in table.columns.iter().filter(|column| !column.inherited) {
            let found = spoken_of(sight, table, column).filter(|_| !dropped.contains(&(&table.name, &column.name)));
            if let Some((target, key)) = found {
                missing.entry(&target.name).or_default().push(Missing { table, column, target, key });
            }
        }
    }
    // Where the most refer to a table by a foreign key, the others were forgotten; else the project does without on purpose.
    let count = |target: &QName| declared.get(target).copied().unwrap_or(0);
    let (forgotten, habit): (Vec<_>, Vec<_>) =
        missing.into_iter().partition(|(target, missing)| count(target) >= missing.len() * 2);
    for (target, missing) in forgotten {
        for Missing { table, column, target: whole, key } in missing {
            let message = format!("nothing keeps the row of {target} that {}.{} points at", table.name, column.name);
            findings
                .at(&column_path(table, column), message)
                .why(format!("after a DELETE from {target} it points at nothing, and joins drop the row"))
                .why(format!(
                    "{} to {target}",
                    counted(count(target), "column has a foreign key", "columns have a foreign key")
                ))
                .unsafe_fix(format!("refer to {target}.{key}"), foreign_key(table, column, whole, key));
        }
    }
    let habit: Vec<Missing<'_>> = habit.into_iter().flat_map(|(_, missing)| missing).collect();
    let Some(first) = habit.first() else { return };
    let message = match habit.len() {
        1 => format!(
            "{}.{} holds keys of {} without a foreign key",
            first.table.name, first.column.name, first.target.name
        ),
        count => format!(
            "{}.{} and {} more hold keys of other tables without a foreign key",
            first.table.name,
            first.column.name,
            count - 1
        ),
    };
    let changes = habit.iter().flat_map(|it| foreign_key(it.table, it.column, it.target, it.key)).collect();
    let all: usize = declared.values().sum();
    findings
        .at(&column_path(first.table, first.column), message)
        .why(format!(
            "this project has {}: for these, what keeps them right is the application alone",
            counted(all, "foreign key", "foreign keys")
        ))
        .severity(Severity::Note)
        .unsafe_fix("declare them", changes);
}

/// The columns whose foreign key a migration dropped: somebody decided so.
fn dropped(migrations: &[Migration]) -> BTreeSet<(&QName, &Name)> {
    let mut found = BTreeSet::new();
    for step in migrations.iter().filter(|migration| !migration.down).flat_map(|migration| &migration.steps) {
        for change in &step.changes {
            let Change::Drop { path, .. } = change else { continue };
            if path.kind != Kind::Constraint {
                continue;
            }
            let Some(table) = step.before.table(&path.qname()) else { continue };
            let key = table.constraint(&path.part).and_then(Constraint::as_foreign_key);
            found.extend(key.into_iter().flat_map(|key| &key.columns).map(|column| (&table.name, column)));
        }
    }
    found
}

/// The table whose key the column holds by its name and type.
fn spoken_of<'a>(sight: &Sight<'a>, table: &Table, column: &Column) -> Option<(&'a Table, &'a Name)> {
    let name = column.name.as_bytes();
    if name.len() < 2 || !name[name.len() - 2..].eq_ignore_ascii_case(b"id") {
        return None;
    }
    let words = sight.words(&column.name);
    let stem = before_word(&words, "id")?;
    let target = sight.nouns().named(stem, &table.name)?;
    let [key] = target.primary_key()?.columns.as_slice() else { return None };
    let same_type = target.column(key).is_some_and(|key| sort(&key.ty).is_some() && sort(&key.ty) == sort(&column.ty));
    let own_key = table.primary_key().is_some_and(|own| own.columns == [column.name.clone()]);
    let past = keeps_past(&table.name.name) && !keeps_past(&target.name.name);
    // `owner_type` beside `owner_id`: which table it is stands in the row.
    let kind = |ending: &str| table.column(&format!("{}_{ending}", stem.join("_"))).is_some();
    let polymorphic = kind("type") || kind("kind") || kind("table");
    let declared = table.foreign_keys().any(|(_, it)| it.columns.contains(&column.name));
    let partitioned = target.is_partitioned() || table.is_partitioned();
    // A table's own `order_id` beside its `id` is what others call it; another schema is another matter.
    let unusual = target.foreign.is_some() || target.name == table.name || target.name.schema != table.name.schema;
    let excluded = own_key || past || polymorphic || declared || partitioned || unusual || column.generated.is_some();
    (same_type && !excluded).then_some((target, key))
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
    if !leads(table).contains(&column.name) {
        changes.push(Change::add_index(&table.name, Index::btree("", [column.name.clone()])));
    }
    changes
}

/// The columns with which an index begins.
fn leads(table: &Table) -> BTreeSet<Name> {
    let by_index = table
        .indexes
        .iter()
        .filter(|index| index.predicate.is_none() && matches!(index.method.as_str(), "btree" | "hash"));
    let by_index = by_index.filter_map(|index| index.key_columns().first().copied().flatten().cloned());
    let by_key = table.constraints.iter().filter_map(|it| it.as_key()?.columns.first().cloned());
    by_index.chain(by_key).collect()
}
