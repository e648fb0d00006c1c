//! Small schemas, one change, and what is left.

use std::sync::Arc;

use super::*;
use crate::change::Aspect;
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::object::*;
use crate::path::Kind;
use crate::ty::Type;

fn table(name: &str, columns: &[&str]) -> Change {
    let mut table = Table::new(QName::public(name));
    table.columns = columns.iter().map(|name| Arc::new(Column::new(*name, Type::Integer))).collect();
    Change::Create { path: Path::table(&table.name), object: Object::Table(table.into()) }
}

fn key(name: &str, columns: &[&str]) -> Constraint {
    let key = Key { columns: columns.iter().map(Name::new).collect(), ..Key::default() };
    Constraint::new(name, ConstraintKind::PrimaryKey(key))
}

fn unique(columns: &[&str]) -> Constraint {
    let key = Key { columns: columns.iter().map(Name::new).collect(), ..Key::default() };
    Constraint::new("", ConstraintKind::Unique(key))
}

fn foreign_key(column: &str, table: &str) -> Constraint {
    let key = ForeignKey {
        columns: vec![column.into()],
        table: QName::public(table),
        targets: Vec::new(),
        on_delete: RefAction::NoAction,
        on_update: RefAction::NoAction,
        set_columns: Vec::new(),
        match_full: false,
        period: false,
    };
    Constraint::new("", ConstraintKind::ForeignKey(key))
}

fn positive(column: &str) -> Constraint {
    let check = Expr::binary(">", Expr::column(column), Expr::Number("0".into()));
    Constraint::new("", ConstraintKind::Check(check))
}

fn add(table: &str, constraint: Constraint) -> Change {
    Change::add_constraint(&QName::public(table), constraint)
}

fn index(table: &str, columns: &[&str]) -> Change {
    Change::add_index(&QName::public(table), Index::btree("", columns.iter().map(Name::new)))
}

fn rename(path: Path, to: &str) -> Change {
    Change::Rename { path, to: to.into() }
}

fn column(table: &str, column: &str) -> Path {
    Path::column(&QName::public(table), column)
}

/// Applies all but the last change, which must work, and gives back the schema with what came of the last.
fn apply_all(changes: &[Change]) -> (Schema, Result<Effects, Refusal>) {
    let mut schema = Schema::default();
    let mut last = Ok(Effects::default());
    for change in changes {
        last.unwrap();
        last = apply(&mut schema, change);
    }
    (schema, last)
}

/// What the last change did or why not, in one line.
fn check(changes: &[Change], expected: &str) -> Schema {
    let (schema, last) = apply_all(changes);
    let names = |paths: &[Path]| paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let said = match last {
        Err(refusal) => format!("refused: {refusal}"),
        Ok(effects) => [
            ("created", names(&effects.created)),
            ("dropped", names(&effects.dropped)),
            ("renamed", effects.renamed.iter().map(|(from, to)| format!("{from}>{to}")).collect::<Vec<_>>().join(" ")),
            ("altered", names(&effects.altered)),
        ]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {names}"))
        .collect::<Vec<_>>()
        .join("; "),
    };
    assert_eq!(said, expected);
    schema
}

#[test]
fn a_primary_key_gets_its_name_and_makes_columns_not_null() {
    let changes = [table("t", &["a", "b"]), add("t", key("", &["a"]))];
    let schema = check(&changes, "created t.t_pkey; altered t.a");
    assert!(!schema.column(&QName::public("t"), "a").unwrap().is_nullable());
    assert_eq!(schema.relation(&QName::public("t_pkey")), Some(&Path::constraint(&QName::public("t"), "t_pkey")));
}

#[test]
fn a_second_primary_key_is_refused() {
    let changes = [table("t", &["a"]), add("t", key("", &["a"])), add("t", key("other", &["a"]))];
    check(&changes, "refused: multiple primary keys for table t are not allowed");
}

#[test]
fn tables_and_indexes_share_their_names() {
    check(&[table("t", &["a"]), index("t", &["a"]), table("t_a_idx", &[])], "refused: t_a_idx exists already (index)");
}

