//! Tables, columns and their constraints.

use super::check;

#[test]
fn constraints_of_columns_and_tables_are_the_same() {
    check(
        &[
            "create table users (id bigint primary key)",
            "create table orders (user_id bigint not null references users on delete cascade, total numeric(10,2) default 0 constraint positive check (total >= 0), unique (total) deferrable)",
        ],
        r#"
        create table orders Table(Table { name: {"orders" }, columns: [Column { name: "user_id", ty: BigInt, not_null: Some(NotNull) }, Column { name: "total", ty: Numeric(Some((10, 2))), default: Some(Number("0")) }], constraints: [Constraint { name: "", kind: ForeignKey(ForeignKey { columns: ["user_id"], table: {"users" }, on_delete: Cascade }) }, Constraint { name: "positive", kind: Check(Binary { op: ">=", left: Column(ColumnRef { name: "total" }), right: Number("0") }) }, Constraint { name: "", kind: Unique(Key { columns: ["total"] }), deferrable: InitiallyImmediate }] })
        "#,
    );
}

#[test]
fn a_serial_column_is_a_sequence_a_default_and_an_owner() {
    check(
        &["create table t (id bigserial)"],
        r#"
        create sequence t_id_seq Sequence(Sequence { name: {"t_id_seq" }, ty: BigInt, start: 1, increment: 1, min: 1, max: 9223372036854775807 })
        create table t Table(Table { name: {"t" }, columns: [Column { name: "id", ty: BigInt, default: Some(Call(Call { function: {"", name: "nextval" }, args: [Cast { operand: String("t_id_seq"), ty: Named(NamedType { name: {"pg_catalog", name: "regclass" }, modifiers: [] }) }] })), not_null: Some(NotNull) }] })
        alter sequence t_id_seq Sequence(Sequence { name: {"t_id_seq" }, ty: BigInt, start: 1, increment: 1, min: 1, max: 9223372036854775807, owned_by: Some(({"t" }, "id")) })
        "#,
    );
}

