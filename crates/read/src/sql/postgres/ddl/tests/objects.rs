//! Types, routines, triggers, privileges and what is known by its text.

use super::check;

#[test]
fn values_are_put_in_their_place() {
    check(
        &["create type s as enum ('a', 'c')", "alter type s add value if not exists 'b' before 'c'"],
        r#"
        alter type s AddValue { value: "b", before: Some("c"), after: None }
        "#,
    );
}

#[test]
fn a_domain_checks_its_value() {
    check(
        &[r#"create domain email as text collate "C" default 'x' constraint ok check (value like '%@%') not null"#],
        r#"
        create domain email Domain(Domain { name: {"email" }, base: Text, collation: Some({"pg_catalog", name: "C" }), default: Some(String("x")), not_null: Some(NotNull), checks: [DomainCheck { name: "ok", expr: Binary { op: "LIKE", left: Column(ColumnRef { name: "value" }), right: String("%@%") } }] })
        "#,
    );
}

#[test]
fn attributes_change_one_by_one() {
    check(
        &[
            "create type pair as (a int, b text)",
            "alter type pair add attribute c int, alter attribute b type varchar(5), drop attribute a",
        ],
        r#"
        alter type pair AddAttribute(Attribute { name: "c", ty: Integer })
        alter type pair SetAttribute(Attribute { name: "b", ty: Varchar(Some(5)) })
        alter type pair DropAttribute("a")
        "#,
    );
}

#[test]
fn a_routine_has_the_signature_of_its_inputs() {
    check(
        &[
            "create function f(a varchar(5), out b int, variadic c int[]) language plpgsql stable cost 5 as $$ begin end $$",
            "drop function f",
        ],
        r#"
        drop function f(varchar, integer[])
        "#,
    );
}

#[test]
fn altering_a_function_keeps_the_rest() {
    check(
        &[
            "create function f(a int) returns int language sql strict as 'select a'",
            "alter function f(int) immutable set search_path = app",
        ],
        r#"
        alter function f(integer) Routine(Routine { name: {"f" }, kind: Function, arguments: [Argument { mode: In, name: Some("a"), ty: Integer }], returns: Type(Integer), language: "sql", body: Source("select a"), volatility: Immutable, strict: true, security_definer: false, leakproof: false, parallel: Unsafe, cost: None, rows: None, support: None, config: [("search_path", Sql { pieces: [Text("app")] })], transforms: [], queries: [Query { kind: Select, sql: Sql { pieces: [Text("SELECT a")] }, span: Span { start: 61, end: 69 }, ctes: [], set: None, distinct: No, targets: [Target { value: Expr(Column(ColumnRef { name: "a" })), alias: None, span: Span { start: 68, end: 69 } }], from: [], group_by: [], having: None, order_by: [], limit: None, offset: None, locking: None, write: None }], opaque: false })
        "#,
    );
}

#[test]
fn a_trigger_sees_old_and_new() {
    check(
        &[
            "create table t (a int)",
            "create function f() returns trigger language plpgsql as $$ begin end $$",
            "create trigger c after update of a on t for each row when (old.a is distinct from new.a) execute function f('x', 1)",
        ],
        r#"
        create trigger t.c Trigger(Trigger { name: "c", timing: After, events: [Update(["a"])], level: Row, old_table: None, new_table: None, when: Some(Binary { op: "IS DISTINCT FROM", left: Column(ColumnRef { qualifier: Some("old"), name: "a" }), right: Column(ColumnRef { qualifier: Some("new"), name: "a" }) }), function: {"f" }, arguments: ["x", "1"], constraint: None, enabled: Origin })
        "#,
    );
}

#[test]
fn everybody_is_an_empty_list_of_roles() {
    check(
        &["create table t (a int)", "create policy p on t as restrictive for select to public using (a = 1)"],
        r#"
        create policy t.p Policy(Policy { name: "p", permissive: false, command: Select, roles: [], using: Some(Binary { op: "=", left: Column(ColumnRef { name: "a" }), right: Number("1") }), check: None })
        "#,
    );
}

#[test]
fn privileges_are_on_the_object_or_its_columns() {
    check(
        &["create table t (a int, b int)", "grant select (a, b), insert on t to joe, public with grant option"],
        r#"
        alter table t Grant(Grant { grantee: Role("joe"), privileges: {"INSERT"}, grantable: true })
        alter table t Grant(Grant { grantee: Public, privileges: {"INSERT"}, grantable: true })
        alter column t.a Grant(Grant { grantee: Role("joe"), privileges: {"SELECT"}, grantable: true })
        alter column t.a Grant(Grant { grantee: Public, privileges: {"SELECT"}, grantable: true })
        alter column t.b Grant(Grant { grantee: Role("joe"), privileges: {"SELECT"}, grantable: true })
        alter column t.b Grant(Grant { grantee: Public, privileges: {"SELECT"}, grantable: true })
        "#,
    );
}

#[test]
fn all_tables_are_those_that_are_there() {
    check(
        &[
            "create table t (a int)",
            "create view v as select 1 as a",
            "grant select on all tables in schema public to joe",
        ],
        r#"
        alter table t Grant(Grant { grantee: Role("joe"), privileges: {"SELECT"}, grantable: false })
        alter view v Grant(Grant { grantee: Role("joe"), privileges: {"SELECT"}, grantable: false })
        "#,
    );
}

#[test]
fn default_privileges_are_read_as_said() {
    check(
        &[
            "alter default privileges in schema public grant select on tables to joe",
            "alter default privileges in schema public grant insert on tables to joe",
        ],
        r#"
        create default privileges ""."TABLE" DefaultPrivileges(DefaultPrivileges { role: None, schema: Some("public"), objects: Table, granted: [Grant { grantee: Role("joe"), privileges: {"INSERT"}, grantable: false }], revoked: [] })
        "#,
    );
}

#[test]
fn a_revoked_default_is_remembered() {
    check(
        &["alter default privileges revoke execute on functions from public"],
        r#"
        create default privileges ""."FUNCTION" DefaultPrivileges(DefaultPrivileges { role: None, schema: None, objects: Function, granted: [], revoked: [Grant { grantee: Public, privileges: {"EXECUTE"}, grantable: false }] })
        "#,
    );
}

#[test]
fn a_password_is_not_kept() {
    check(
        &["create role joe login password 'secret' connection limit 5"],
        r#"
        create role joe Role(Role { name: "joe", options: ["LOGIN", "CONNECTION LIMIT 5"], member_of: [] })
        "#,
    );
}

#[test]
fn a_schema_reads_its_elements_inside() {
    check(
        &["create schema app authorization joe create table t (id int) create index on t (id)"],
        r#"
        create schema app Namespace(Namespace { name: "app" })
        alter schema app Owner("joe")
        create table app.t Table(Table { name: {"app", name: "t" }, columns: [Column { name: "id", ty: Integer }] })
        create index app."" Index(Index { name: "", method: "btree", keys: [IndexKey { expr: Column(ColumnRef { name: "id" }) }] })
        "#,
    );
}

#[test]
fn what_is_known_by_text_holds_its_name_as_a_reference() {
    check(
        &["create collation if not exists german (locale = 'de_DE')"],
        r#"
        create collation german Named(Named { create: Sql { pieces: [Text("CREATE COLLATION "), Ref(Path { kind: Collation, schema: "public", name: "german", part: "" }), Text(" (locale = 'de_DE')")] } })
        "#,
    );
}

#[test]
fn a_shell_type_is_filled() {
    check(
        &["create type shell", "create type shell (input = i, output = o)"],
        r#"
        replace type shell Named(Named { create: Sql { pieces: [Text("CREATE TYPE "), Ref(Path { kind: BaseType, schema: "public", name: "shell", part: "" }), Text(" (INPUT = i, output = o)")] } })
        "#,
    );
}

#[test]
fn an_operator_is_known_by_its_sides() {
    check(
        &["create operator === (rightarg = int4, function = f)", "comment on operator === (none, int) is 'x'"],
        r#"
        alter operator "==="."NONE, integer" Comment(Some("x"))
        "#,
    );
}

#[test]
fn an_empty_comment_is_none() {
    check(
        &["create table t (a int)", "comment on column t.a is ''"],
        r#"
        alter column t.a Comment(None)
        "#,
    );
}
