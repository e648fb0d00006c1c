use super::super::parse::parse;
use super::super::query::{query, view_query};
use super::super::testing::{search_path, tables, with_enum};
use super::*;

mod server;

/// The tables that every text here can speak of.
pub(super) const TABLES: &str =
    "users(id, name, email); orders(id, user_id, total); app.items(id, order_id, price); app.odd(group, \"x y\")";

fn with_context<T>(read: impl Fn(Context<'_>) -> T) -> T {
    let schema = with_enum(tables(&TABLES.replace('"', "")), "app.mood");
    let search_path = search_path(&["public", "app"]);
    read(Context::new(&schema, &search_path, 0))
}

fn canonical(text: &str) -> Sql {
    with_context(|cx| {
        let parsed = parse(text);
        assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
        let stmt = parsed.stmt.expect("a statement");
        assert_eq!(query(cx, &Scope::default(), stmt.syntax()).sql, sql(cx, &Scope::default(), stmt.syntax()));
        sql(cx, &Scope::default(), stmt.syntax())
    })
}

fn view(text: &str) -> (String, Vec<Name>) {
    with_context(|cx| {
        let stmt = parse(text).stmt.expect("a statement");
        let (query, columns) = view_query(cx, stmt.syntax());
        (query.sql.to_string(), columns)
    })
}

/// The canonical text, which reads as itself.
fn check(text: &str, expected: &str) {
    assert_eq!(canonical(text).to_string(), expected);
    assert_eq!(canonical(expected).to_string(), expected, "printing is not stable");
}

/// The text with each reference in brackets.
fn check_references(text: &str, expected: &str) {
    let shown = canonical(text).pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_string(),
        Piece::Ref(path) => format!("[{path}]"),
    });
    assert_eq!(shown.collect::<String>(), expected);
}

#[test]
fn words_and_spaces_have_one_form() {
    check("select  ID,Name from USERS where ID=1 -- why\n", "SELECT id, name FROM users WHERE id = 1");
    check("select count( * ),-1,- id,a[1:2] from t a", "SELECT count(*), -1, - id, a[1:2] FROM t AS a");
    check(
        "select 1 from users u inner join orders as o on(u.id=o.user_id) left outer join app.items i using(id)",
        "SELECT 1 FROM users AS u JOIN orders AS o ON (u.id = o.user_id) LEFT JOIN app.items AS i USING (id)",
    );
    check(
        "select x::int4, cast(y as varchar(3)), date '2020-01-01'",
        "SELECT x::integer, CAST(y AS varchar(3)), '2020-01-01'::date",
    );
    check("select 1 from users as users", "SELECT 1 FROM users");
    check("values (1,'a'),(2,$$b$$)", "VALUES (1, 'a'), (2, 'b')");
    check("select \"Odd\", \"plain\", \"order\"", "SELECT \"Odd\", plain, \"order\"");
    check("select a!=b, c operator(pg_catalog.+) d", "SELECT a <> b, c OPERATOR(pg_catalog.+) d");
    check("select array[[1,2],[3,4]], array(select 1)", "SELECT ARRAY[[1, 2], [3, 4]], ARRAY(SELECT 1)");
    check(
        "select coalesce(id,0), extract(year from x), left(n,1)",
        "SELECT coalesce(id, 0), EXTRACT(year FROM x), left(n, 1)",
    );
    check("select nextval('public.s'::regclass)", "SELECT nextval('s'::regclass)");
    check("select interval '1' day, x'1f'", "SELECT '1'::interval day, X'1F'");
}

#[test]
fn writes_have_one_form() {
    check(
        "insert into users(id,name) values(1,default) on conflict(id) do update set name=excluded.name returning id",
        "INSERT INTO users (id, name) VALUES (1, DEFAULT) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id",
    );
    check(
        "update users u set name='x' from orders o where o.user_id=u.id",
        "UPDATE users AS u SET name = 'x' FROM orders AS o WHERE o.user_id = u.id",
    );
    check(
        "delete from only users using orders where users.id=orders.user_id",
        "DELETE FROM ONLY users USING orders WHERE users.id = orders.user_id",
    );
}

#[test]
fn names_are_references() {
    check_references(
        "SELECT u.id, name, orders.total FROM users u JOIN orders ON u.id = user_id",
        "SELECT u.[users.id], [users.name], [orders].[orders.total] FROM [users] AS u JOIN [orders] ON \
         u.[users.id] = [orders.user_id]",
    );
    check_references("SELECT price FROM items", "SELECT [app.items.price] FROM [app.items]");
    check_references("SELECT 'a'::mood, nobody FROM nowhere", "SELECT 'a'::[app.mood], nobody FROM nowhere");
    check_references(
        "INSERT INTO users (id) SELECT user_id FROM orders",
        "INSERT INTO [users] ([users.id]) SELECT [orders.user_id] FROM [orders]",
    );
}

#[test]
fn scopes_are_those_of_sql() {
    // A common table expression hides a table, and its columns belong to nobody.
    check_references(
        "WITH users AS (SELECT id FROM users) SELECT id FROM users",
        "WITH users AS (SELECT [users.id] FROM [users]) SELECT id FROM users",
    );
    // A correlated column is the outer table's.
    check_references(
        "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = email)",
        "SELECT 1 FROM [users] WHERE EXISTS (SELECT 1 FROM [orders] WHERE [orders.user_id] = [users.email])",
    );
    // A name of the SELECT list comes first in ORDER BY.
    check_references(
        "SELECT total AS id FROM orders ORDER BY id",
        "SELECT [orders.total] AS id FROM [orders] ORDER BY id",
    );
    // A subquery in FROM does not see its neighbours, unless it is LATERAL.
    check_references(
        "SELECT 1 FROM users, (SELECT email) a, LATERAL (SELECT email) b",
        "SELECT 1 FROM [users], (SELECT email) AS a, LATERAL (SELECT [users.email]) AS b",
    );
}

#[test]
fn views_keep_the_columns_of_today() {
    for (text, expected, columns) in [
        ("SELECT * FROM users", "SELECT id, name, email FROM users", "id name email"),
        (
            "SELECT u.*, total FROM users u, orders",
            "SELECT u.id, u.name, u.email, total FROM users AS u, orders",
            "id name email total",
        ),
        (
            "SELECT * FROM users JOIN orders USING (id)",
            "SELECT id, users.name, users.email, orders.user_id, orders.total FROM users JOIN orders USING (id)",
            "id name email user_id total",
        ),
        (
            "SELECT * FROM (SELECT * FROM app.items) AS i",
            "SELECT id, order_id, price FROM (SELECT id, order_id, price FROM app.items) AS i",
            "id order_id price",
        ),
        (
            "WITH x (a, b) AS (VALUES (1, 2)) SELECT * FROM x",
            "WITH x (a, b) AS (VALUES (1, 2)) SELECT a, b FROM x",
            "a b",
        ),
        ("SELECT * FROM nowhere", "SELECT * FROM nowhere", ""),
        ("SELECT id FROM users UNION SELECT * FROM t", "SELECT id FROM users UNION SELECT * FROM t", "id"),
    ] {
        let (sql, names) = view(text);
        assert_eq!((sql.as_str(), names.join(" ").as_str()), (expected, columns));
    }
}