#[test]
fn chosen_names_avoid_those_in_use() {
    check(&[table("t", &["a"]), index("t", &["a"]), index("t", &["a"])], "created t_a_idx1");
    check(&[table("t", &["a"]), add("t", unique(&["a"])), add("t", unique(&["a"]))], "created t.t_a_key1");
    check(&[table("t", &["a"]), add("t", positive("a")), add("t", positive("a"))], "created t.t_a_check1");
    // Another table's constraint counts too, however it got its name.
    let renamed = rename(Path::table(&QName::public("t")), "old");
    let changes = [table("t", &["a"]), add("t", positive("a")), renamed, table("t", &["a"]), add("t", positive("a"))];
    check(&changes, "created t.t_a_check1");
}

#[test]
fn a_foreign_key_takes_the_primary_key() {
    let changes =
        [table("a", &["id"]), add("a", key("", &["id"])), table("b", &["a_id"]), add("b", foreign_key("a_id", "a"))];
    let schema = check(&changes, "created b.b_a_id_fkey");
    let (_, key) = schema.table(&QName::public("b")).unwrap().foreign_keys().next().unwrap();
    assert_eq!(key.targets, ["id"]);
}

#[test]
fn a_foreign_key_needs_a_key() {
    let changes = [table("a", &["id"]), table("b", &["a_id"]), add("b", foreign_key("a_id", "a"))];
    check(&changes, "refused: there is no primary key for referenced table a");
}

fn two_tables() -> Vec<Change> {
    vec![
        table("a", &["id", "x"]),
        add("a", key("", &["id"])),
        table("b", &["a_id"]),
        add("b", foreign_key("a_id", "a")),
    ]
}

fn with(mut changes: Vec<Change>, more: impl IntoIterator<Item = Change>) -> Vec<Change> {
    changes.extend(more);
    changes
}

#[test]
fn a_table_that_is_pointed_at_goes_only_by_cascade() {
    let path = Path::table(&QName::public("a"));
    check(&with(two_tables(), [Change::drop(path.clone())]), "refused: a is still used by b.b_a_id_fkey");
    let cascade = Change::Drop { path, cascade: true };
    check(&with(two_tables(), [cascade]), "dropped a b.b_a_id_fkey");
}

#[test]
fn a_key_that_is_pointed_at_goes_only_by_cascade() {
    let path = Path::constraint(&QName::public("a"), "a_pkey");
    check(&with(two_tables(), [Change::drop(path.clone())]), "refused: a.a_pkey is still used by b.b_a_id_fkey");
    let schema = check(&with(two_tables(), [Change::Drop { path, cascade: true }]), "dropped a.a_pkey b.b_a_id_fkey");
    assert_eq!(schema.relation(&QName::public("a_pkey")), None);
}

#[test]
fn the_index_of_a_key_goes_only_with_the_key() {
    let drop = Change::Drop { path: Path::index(&QName::new("public", ""), "a_pkey"), cascade: true };
    check(&with(two_tables(), [drop]), "refused: a_pkey is still used by a.a_pkey");
}

#[test]
fn a_column_takes_its_indexes_and_constraints_along() {
    let changes = [
        table("t", &["a", "b"]),
        index("t", &["a", "b"]),
        index("t", &["b"]),
        add("t", positive("a")),
        Change::drop(column("t", "a")),
    ];
    let schema = check(&changes, "dropped t.a t.t_a_check t_a_b_idx");
    assert_eq!(schema.relation(&QName::public("t_a_b_idx")), None);
    assert!(schema.relation(&QName::public("t_b_idx")).is_some());
}

#[test]
fn a_renamed_table_is_found_by_its_foreign_keys() {
    let schema = check(&with(two_tables(), [rename(Path::table(&QName::public("a")), "c")]), "renamed a>c");
    let (_, key) = schema.table(&QName::public("b")).unwrap().foreign_keys().next().unwrap();
    assert_eq!(key.table, QName::public("c"));
    assert!(schema.table(&QName::public("c")).unwrap().constraint("a_pkey").is_some());
    assert_eq!(schema.relation(&QName::public("a_pkey")), Some(&Path::constraint(&QName::public("c"), "a_pkey")));
}

