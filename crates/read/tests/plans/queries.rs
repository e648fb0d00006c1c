//! Tables, and queries over them whose plans hold every kind of node and field.

/// What the queries are about.
pub(crate) const SCHEMA: &str = r#"
CREATE TABLE customers (id int PRIMARY KEY, name text, country text, "Odd Name" int);
INSERT INTO customers SELECT i, 'name ' || i, 'c' || i % 7, i FROM generate_series(1, 500) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, status text, total numeric, tags text[],
  data jsonb);
INSERT INTO orders SELECT i, 1 + i % 500, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END, i % 1000, ARRAY['t' || i % 10],
  jsonb_build_object('k', i % 50) FROM generate_series(1, 8000) i;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_tags ON orders USING gin (tags);
CREATE TABLE "Mixed Case" ("A b" int, c int);
INSERT INTO "Mixed Case" SELECT i, i FROM generate_series(1, 50) i;
CREATE INDEX "Mixed Index" ON "Mixed Case" ("A b");
CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
INSERT INTO parts SELECT i, date '2024-01-01' + i % 360 FROM generate_series(1, 2000) i;
CREATE TABLE tree (id int PRIMARY KEY, parent int);
INSERT INTO tree SELECT i, i / 2 FROM generate_series(1, 200) i;
CREATE TABLE log (id int, said text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted AFTER INSERT OR UPDATE ON log FOR EACH ROW EXECUTE FUNCTION note();
CREATE TABLE wide (id int, filler text);
INSERT INTO wide SELECT i, repeat('x', 500) FROM generate_series(1, 3000) i;
ANALYZE;
"#;

/// A statement, and what is set before it.
pub(crate) struct Asked {
    pub(crate) settings: &'static str,
    pub(crate) query: &'static str,
    pub(crate) since: u16,
}

const fn ask(query: &'static str) -> Asked {
    Asked { settings: "", query, since: 0 }
}

const fn with(settings: &'static str, query: &'static str) -> Asked {
    Asked { settings, query, since: 0 }
}

const fn since(since: u16, query: &'static str) -> Asked {
    Asked { settings: "", query, since }
}

const PARALLEL: &str = "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0";

pub(crate) const QUERIES: &[Asked] = &[
    ask("SELECT 1"),
    ask("SELECT * FROM orders WHERE status = 'open' AND total > 5"),
    ask("SELECT * FROM orders o WHERE o.id = 5"),
    ask("SELECT id FROM orders WHERE id < 50 ORDER BY id DESC"),
    ask("SELECT count(*) FROM orders"),
    ask("SELECT status, count(*) FROM orders GROUP BY status ORDER BY count(*) DESC"),
    ask("SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'c1'"),
    ask(
        "SELECT c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 990 ORDER BY c.name, o.id LIMIT 5",
    ),
    ask(
        "SELECT * FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'open')",
    ),
    ask("SELECT * FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)"),
    ask("SELECT *, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE id < 10"),
    ask("SELECT * FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE total > 500)"),
    ask("SELECT * FROM orders WHERE total > (SELECT avg(total) FROM orders)"),
    ask("SELECT * FROM orders WHERE total > (SELECT avg(total) FROM orders) AND id < (SELECT max(id) FROM customers)"),
    ask("SELECT * FROM orders WHERE customer_id IN (5, 7, 9) AND status = 'done'"),
    ask("SELECT * FROM orders WHERE customer_id = 5 OR id = 7"),
    ask("SELECT * FROM orders WHERE tags @> ARRAY['t1']"),
    ask("SELECT * FROM orders WHERE data->>'k' = '5' AND status LIKE 'o%'"),
    ask("WITH r AS MATERIALIZED (SELECT * FROM orders WHERE total > 900) SELECT * FROM r JOIN r s ON s.id = r.id + 1"),
    ask(
        "WITH RECURSIVE t AS (SELECT id, parent FROM tree WHERE id = 1 UNION ALL SELECT x.id, x.parent FROM tree x JOIN t ON x.parent = t.id AND x.id > 1) SELECT count(*) FROM t",
    ),
    ask("WITH d AS (INSERT INTO log VALUES (1, 'a') RETURNING id) SELECT * FROM d"),
    ask("SELECT * FROM generate_series(1, 10) g WHERE g > 5"),
    ask("SELECT * FROM generate_series(1, 10)"),
    ask("SELECT * FROM unnest(ARRAY[1,2]) WITH ORDINALITY u(a, b), unnest(ARRAY['x']) v"),
    ask("SELECT * FROM (VALUES (1, 'a, b'), (2, 'it''s')) v(a, b) WHERE b <> 'c: (d'"),
    ask("SELECT * FROM xmltable('/r/x' PASSING '<r><x>1</x></r>' COLUMNS a int PATH '.')"),
    ask("SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY status ORDER BY id) n FROM orders) s WHERE n < 3"),
    ask("SELECT DISTINCT customer_id FROM orders ORDER BY 1 LIMIT 3"),
    ask("SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, id DESC"),
    ask("SELECT id FROM orders UNION ALL SELECT id FROM customers"),
    ask("SELECT id FROM orders INTERSECT SELECT id FROM customers"),
    ask("SELECT id FROM orders EXCEPT ALL SELECT id FROM customers"),
    ask("SELECT country, count(*) FROM customers GROUP BY GROUPING SETS ((country), (name), ())"),
    ask("SELECT country, name, count(*) FROM customers GROUP BY CUBE (country, name)"),
    ask("SELECT * FROM parts WHERE at < '2024-03-01'"),
    ask("SELECT * FROM parts ORDER BY at LIMIT 3"),
    ask("SELECT * FROM parts WHERE at < (SELECT date '2024-03-01')"),
    ask("SELECT * FROM \"Mixed Case\" m WHERE \"A b\" = 5"),
    ask("SELECT \"Odd Name\" FROM customers ORDER BY \"Odd Name\" DESC NULLS LAST, lower(name) LIMIT 2"),
    ask("SELECT * FROM customers TABLESAMPLE bernoulli (10) REPEATABLE (7)"),
    ask("SELECT * FROM customers WHERE ctid = '(0,1)'"),
    since(14, "SELECT * FROM customers WHERE ctid < '(1,0)'"),
    ask("SELECT * FROM customers ORDER BY id LIMIT 5 OFFSET 10"),
    ask("SELECT * FROM customers FOR UPDATE LIMIT 1"),
    ask("SELECT generate_series(1, 3), name FROM customers WHERE id < 4"),
    ask("INSERT INTO log SELECT id, status FROM orders WHERE id < 20"),
    ask(
        "INSERT INTO customers VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE customers.id > 5",
    ),
    ask("INSERT INTO customers VALUES (1, 'x') ON CONFLICT DO NOTHING"),
    ask("INSERT INTO orders (id, customer_id) SELECT i, 5 FROM generate_series(9000, 9010) i"),
    ask("UPDATE orders SET total = total + 1 WHERE id < 10"),
    ask("UPDATE parts SET id = id + 1 WHERE at < '2024-02-01'"),
    ask("UPDATE parts p SET id = p.id FROM customers c WHERE c.id = p.id"),
    ask("DELETE FROM parts WHERE id = 5"),
    ask("DELETE FROM customers WHERE id = 501"),
    since(
        15,
        "MERGE INTO log l USING customers c ON c.id = l.id WHEN MATCHED THEN UPDATE SET said = c.name WHEN NOT MATCHED AND c.id < 9 THEN INSERT VALUES (c.id, c.name)",
    ),
    with("SET LOCAL work_mem = '64kB'", "SELECT * FROM wide ORDER BY filler, id"),
    with("SET LOCAL work_mem = '64kB'", "SELECT w.id FROM wide w JOIN wide v ON v.filler = w.filler AND v.id = w.id"),
    with(
        "SET LOCAL work_mem = '64kB'; SET LOCAL enable_sort = off",
        "SELECT id, filler, count(*) FROM wide GROUP BY id, filler",
    ),
    with(
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off",
        "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id",
    ),
    with(
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
        "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id",
    ),
    with(
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off",
        "SELECT * FROM tree a JOIN tree b ON a.id + 1 = b.parent",
    ),
    with("SET LOCAL enable_seqscan = off", "SELECT * FROM log"),
    with(
        "SET LOCAL enable_seqscan = off",
        "SELECT * FROM customers a FULL JOIN tree b ON a.id = b.id WHERE b.id IS NULL OR a.country = 'c1'",
    ),
    with(
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
        "SELECT * FROM parts a JOIN customers b ON b.id = a.id",
    ),
    with(
        "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off",
        "SELECT * FROM orders ORDER BY id, status LIMIT 20",
    ),
    with(
        "SET LOCAL jit = on; SET LOCAL jit_above_cost = 0; SET LOCAL jit_inline_above_cost = 0",
        "SELECT sum(total) FROM orders WHERE status = 'done'",
    ),
    with(PARALLEL, "SELECT count(*) FROM orders WHERE total > 5"),
    with(PARALLEL, "SELECT * FROM orders ORDER BY total, id"),
    with(
        PARALLEL,
        "SELECT o.status, count(*) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY o.status",
    ),
    with(
        "SET LOCAL enable_hashagg = off",
        "SELECT customer_id, sum(total) FROM orders GROUP BY customer_id HAVING sum(total) > 7000",
    ),
    with(
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off",
        "SELECT * FROM orders WHERE customer_id BETWEEN 5 AND 90 AND status = 'done'",
    ),
    with(
        "SET LOCAL application_name = 'it''s'; SET LOCAL random_page_cost = 1.1; SET LOCAL search_path = public, pg_catalog",
        "SELECT * FROM orders WHERE customer_id = 77",
    ),
];
