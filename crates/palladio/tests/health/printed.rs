//! How it reads, in each format, from a file of statistics.

use crate::shop::{folder, palladio};

const SCHEMA: &str = "\
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, status text, code text);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_code ON orders (code);
CREATE INDEX orders_code_again ON orders (code);
";

const STATS: &str = r#"{"version":1,"server":"17.2","values":"left","page":8192,
"locale":{"encoding":"UTF8","collate":"C","ctype":"C"},"settings":{},
"counted":{"days":41.5,"since":"2026-03-02"},
"tables":[
{"name":"public.customers","kind":"table","rows":2000,"bytes":131072,"dead_rows":0,"pages":16,"analyzed_pages":16,
 "all_visible":16},
{"name":"public.orders","kind":"table","rows":1200000,"bytes":98304000,"dead_rows":0,"modified":10,
 "writes":{"inserted":1200000,"updated":90000,"in_place":2000,"deleted":0},"pages":12000,"analyzed_pages":12000,
 "all_visible":0,"columns":[{"name":"id","null_frac":0,"avg_width":8,"n_distinct":-1}]}],
"indexes":[
{"name":"public.customers_pkey","table":"public.customers","method":"btree","bytes":65536,"scans":900,"rows":2000,
 "pages":8,"analyzed_pages":8},
{"name":"public.orders_code","table":"public.orders","method":"btree","bytes":905969664,"scans":77,"rows":1200000,
 "pages":110592,"analyzed_pages":110592},
{"name":"public.orders_code_again","table":"public.orders","method":"btree","bytes":905969664,"scans":0,"rows":1200000,
 "pages":110592,"analyzed_pages":110592},
{"name":"public.orders_pkey","table":"public.orders","method":"btree","bytes":90596966,"scans":912,"rows":1200000,
 "pages":11059,"analyzed_pages":11059},
{"name":"public.orders_status","table":"public.orders","method":"btree","bytes":9437184,"scans":0,"rows":1200000,
 "pages":1152,"analyzed_pages":1152}]}"#;

fn check(format: &str, expected: &str) {
    check_with(STATS, format, expected);
}

fn check_with(stats_text: &str, format: &str, expected: &str) {
    let folder = folder();
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (schema, stats) = (path("schema.sql"), path("stats.json"));
    std::fs::write(&schema, SCHEMA).expect("a file");
    std::fs::write(&stats, stats_text).expect("a file");
    let run = palladio(&["health", "--stats", &stats, &schema, "--format", format]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let text = run.stdout.replace(&stats, "stats.json");
    assert_eq!(text, expected, "\n{text}");
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn for_people() {
    check(
        "full",
        "\
Indexes of stats.json, PostgreSQL 17.2
5 indexes on 2 tables, 1.8 GB; scans counted for 41 days, since 2026-03-02
note: of 3 indexes it is not said how bloated they are: statistics do not decide
      it or are not fresh, and pgstattuple is not here or not for this role

warning[I001 duplicate-index]: orders_code_again repeats orders_code
  orders_code_again on orders · 864 MB · 0 scans · 1,288,000 entries written
  = every write to the table pays for both
  run:  DROP INDEX CONCURRENTLY orders_code_again;
  undo: CREATE INDEX CONCURRENTLY orders_code_again ON orders (code);

warning[U001 unused-index]: no query reads orders_status (9 MB)
  orders_status on orders · 9 MB · 0 scans
  = not one scan in 41 days, since 2026-03-02
  = 1,288,000 entries were written to it
  = 2 % of 90,000 updates were done in place; those that set status never are,
    for this index alone
  run:  DROP INDEX CONCURRENTLY orders_status;
  undo: CREATE INDEX CONCURRENTLY orders_status ON orders (status);

warning[U004 bloated-index]: 61 MB of the 86 MB of orders_pkey are empty
  orders_pkey on orders · 86 MB · 912 scans
  = built now it would have 26 MB
  = computed from statistics, within a fifth of what a new one would have
  run:  REINDEX INDEX CONCURRENTLY public.orders_pkey;

warning[K002 foreign-key-without-index]: no index leads with (customer_id)
  orders_customer_id_fkey on orders
  = each DELETE from customers reads all of orders
  = orders had 1,200,000 rows in the statistics
  run:  CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);
  undo: DROP INDEX CONCURRENTLY orders_customer_id_idx;

note[U003 rarely-used-index]: queries hardly read orders_code (864 MB)
  orders_code on orders · 864 MB · 77 scans
  = 77 scans in 41 days, since 2026-03-02
  = 1,288,000 entries were written to it
  maybe: DROP INDEX CONCURRENTLY orders_code;
  undo: CREATE INDEX CONCURRENTLY orders_code ON orders (code);

5 findings; 934 MB would be freed
",
    );
}

#[test]
fn a_line_each() {
    check(
        "concise",
        "\
orders: warning[I001 duplicate-index]: orders_code_again repeats orders_code
orders: warning[U001 unused-index]: no query reads orders_status (9 MB)
orders: warning[U004 bloated-index]: 61 MB of the 86 MB of orders_pkey are empty
orders: warning[K002 foreign-key-without-index]: no index leads with (customer_id)
orders: note[U003 rarely-used-index]: queries hardly read orders_code (864 MB)
",
    );
}

#[test]
fn statements() {
    check(
        "sql",
        "\
-- I001 duplicate-index: orders_code_again repeats orders_code
DROP INDEX CONCURRENTLY orders_code_again;
-- undo: CREATE INDEX CONCURRENTLY orders_code_again ON orders (code);
-- U001 unused-index: no query reads orders_status (9 MB)
DROP INDEX CONCURRENTLY orders_status;
-- undo: CREATE INDEX CONCURRENTLY orders_status ON orders (status);
-- U004 bloated-index: 61 MB of the 86 MB of orders_pkey are empty
REINDEX INDEX CONCURRENTLY public.orders_pkey;
-- K002 foreign-key-without-index: no index leads with (customer_id)
CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);
-- undo: DROP INDEX CONCURRENTLY orders_customer_id_idx;
-- U003 rarely-used-index: queries hardly read orders_code (864 MB)
-- DROP INDEX CONCURRENTLY orders_code;
-- undo: CREATE INDEX CONCURRENTLY orders_code ON orders (code);
",
    );
}