#[test]
fn a_renamed_column_is_found_by_keys_and_foreign_keys() {
    let schema = check(&with(two_tables(), [rename(column("a", "id"), "no")]), "renamed a.id>a.no");
    let (_, key) = schema.table(&QName::public("b")).unwrap().foreign_keys().next().unwrap();
    assert_eq!(key.targets, ["no"]);
    assert_eq!(schema.table(&QName::public("a")).unwrap().primary_key().unwrap().columns, ["no"]);
}

#[test]
fn a_sequence_keeps_its_default_through_a_rename() {
    let sequence = Sequence::new(QName::public("s"), Type::BigInt);
    let next = Expr::call(
        QName::new("", "nextval"),
        vec![Expr::Cast { operand: Box::new(Expr::String("s".into())), ty: Type::builtin("regclass") }],
    );
    let path = Path::object(Kind::Sequence, &sequence.name);
    let create = Change::Create { path: path.clone(), object: Object::Sequence(sequence) };
    let default = Change::alter(column("t", "a"), Aspect::Default(Some(next)));
    let start = vec![table("t", &["a"]), create, default];
    let schema = check(&with(start.clone(), [rename(path.clone(), "numbers")]), "renamed s>numbers");
    let default = schema.column(&QName::public("t"), "a").unwrap().default.clone().unwrap();
    assert_eq!(default.to_string(), "nextval('numbers'::regclass)");

    check(&with(start.clone(), [Change::drop(path.clone())]), "refused: s is still used by t.a");
    let schema = check(&with(start, [Change::Drop { path, cascade: true }]), "dropped s; altered t.a");
    assert_eq!(schema.column(&QName::public("t"), "a").unwrap().default, None);
}

fn partitioned(name: &str) -> Change {
    let mut table = Table::new(QName::public(name));
    table.columns = ["a", "b"].map(|name| Arc::new(Column::new(name, Type::Integer))).into();
    let keys = vec![PartitionKey { expr: Expr::column("a"), collation: None, opclass: None }];
    table.partition_by = Some(PartitionBy { strategy: PartitionStrategy::Range, keys });
    Change::Create { path: Path::table(&table.name), object: Object::Table(table.into()) }
}

fn partition(name: &str, parent: &str) -> Change {
    let mut table = Table::new(QName::public(name));
    table.partition_of = Some(PartitionOf { parent: QName::public(parent), bound: crate::Sql::text("DEFAULT") });
    Change::Create { path: Path::table(&table.name), object: Object::Table(table.into()) }
}

#[test]
fn a_partition_has_what_its_parent_has() {
    let changes =
        [partitioned("p"), add("p", key("", &["a"])), index("p", &["b"]), add("p", positive("b")), partition("q", "p")];
    check(&changes, "created q q.a q.b q.p_b_check q.q_pkey q_b_idx");
}

#[test]
fn what_a_partitioned_table_gets_its_partitions_get() {
    let start = vec![partitioned("p"), partition("q", "p")];
    check(&with(start.clone(), [index("p", &["b"])]), "created p_b_idx q_b_idx");
    check(&with(start.clone(), [add("p", key("", &["a"]))]), "created p.p_pkey q.q_pkey; altered p.a q.a");
    let c = Change::add_column(&QName::public("p"), Column::new("c", Type::Text));
    check(&with(start.clone(), [c.clone()]), "created p.c q.c");
    check(&with(start.clone(), [c, Change::drop(column("p", "c"))]), "dropped p.c q.c");
    check(&with(start.clone(), [rename(column("p", "b"), "c")]), "renamed p.b>p.c q.b>q.c");
    check(&with(start, [Change::drop(Path::table(&QName::public("p")))]), "dropped p q");
}

#[test]
fn a_partitions_index_cannot_go_alone() {
    let start = vec![partitioned("p"), partition("q", "p"), index("p", &["b"])];
    let alone = Change::drop(Path::index(&QName::new("public", ""), "q_b_idx"));
    check(&with(start.clone(), [alone]), "refused: q_b_idx is still used by p_b_idx");
    check(&with(start, [Change::drop(Path::index(&QName::new("public", ""), "p_b_idx"))]), "dropped p_b_idx q_b_idx");
}

