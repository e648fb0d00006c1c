//! What holds of every schema, whatever was done to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::registry::{constraint_names, parents, relation_names};
use super::*;
use crate::change::Aspect;
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::object::*;
use crate::path::Kind;
use crate::ty::Type;

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Name> {
    prop::sample::select(words).prop_map(Name::new_static)
}

fn table_name() -> impl Strategy<Value = QName> {
    (word(&["public", "app"]), word(&["a", "b", "c", "a_x"])).prop_map(|(schema, name)| QName { schema, name })
}

fn column_name() -> impl Strategy<Value = Name> {
    word(&["x", "y", "x_y"])
}

/// Mostly left to the database, sometimes one that may be taken.
fn part_name() -> impl Strategy<Value = Name> {
    word(&["", "", "", "a_pkey", "a_x_idx", "a_x_check", "b"])
}

fn column() -> impl Strategy<Value = Column> {
    (column_name(), any::<bool>(), any::<bool>()).prop_map(|(name, identity, not_null)| {
        let sequence = Sequence::new(QName::new("", ""), Type::Integer);
        Column {
            identity: identity.then(|| Box::new(Identity { always: true, sequence })),
            not_null: not_null.then(NotNull::default),
            ..Column::new(name, Type::Integer)
        }
    })
}

fn table() -> impl Strategy<Value = Table> {
    let parent = prop::option::weighted(0.4, (table_name(), any::<bool>()));
    (table_name(), prop::collection::vec(column(), 0..3), parent, prop::bool::weighted(0.4)).prop_map(
        |(name, columns, parent, partitioned)| {
            let keys = vec![PartitionKey { expr: Expr::column("x"), collation: None, opclass: None }];
            let columns = columns.into_iter().map(Arc::new).collect();
            let mut table = Table { columns, ..Table::new(name) };
            table.partition_by = partitioned.then_some(PartitionBy { strategy: PartitionStrategy::List, keys });
            match parent {
                Some((parent, true)) => table.inherits.push(parent),
                Some((parent, false)) => {
                    table.columns.clear();
                    table.partition_of = Some(PartitionOf { parent, bound: crate::Sql::text("DEFAULT") });
                }
                None => {}
            }
            table
        },
    )
}

fn constraint() -> impl Strategy<Value = Constraint> {
    let key = |columns| Key { columns, ..Key::default() };
    let columns =
        || prop::collection::btree_set(column_name(), 1..3).prop_map(|set| set.into_iter().collect::<Vec<_>>());
    let kind = prop_oneof![
        columns().prop_map(move |columns| ConstraintKind::PrimaryKey(key(columns))),
        columns().prop_map(move |columns| ConstraintKind::Unique(key(columns))),
        column_name().prop_map(|name| {
            ConstraintKind::Check(Expr::binary(
                ">",
                Expr::Column(crate::expr::ColumnRef { qualifier: None, name }),
                Expr::Null,
            ))
        }),
        (columns(), table_name()).prop_map(|(columns, table)| ConstraintKind::ForeignKey(ForeignKey {
            columns,
            table,
            targets: Vec::new(),
            on_delete: RefAction::NoAction,
            on_update: RefAction::NoAction,
            set_columns: Vec::new(),
            match_full: false,
            period: false,
        })),
    ];
    (part_name(), kind).prop_map(|(name, kind)| Constraint::new(name, kind))
}

