//! The text of a view, `*` expanded, is the same view to PostgreSQL, and its columns have the names foretold.

use super::super::super::testing::psql::{compare, lines};
use super::{TABLES, view};

const VIEWS: &str = r#"
SELECT * FROM users
SELECT u.*, o.total AS t FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.id > 1
SELECT o.* FROM users NATURAL JOIN orders o
SELECT id, total FROM users FULL JOIN orders USING (id)
SELECT orders.id, users.id AS uid FROM orders CROSS JOIN users
SELECT * FROM (users u JOIN orders o USING (id)) JOIN (SELECT price, order_id FROM app.items) i ON i.order_id = o.user_id - u.email
SELECT count(*), max(total), 1, 'x'::text, id::text, now() FROM orders GROUP BY id
SELECT CASE WHEN id > 1 THEN 1 END, coalesce(id, 0), ARRAY[id], (ROW(id, 1) = ROW(1, 2))::text, true FROM users
SELECT CASE WHEN id > 1 THEN 1 ELSE name END, -id AS neg, (SELECT max(total) FROM orders) FROM users
SELECT EXISTS (SELECT 1 FROM orders WHERE user_id = users.id), nullif(id, 1), 1::int8 FROM users
SELECT extract(year FROM now()), current_date, greatest(id, 1), substring('abc' FROM 1), trim('x') FROM users
SELECT id, row_number() OVER (PARTITION BY name ORDER BY email DESC) FROM users
SELECT id, sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY id ROWS UNBOUNDED PRECEDING)
WITH big AS (SELECT * FROM orders WHERE total > 10) SELECT big.*, name FROM big JOIN users ON users.id = big.user_id WHERE false AND big.id IS NULL LIMIT 1
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n
SELECT id FROM users UNION ALL SELECT user_id FROM orders ORDER BY id DESC NULLS LAST LIMIT 5 OFFSET 2
(SELECT id FROM users ORDER BY name LIMIT 1) EXCEPT SELECT user_id FROM orders
SELECT id FROM users INTERSECT (SELECT id FROM orders UNION SELECT 1)
SELECT DISTINCT ON (name) name, id FROM users ORDER BY name, id DESC
SELECT name, count(*) AS n FROM users GROUP BY ROLLUP (name) HAVING count(*) > 1 ORDER BY n
SELECT name AS label FROM users GROUP BY label ORDER BY label
SELECT name, email, sum(id) FROM users GROUP BY GROUPING SETS ((name), (email), ())
SELECT u.id, l.total FROM users u, LATERAL (SELECT * FROM orders o WHERE o.user_id = u.id ORDER BY o.total LIMIT 3) l
SELECT g, g * 2 AS twice FROM generate_series(1, 10) AS g
SELECT t.a, t.b FROM (VALUES (1, 'x'), (2, 'y')) AS t (a, b)
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) WITH ORDINALITY AS t (a, b, n)
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS t (a, b)
SELECT x.* FROM json_to_recordset('[]') AS x (a int, b text)
SELECT "group", "x y" FROM app.odd
SELECT o."group" AS "Order" FROM app.odd AS o
SELECT app.items.price, items.id FROM app.items
SELECT users.id FROM public.users WHERE users.name IN (1, 2) AND users.email NOT IN (SELECT id FROM orders)
SELECT id FROM users WHERE (id, name) IN (SELECT user_id, total FROM orders) OR id = ANY (ARRAY(SELECT id FROM orders))
SELECT a.id FROM users a TABLESAMPLE BERNOULLI (10) REPEATABLE (1)
SELECT id FROM ONLY users FETCH FIRST 3 ROWS ONLY
SELECT id FROM users ORDER BY id FETCH FIRST 3 ROWS WITH TIES
SELECT id FROM users FOR UPDATE OF users SKIP LOCKED
TABLE users
VALUES (1, 'a'), (2, 'b')
SELECT u FROM users u
SELECT (u).name, u.id FROM users u
SELECT count(u.*) FROM users u
SELECT 'a'::app.mood AS m, ARRAY['a']::app.mood[] AS ms, enum_range(NULL::app.mood)
SELECT string_agg(name::text, ',' ORDER BY id DESC) FILTER (WHERE id > 1) AS s FROM users
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM users
SELECT x.a FROM jsonb_to_recordset('[]'::jsonb) AS x (a int)
SELECT id || '-' || name || 'x' AS joined, id - name - email AS less FROM users
SELECT '{"a": {"b": 1}}'::jsonb -> 'a' ->> 'b' AS b
SELECT id FROM users WHERE name BETWEEN 1 AND 2 AND email IS DISTINCT FROM 3 AND NOT id = 4
SELECT users.id, orders.id AS oid FROM users JOIN orders ON users.id = orders.user_id AND orders.total > (SELECT avg(o.total) FROM orders o WHERE o.user_id = users.id)
"#;

#[test]
fn postgres_keeps_the_same_view() {
    let mut setup = String::from("SET search_path = public, app;\n");
    setup.push_str(
        "DROP SCHEMA IF EXISTS app CASCADE; DROP TABLE IF EXISTS users, orders CASCADE; CREATE SCHEMA app;\n",
    );
    setup.push_str("CREATE TYPE app.mood AS ENUM ('a');\n");
    for table in TABLES.split(';') {
        let columns = table.replace("group", "\"group\"").replace(',', " int,").replace(')', " int)");
        setup.push_str(&format!("CREATE TABLE {columns};\n"));
    }
    setup.push_str("ALTER TABLE users ADD PRIMARY KEY (id); ALTER TABLE orders ADD PRIMARY KEY (id);\n");
    let views: Vec<&str> = lines(VIEWS).collect();
    let definitions: Vec<(String, String)> = views.iter().map(|text| ((*text).to_string(), view(text).0)).collect();
    compare(&setup, &definitions, |index| {
        let columns = view(views[index]).1;
        (!columns.is_empty()).then(|| columns.join(","))
    });
}