#[test]
fn an_index_made_with_only_is_valid_once_every_partition_has_its_part() {
    let mut only = Index::btree("i", ["b".into()]);
    only.valid = false;
    let attach =
        Change::alter(Path::index(&QName::new("public", ""), "i"), Aspect::AttachIndex(QName::public("q_b_idx")));
    let start = vec![partitioned("p"), partition("q", "p"), Change::add_index(&QName::public("p"), only)];
    let schema = check(&with(start, [index("q", &["b"]), attach]), "altered q_b_idx i");
    assert!(schema.table(&QName::public("p")).unwrap().index("i").unwrap().valid);
}

#[test]
fn a_dump_names_the_keys_of_partitions_after_their_parents() {
    let start = vec![partitioned("p"), partition("q", "p"), add("p", key("", &["a"]))];
    check(&with(start.clone(), [add("q", key("q_pkey", &["a"]))]), "altered q.q_pkey");
    check(&with(start, [add("q", key("k", &["a"]))]), "renamed q.q_pkey>q.k");
}

#[test]
fn an_index_becomes_a_constraint() {
    let mut index = Index::btree("i", ["a".into()]);
    index.unique = true;
    let using = Key { using_index: Some("i".into()), ..Key::default() };
    let changes = [
        table("t", &["a"]),
        Change::add_index(&QName::public("t"), index),
        add("t", Constraint::new("pk", ConstraintKind::PrimaryKey(using))),
    ];
    let schema = check(&changes, "created t.pk; renamed i>t.pk; altered t.a");
    assert_eq!(schema.table(&QName::public("t")).unwrap().indexes, []);
    assert_eq!(schema.relation(&QName::public("i")), None);
}

#[test]
fn a_type_goes_only_by_cascade_and_takes_its_columns() {
    let mood = QName::public("mood");
    let path = Path::object(Kind::Enum, &mood);
    let create = Change::Create {
        path: path.clone(),
        object: Object::Enum(Enum { name: mood.clone(), values: vec!["ok".into()] }.into()),
    };
    let add = Change::add_column(&QName::public("t"), Column::new("m", Type::named(mood)));
    let start = vec![table("t", &["a"]), create, add];
    check(&with(start.clone(), [Change::drop(path.clone())]), "refused: mood is still used by t.m");
    check(&with(start.clone(), [Change::Drop { path: path.clone(), cascade: true }]), "dropped mood t.m");
    let schema = check(&with(start, [rename(path, "humour")]), "renamed mood>humour");
    assert_eq!(schema.column(&QName::public("t"), "m").unwrap().ty, Type::named(QName::public("humour")));
}

#[test]
fn grants_merge_and_all_is_opened_by_a_revoke() {
    let grant = |privileges: &[&str]| Grant {
        grantee: Grantee::Role("app".into()),
        privileges: privileges.iter().map(Name::new).collect(),
        grantable: false,
    };
    let path = Path::table(&QName::public("t"));
    let (schema, _) = apply_all(&[
        table("t", &["a"]),
        Change::alter(path.clone(), Aspect::Grant(grant(&["ALL"]))),
        Change::alter(path.clone(), Aspect::Revoke(grant(&["TRUNCATE", "SELECT"]))),
        Change::alter(path.clone(), Aspect::Grant(grant(&["SELECT"]))),
        Change::alter(path.clone(), Aspect::Owner("boss".into())),
    ]);
    let held: Vec<_> =
        schema.grants_on(&path).unwrap().granted[0].privileges.iter().map(|name| name.as_str()).collect();
    assert_eq!(held, ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "UPDATE"]);
}

fn select(grantee: Grantee) -> Grant {
    Grant { grantee, privileges: [Name::from("SELECT")].into(), grantable: false }
}