#[test]
fn for_a_ticket() {
    check(
        "markdown",
        "\
### Indexes: 5 findings; 934 MB would be freed

5 indexes on 2 tables, 1.8 GB; scans counted for 41 days, since 2026-03-02.

> of 3 indexes it is not said how bloated they are: statistics do not decide it or are not fresh, and pgstattuple is not here or not for this role

<details><summary>warning: orders_code_again repeats orders_code (864 MB)</summary>

- every write to the table pays for both
- `I001 duplicate-index`

```sql
DROP INDEX CONCURRENTLY orders_code_again;
-- undo: CREATE INDEX CONCURRENTLY orders_code_again ON orders (code);
```

</details>

<details><summary>warning: no query reads orders_status (9 MB)</summary>

- not one scan in 41 days, since 2026-03-02
- 1,288,000 entries were written to it
- 2 % of 90,000 updates were done in place; those that set status never are, for this index alone
- `U001 unused-index`

```sql
DROP INDEX CONCURRENTLY orders_status;
-- undo: CREATE INDEX CONCURRENTLY orders_status ON orders (status);
```

</details>

<details><summary>warning: 61 MB of the 86 MB of orders_pkey are empty</summary>

- built now it would have 26 MB
- computed from statistics, within a fifth of what a new one would have
- `U004 bloated-index`

```sql
REINDEX INDEX CONCURRENTLY public.orders_pkey;
```

</details>

<details><summary>warning: no index leads with (customer_id)</summary>

- each DELETE from customers reads all of orders
- orders had 1,200,000 rows in the statistics
- `K002 foreign-key-without-index`

```sql
CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);
-- undo: DROP INDEX CONCURRENTLY orders_customer_id_idx;
```

</details>

<details><summary>note: queries hardly read orders_code (864 MB)</summary>

- 77 scans in 41 days, since 2026-03-02
- 1,288,000 entries were written to it
- `U003 rarely-used-index`

```sql
DROP INDEX CONCURRENTLY orders_code;
-- undo: CREATE INDEX CONCURRENTLY orders_code ON orders (code);
```

</details>
",
    );
}

#[test]
fn with_a_replica_that_nobody_asked_it_is_a_note() {
    let stats = STATS.replace("\"tables\":[", "\"replicas\":[\"standby1 at 10.0.0.5\"],\"tables\":[");
    check_with(
        &stats,
        "concise",
        "\
orders: warning[I001 duplicate-index]: orders_code_again repeats orders_code
orders: warning[U004 bloated-index]: 61 MB of the 86 MB of orders_pkey are empty
orders: warning[K002 foreign-key-without-index]: no index leads with (customer_id)
orders: note[U001 unused-index]: no query reads orders_status (9 MB)
orders: note[U003 rarely-used-index]: queries hardly read orders_code (864 MB)
",
    );
}