#[test]
fn two_serials_that_shorten_alike_get_numbers() {
    check(
        &[
            "create table a_table_with_a_name_of_over_thirty_letters (a_column_with_a_name_of_over_thirty_letters_1 serial, a_column_with_a_name_of_over_thirty_letters_2 serial)",
        ],
        r#"
        create sequence a_table_with_a_name_of_over_t_a_column_with_a_name_of_over__seq Sequence(Sequence { name: {"a_table_with_a_name_of_over_t_a_column_with_a_name_of_over__seq" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647 })
        create sequence a_table_with_a_name_of_over_t_a_column_with_a_name_of_over_seq1 Sequence(Sequence { name: {"a_table_with_a_name_of_over_t_a_column_with_a_name_of_over_seq1" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647 })
        create table a_table_with_a_name_of_over_thirty_letters Table(Table { name: {"a_table_with_a_name_of_over_thirty_letters" }, columns: [Column { name: "a_column_with_a_name_of_over_thirty_letters_1", ty: Integer, default: Some(Call(Call { function: {"", name: "nextval" }, args: [Cast { operand: String("a_table_with_a_name_of_over_t_a_column_with_a_name_of_over__seq"), ty: Named(NamedType { name: {"pg_catalog", name: "regclass" }, modifiers: [] }) }] })), not_null: Some(NotNull) }, Column { name: "a_column_with_a_name_of_over_thirty_letters_2", ty: Integer, default: Some(Call(Call { function: {"", name: "nextval" }, args: [Cast { operand: String("a_table_with_a_name_of_over_t_a_column_with_a_name_of_over_seq1"), ty: Named(NamedType { name: {"pg_catalog", name: "regclass" }, modifiers: [] }) }] })), not_null: Some(NotNull) }] })
        alter sequence a_table_with_a_name_of_over_t_a_column_with_a_name_of_over__seq Sequence(Sequence { name: {"a_table_with_a_name_of_over_t_a_column_with_a_name_of_over__seq" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647, owned_by: Some(({"a_table_with_a_name_of_over_thirty_letters" }, "a_column_with_a_name_of_over_thirty_letters_1")) })
        alter sequence a_table_with_a_name_of_over_t_a_column_with_a_name_of_over_seq1 Sequence(Sequence { name: {"a_table_with_a_name_of_over_t_a_column_with_a_name_of_over_seq1" }, ty: Integer, start: 1, increment: 1, min: 1, max: 2147483647, owned_by: Some(({"a_table_with_a_name_of_over_thirty_letters" }, "a_column_with_a_name_of_over_thirty_letters_2")) })
        "#,
    );
}

#[test]
fn an_identity_leaves_its_sequence_to_the_database() {
    check(
        &["create table t (id int generated always as identity (start 10 increment by 5))"],
        r#"
        create table t Table(Table { name: {"t" }, columns: [Column { name: "id", ty: Integer, not_null: Some(NotNull), identity: Some(Identity { always: true, sequence: Sequence { name: {"", name: "" }, ty: Integer, start: 10, increment: 5, min: 1, max: 2147483647 } }) }] })
        "#,
    );
}

#[test]
fn a_not_null_of_the_table_is_a_fact_of_the_column() {
    check(
        &["create table t (a int, constraint a_there not null a)"],
        r#"
        create table t Table(Table { name: {"t" }, columns: [Column { name: "a", ty: Integer, not_null: Some(NotNull { name: Some("a_there") }) }] })
        "#,
    );
}

#[test]
fn a_partition_keeps_its_bound() {
    check(
        &[
            "create table p (at date) partition by range (at)",
            "create table p1 partition of p for values from ('2020-01-01') to (maxvalue)",
        ],
        r#"
        create table p1 Table(Table { name: {"p1" }, partition_of: Some(PartitionOf { parent: {"p" }, bound: Sql { pieces: [Text("FOR VALUES FROM ('2020-01-01') TO (maxvalue)")] } }) })
        "#,
    );
}

#[test]
fn like_takes_what_is_included() {
    check(
        &[
            "create table a (id int default 1, n text check (n <> ''), unique (id))",
            "create index on a (n)",
            "comment on column a.n is 'the name'",
            "create table b (like a including all excluding defaults)",
        ],
        r#"
        create table b Table(Table { name: {"b" }, columns: [Column { name: "id", ty: Integer }, Column { name: "n", ty: Text }], constraints: [Constraint { name: "a_n_check", kind: Check(Binary { op: "<>", left: Column(ColumnRef { name: "n" }), right: String("") }) }, Constraint { name: "", kind: Unique(Key { columns: ["id"] }) }] })
        create index "" Index(Index { name: "", method: "btree", keys: [IndexKey { expr: Column(ColumnRef { name: "n" }) }] })
        alter column b.n Comment(Some("the name"))
        "#,
    );
}

#[test]
fn if_a_table_is_there_nothing_else_is_made() {
    check(
        &["create table t (id int)", "create table if not exists t (id serial)"],
        r#"
        create table t Table(Table { name: {"t" }, columns: [Column { name: "id", ty: Integer, default: Some(Call(Call { function: {"", name: "nextval" }, args: [Cast { operand: String("t_id_seq"), ty: Named(NamedType { name: {"pg_catalog", name: "regclass" }, modifiers: [] }) }] })), not_null: Some(NotNull) }] })
        "#,
    );
}

#[test]
fn a_table_from_a_query_has_its_columns() {
    check(
        &["create table t (id int, n text)", "create table u (a) as select id, n, count(*) as c from t group by 1, 2"],
        r#"
        create table u Table(Table { name: {"u" }, columns: [Column { name: "a", ty: Integer }, Column { name: "n", ty: Text }, Column { name: "c", ty: BigInt }] })
        "#,
    );
}

#[test]
fn a_temporary_table_lives_in_its_own_schema() {
    check(
        &["create temp table t (id int)", "drop table t"],
        r#"
        drop table pg_temp.t
        "#,
    );
}