#[test]
fn an_owner_needs_no_grant_and_who_runs_the_statement_is_nobody() {
    let path = Path::table(&QName::public("t"));
    let start = [
        table("t", &["a"]),
        Change::alter(path.clone(), Aspect::Grant(select(Grantee::Role("app".into())))),
        Change::alter(path.clone(), Aspect::Owner("app".into())),
    ];
    let (schema, _) = apply_all(&start);
    assert_eq!(schema.owner(&path).unwrap(), "app");
    assert!(schema.grants_on(&path).is_none());
    let (schema, _) =
        apply_all(&with(start.into(), [Change::alter(path.clone(), Aspect::Owner("CURRENT_USER".into()))]));
    assert_eq!(schema.owner(&path), None);
}

#[test]
fn what_is_made_has_the_privileges_that_are_said_to_be_default() {
    let defaults = DefaultPrivileges {
        role: None,
        schema: None,
        objects: Kind::Table,
        granted: vec![select(Grantee::Public)],
        revoked: Vec::new(),
    };
    let path = Path { part: "TABLE".into(), ..Path::global(Kind::DefaultPrivileges, "") };
    let say = Change::Create { path, object: Object::DefaultPrivileges(defaults) };
    let (schema, _) = apply_all(&[table("before", &["a"]), say, table("after", &["a"])]);
    assert!(schema.grants_on(&Path::table(&QName::public("before"))).is_none());
    let held = &schema.grants_on(&Path::table(&QName::public("after"))).unwrap().granted;
    assert_eq!(*held, [select(Grantee::Public)]);
}

#[test]
fn default_privileges_are_kept_together() {
    let path = Path { part: "TABLE".into(), ..Path::global(Kind::DefaultPrivileges, "") };
    let grant = |word: &str| Grant { privileges: [word.into()].into(), ..select(Grantee::Public) };
    let say = |granted: Vec<Grant>, revoked: Vec<Grant>| {
        let defaults = DefaultPrivileges { role: None, schema: None, objects: Kind::Table, granted, revoked };
        Change::Create { path: path.clone(), object: Object::DefaultPrivileges(defaults) }
    };
    let given = [say(vec![grant("SELECT")], Vec::new()), say(vec![grant("INSERT")], Vec::new())];
    let (schema, _) = apply_all(&given);
    let Some(Object::DefaultPrivileges(known)) = schema.object(&path) else { panic!("they are kept") };
    assert_eq!(known.granted[0].privileges.len(), 2);
    let taken = with(given.into(), [say(Vec::new(), vec![grant("SELECT")]), say(Vec::new(), vec![grant("INSERT")])]);
    assert!(apply_all(&taken).0.object(&path).is_none());
}

#[test]
fn numbers_follow_the_type_of_their_column() {
    let sequence = Sequence { increment: 5, ..Sequence::new(QName::new("", ""), Type::SmallInt) };
    let identity = Some(Box::new(Identity { always: true, sequence }));
    let add = Change::add_column(&QName::public("t"), Column { identity, ..Column::new("id", Type::SmallInt) });
    let retype = Change::set_type(column("t", "id"), Type::BigInt);
    let (schema, _) = apply_all(&[table("t", &["a"]), add, retype]);
    let column = schema.column(&QName::public("t"), "id").unwrap();
    let sequence = &column.identity.as_ref().unwrap().sequence;
    assert_eq!((&sequence.ty, sequence.increment, sequence.max), (&Type::BigInt, 5, i64::MAX));
}

#[test]
fn a_schema_moves_with_everything_in_it() {
    let namespace = |name: &str| Path::global(Kind::Namespace, name);
    let create = Change::Create { path: namespace("app"), object: Object::Namespace(Namespace { name: "app".into() }) };
    let to_app = |name: &str| Change::Move { path: Path::table(&QName::public(name)), to: "app".into() };
    let changes = with(two_tables(), [create, to_app("a"), rename(namespace("app"), "shop")]);
    let schema = check(&changes, "renamed app>shop app.a>shop.a");
    let (_, key) = schema.table(&QName::public("b")).unwrap().foreign_keys().next().unwrap();
    assert_eq!(key.table, QName::new("shop", "a"));
    assert!(schema.relation(&QName::new("shop", "a_pkey")).is_some());
    let drop = Change::drop(namespace("shop"));
    check(&with(changes, [drop]), "refused: shop is still used by shop.a, b.b_a_id_fkey");
}