fn path() -> impl Strategy<Value = Path> {
    prop_oneof![
        table_name().prop_map(|table| Path::table(&table)),
        (table_name(), column_name()).prop_map(|(table, column)| Path::column(&table, column)),
        (table_name(), word(&["a_pkey", "a_x_key", "b_x_fkey", "a_x_check", "c_pkey"]))
            .prop_map(|(table, name)| Path::constraint(&table, name)),
        (word(&["public", "app"]), word(&["a_pkey", "a_x_idx", "b_x_idx", "c_x_y_idx"]))
            .prop_map(|(schema, name)| Path::index(&QName::new(schema, ""), name)),
        Just(Path::global(Kind::Namespace, "app")),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let index = (part_name(), column_name(), any::<bool>())
        .prop_map(|(name, column, unique)| Index { unique, ..Index::btree(name, [column]) });
    prop_oneof![
        6 => table().prop_map(|table| Change::Create { path: Path::table(&table.name), object: Object::Table(table.into()) }),
        4 => (table_name(), constraint()).prop_map(|(table, constraint)| Change::add_constraint(&table, constraint)),
        3 => (table_name(), index).prop_map(|(table, index)| Change::add_index(&table, index)),
        2 => (table_name(), column()).prop_map(|(table, column)| Change::add_column(&table, column)),
        2 => (path(), any::<bool>()).prop_map(|(path, cascade)| Change::Drop { path, cascade }),
        2 => (path(), word(&["a", "d", "x", "a_pkey", "z"])).prop_map(|(path, to)| Change::Rename { path, to }),
        1 => (table_name(), word(&["public", "app"])).prop_map(|(table, to)| Change::Move { path: Path::table(&table), to }),
        1 => (table_name(), table_name()).prop_map(|(parent, partition)| {
            let bound = crate::Sql::text("DEFAULT");
            Change::alter(Path::table(&parent), Aspect::AttachPartition { partition, bound })
        }),
        1 => (table_name(), table_name()).prop_map(|(parent, partition)| {
            Change::alter(Path::table(&parent), Aspect::DetachPartition { partition })
        }),
        1 => path().prop_map(|path| Change::alter(path, Aspect::Comment(Some("said".into())))),
        1 => path().prop_map(|path| Change::alter(path, Aspect::NotNull(None))),
    ]
}

/// The registers say exactly what the objects say, and nothing points at what is not there.
fn is_sound(schema: &Schema) -> Result<(), TestCaseError> {
    let mut relations = BTreeMap::new();
    let mut constraints = BTreeMap::<QName, u32>::new();
    let mut children = BTreeMap::<QName, BTreeSet<QName>>::new();
    for (path, object) in schema.objects() {
        for (name, holder) in relation_names(path, object) {
            prop_assert!(schema.contains(&holder), "{holder:?} is not there");
            prop_assert!(relations.insert(name.clone(), holder).is_none(), "{name} is held twice");
        }
        for name in constraint_names(path, object) {
            *constraints.entry(name).or_default() += 1;
        }
        let Object::Table(table) = object else { continue };
        prop_assert_eq!(&table.name, &path.qname());
        for parent in parents(table) {
            prop_assert!(schema.table(&parent).is_some(), "parent {} of {} is not there", parent, table.name);
            children.entry(parent).or_default().insert(table.name.clone());
        }
        for constraint in &table.constraints {
            for column in constraint.columns() {
                prop_assert!(table.column(&column).is_some(), "{} has no {column}", table.name);
            }
            let Some(key) = constraint.as_foreign_key() else { continue };
            prop_assert_eq!(key.columns.len(), key.targets.len());
            for target in &key.targets {
                prop_assert!(schema.column(&key.table, target).is_some(), "{} points at nothing", constraint.name);
            }
        }
        for index in &table.indexes {
            for column in index.columns() {
                prop_assert!(table.column(column).is_some(), "{} has no {column}", table.name);
            }
            if let Some(parent) = &index.attached_to {
                prop_assert!(schema.index(parent).is_some(), "{} is part of nothing", index.name);
            }
        }
        if let Some(key) = table.primary_key() {
            prop_assert!(key.columns.iter().all(|name| !table.column(name).unwrap().is_nullable()));
        }
    }
    prop_assert_eq!(
        schema.relations.iter().map(|(name, path)| (name.clone(), path.clone())).collect::<BTreeMap<_, _>>(),
        relations
    );
    prop_assert_eq!(
        schema.constraint_names.iter().map(|(name, count)| (name.clone(), *count)).collect::<BTreeMap<_, _>>(),
        constraints
    );
    prop_assert_eq!(
        schema.children.iter().map(|(name, found)| (name.clone(), (**found).clone())).collect::<BTreeMap<_, _>>(),
        children
    );
    for (path, _) in schema.comments() {
        prop_assert!(schema.contains(path), "a comment on {path}, which is not there");
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_schema_is_sound_and_a_refusal_changes_nothing(changes in prop::collection::vec(change(), 1..40)) {
        let mut schema = Schema::default();
        let app = Object::Namespace(Namespace { name: "app".into() });
        apply(&mut schema, &Change::Create { path: Path::global(Kind::Namespace, "app"), object: app }).unwrap();
        for change in &changes {
            let before = schema.clone();
            match apply(&mut schema, change) {
                Ok(effects) => {
                    is_sound(&schema)?;
                    for path in effects.created {
                        prop_assert!(schema.contains(&path), "{path:?} was created and is not there");
                    }
                    for path in effects.dropped {
                        prop_assert!(!schema.contains(&path), "{path:?} was dropped and is there");
                    }
                }
                Err(_) => prop_assert!(before == schema),
            }
        }
    }
}
