//! ALTER of tables, indexes and sequences.

use super::check;

#[test]
fn each_action_is_a_change_in_order() {
    check(
        &[
            "create table t (a int)",
            "alter table t add column b text not null default 'x' unique, alter column a type bigint using a::bigint, alter a drop not null, drop column if exists c cascade",
        ],
        r#"
        create column t.b Column(Column { name: "b", ty: Text, default: Some(String("x")), not_null: Some(NotNull) })
        create constraint t Constraint(Constraint { name: "", kind: Unique(Key { columns: ["b"] }) })
        alter column t.a Type { ty: BigInt }
        alter column t.a NotNull(None)
        drop column t.c cascade
        "#,
    );
}

#[test]
fn a_column_that_is_there_brings_nothing() {
    check(
        &["create table t (a int)", "alter table t add column if not exists a serial unique"],
        r#"
        create column t.a Column(Column { name: "a", ty: Integer, default: Some(Call(Call { function: {"", name: "nextval" }, args: [Cast { operand: String("t_a_seq"), ty: Named(NamedType { name: {"pg_catalog", name: "regclass" }, modifiers: [] }) }] })), not_null: Some(NotNull) })
        "#,
    );
}

#[test]
fn a_later_action_sees_an_earlier_one() {
    check(
        &["create table t (a int)", "alter table t alter a add generated always as identity, alter a set increment 7"],
        r#"
        alter column t.a Identity(Some(Identity { always: true, sequence: Sequence { name: {"", name: "" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647 } }))
        alter column t.a Identity(Some(Identity { always: true, sequence: Sequence { name: {"", name: "" }, ty: Integer, start: 1, increment: 7, min: 1, max: 2147483647 } }))
        "#,
    );
}

#[test]
fn the_sequence_of_an_identity_is_renamed_by_itself() {
    check(
        &["create table t (id int generated always as identity)", "alter sequence t_id_seq rename to counter"],
        "rename sequence t_id_seq to counter",
    );
}

#[test]
fn a_view_can_be_renamed_as_a_table() {
    check(
        &["create view v as select 1 as a", "alter table v rename to w"],
        r#"
        rename view v to w
        "#,
    );
}

#[test]
fn row_security_is_two_facts() {
    check(
        &["create table t (a int)", "alter table t enable row level security, force row level security"],
        r#"
        alter table t RowSecurity(RowSecurity { enabled: true, forced: false })
        alter table t RowSecurity(RowSecurity { enabled: true, forced: true })
        "#,
    );
}

#[test]
fn a_not_null_can_be_spoken_of_by_name() {
    check(
        &["create table t (a int constraint a_there not null)", "alter table t drop constraint a_there"],
        r#"
        alter column t.a NotNull(None)
        "#,
    );
}

#[test]
fn constraints_can_wait_to_be_validated() {
    check(
        &["create table t (a int)", "alter table t add constraint c check (a > 0) not valid, validate constraint c"],
        r#"
        create constraint t.c Constraint(Constraint { name: "c", kind: Check(Binary { op: ">", left: Column(ColumnRef { name: "a" }), right: Number("0") }), valid: false })
        alter constraint t.c Validate
        "#,
    );
}

#[test]
fn an_index_of_a_partitioned_table_waits_for_its_parts() {
    check(
        &[
            "create table p (a int) partition by list (a)",
            "create table q partition of p default",
            "create index i on only p (a desc, (a + 1) nulls first)",
        ],
        r#"
        create index i Index(Index { name: "i", method: "btree", keys: [IndexKey { expr: Column(ColumnRef { name: "a" }), descending: true, nulls_first: true }, IndexKey { expr: Binary { op: "+", left: Column(ColumnRef { name: "a" }), right: Number("1") }, nulls_first: true }], valid: false })
        "#,
    );
}

#[test]
fn an_index_without_parts_to_wait_for_is_valid() {
    check(
        &["create table p (a int) partition by list (a)", "create index i on only p (a int4_ops)"],
        r#"
        create index i Index(Index { name: "i", method: "btree", keys: [IndexKey { expr: Column(ColumnRef { name: "a" }) }] })
        "#,
    );
}

#[test]
fn an_index_is_dropped_with_its_table_in_the_path() {
    check(
        &["create table t (a int)", "create index i on t (a)", "drop index concurrently i, j"],
        r#"
        drop index i
        drop index j
        "#,
    );
}

#[test]
fn a_descending_sequence_counts_from_minus_one() {
    check(
        &["create sequence s as smallint increment -1"],
        r#"
        create sequence s Sequence(Sequence { name: {"s" }, ty: SmallInt, start: -1, increment: -1, min: -32768, max: -1 })
        "#,
    );
}

#[test]
fn a_sequence_goes_with_its_type() {
    check(
        &["create sequence s as int", "alter sequence s as bigint restart with 5"],
        r#"
        alter sequence s Sequence(Sequence { name: {"s" }, ty: BigInt, start: 1, increment: 1, min: 1, max: 9223372036854775807 })
        "#,
    );
}

#[test]
fn the_sequence_of_an_identity_is_altered_by_its_name() {
    check(
        &["create table t (id int generated always as identity)", "alter sequence t_id_seq cache 10"],
        r#"
        alter sequence t_id_seq Sequence(Sequence { name: {"t_id_seq" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647, cache: 10, owned_by: Some(({"t" }, "id")) })
        "#,
    );
}
