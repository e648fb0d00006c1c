//! The facts: what is claimed for each version, and the SQL that shows it.

use std::collections::BTreeMap;

use live::testing;
use model::dialect::{Alter, Can, Dialect, IndexFacts, POSTGRES, TypeFacts, Version};

use crate::probe;
use crate::schema::{Host, SCHEMA};
use crate::{compare, docs, versions};

pub(crate) struct Fact {
    pub(crate) name: &'static str,
    /// Where it is true.
    claim: Can,
    pub(crate) setup: &'static str,
    pub(crate) probe: &'static str,
    pub(crate) shows: Shows,
}

/// What the probe must do where the fact is true.
#[derive(Clone, Copy)]
pub(crate) enum Shows {
    Taken,
    /// With this SQLSTATE.
    Refused(&'static str),
    /// The first column of its last row.
    Says(&'static str),
    KeepsFile(&'static str),
    Rewrites(&'static str),
    SkipsScan(&'static str),
    Scans(&'static str),
}

impl Shows {
    fn words(self) -> String {
        match self {
            Shows::Taken => "is taken".to_owned(),
            Shows::Refused(state) => format!("is refused with SQLSTATE {state}"),
            Shows::Says(text) => format!("says `{text}`"),
            Shows::KeepsFile(name) => format!("leaves {name} in its file"),
            Shows::Rewrites(name) => format!("writes {name} anew"),
            Shows::SkipsScan(name) => format!("does not read {name}"),
            Shows::Scans(name) => format!("reads {name} from end to end"),
        }
    }
}

use Shows::{KeepsFile, Refused, Rewrites, Says, Scans, SkipsScan, Taken};

fn fact(name: &'static str, claim: Can, setup: &'static str, probe: &'static str, shows: Shows) -> Fact {
    Fact { name, claim, setup, probe, shows }
}

const fn since(major: u16) -> Can {
    Can::Since(Version(major, 0))
}

/// The facts that code asks by name. A new one does not compile until it has its probe here.
#[rustfmt::skip]
fn asked() -> Vec<Fact> {
    // How rows are spread over machines is not for one server to show.
    let Dialect { name: _, versions: _, longest_identifier, alter, index, types, spread: _ } = POSTGRES;
    let Alter {
        ddl_rolls_back, add_column_default_without_rewrite, not_null_from_check, not_null_not_valid,
        enum_value_in_transaction, enum_value_of_new_type_usable, detach_partition_concurrently, virtual_generated_column,
        not_enforced,
    } = alter;
    let IndexFacts { builds_concurrently, reindex_concurrently, nulls_not_distinct, include } = index;
    let TypeFacts { uuid_v4_builtin, uuid_v7_builtin, identity } = types;
    assert_eq!(longest_identifier, 63, "its probe below says so");
    let always = |holds: bool| if holds { Can::Always } else { Can::Never };
    vec![
        fact("a name has at most 63 bytes", Can::Always, "",
            "SELECT length(repeat('x', 70)::name::text)", Says("63")),
        fact("DDL rolls back", always(ddl_rolls_back), "",
            "BEGIN; DROP TABLE lines CASCADE; ROLLBACK; SELECT count(*) FROM lines", Says("20")),
        fact("a new column with a constant default rewrites nothing", add_column_default_without_rewrite, "",
            "ALTER TABLE orders ADD COLUMN new integer NOT NULL DEFAULT 1", KeepsFile("orders")),
        fact("SET NOT NULL believes a valid CHECK (column IS NOT NULL)", not_null_from_check, "",
            "ALTER TABLE orders ALTER COLUMN code SET NOT NULL", SkipsScan("orders")),
        fact("NOT NULL constraints have names and can be NOT VALID", not_null_not_valid, "",
            "ALTER TABLE orders ADD CONSTRAINT total_there NOT NULL total NOT VALID", Taken),
        fact("a new enum value can be added inside a transaction", enum_value_in_transaction, "",
            "BEGIN; ALTER TYPE mood ADD VALUE 'tired'; COMMIT", Taken),
        fact("a value added to an enum of the same transaction can be used at once", enum_value_of_new_type_usable, "",
            "BEGIN; CREATE TYPE size AS ENUM ('small'); ALTER TYPE size ADD VALUE 'large'; SELECT 'large'::size; COMMIT", Taken),
        fact("DETACH PARTITION CONCURRENTLY", detach_partition_concurrently, "",
            "ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY", Taken),
        fact("virtual generated columns", virtual_generated_column, "",
            "ALTER TABLE orders ADD COLUMN double numeric GENERATED ALWAYS AS (total * 2) VIRTUAL", Taken),
        fact("constraints can be NOT ENFORCED", not_enforced, "",
            "ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 10) NOT ENFORCED", Taken),
        fact("CREATE INDEX CONCURRENTLY", builds_concurrently, "",
            "CREATE INDEX CONCURRENTLY new ON orders (placed_at)", Taken),
        fact("REINDEX CONCURRENTLY", reindex_concurrently, "",
            "REINDEX TABLE CONCURRENTLY orders", Taken),
        fact("UNIQUE NULLS NOT DISTINCT", nulls_not_distinct, "",
            "CREATE UNIQUE INDEX new ON orders (id, placed_at) NULLS NOT DISTINCT", Taken),
        fact("INCLUDE in an index", include, "",
            "CREATE INDEX new ON orders (id) INCLUDE (total)", Taken),
        fact("gen_random_uuid() without an extension", uuid_v4_builtin, "",
            "SELECT gen_random_uuid()", Taken),
        fact("uuidv7()", uuid_v7_builtin, "",
            "SELECT uuidv7()", Taken),
        fact("identity columns", identity, "",
            "ALTER TABLE orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY", Taken),
    ]
}

/// What rules and readers rely on in every version that they speak of, or whose version they do not ask.
#[rustfmt::skip]
fn relied_on() -> Vec<Fact> {
    use Can::Always;
    vec![
        // New columns.
        fact("a new column with a stable default rewrites nothing", Always, "",
            "ALTER TABLE orders ADD COLUMN new timestamptz NOT NULL DEFAULT now()", KeepsFile("orders")),
        fact("a new column with a volatile default rewrites the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new uuid NOT NULL DEFAULT gen_random_uuid()", Rewrites("orders")),
        fact("a new serial column rewrites the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new bigserial", Rewrites("orders")),
        fact("a new identity column rewrites the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new bigint GENERATED ALWAYS AS IDENTITY", Rewrites("orders")),
        fact("a new stored generated column rewrites the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new numeric GENERATED ALWAYS AS (total * 2) STORED", Rewrites("orders")),
        fact("a new virtual generated column rewrites nothing", since(18), "",
            "ALTER TABLE orders ADD COLUMN new numeric GENERATED ALWAYS AS (total * 2) VIRTUAL", KeepsFile("orders")),
        fact("a new column of a domain with a check rewrites the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new positive", Rewrites("orders")),
        fact("a new NOT NULL column without a default is refused where there are rows", Always, "",
            "ALTER TABLE orders ADD COLUMN new integer NOT NULL", Refused("23502")),
        fact("a new column with a CHECK reads the table", Always, "",
            "ALTER TABLE orders ADD COLUMN new integer CHECK (new > 0)", Scans("orders")),
        fact("DROP COLUMN rewrites nothing", Always, "",
            "ALTER TABLE orders DROP COLUMN placed_at", KeepsFile("orders")),
        // Types.
        fact("integer to bigint rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN code TYPE bigint", Rewrites("orders")),
        fact("a longer varchar rewrites nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE varchar(40)", KeepsFile("orders")),
        fact("a longer varchar reads nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE varchar(40)", SkipsScan("orders")),
        fact("a shorter varchar rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE varchar(10)", Rewrites("orders")),
        fact("varchar to text rewrites nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE text", KeepsFile("orders")),
        fact("varchar to text keeps the indexes", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE text", KeepsFile("orders_status")),
        fact("text to varchar rewrites nothing", Always, "",
            "ALTER TABLE customers ALTER COLUMN email TYPE varchar", KeepsFile("customers")),
        fact("text to varchar(n) rewrites", Always, "",
            "ALTER TABLE customers ALTER COLUMN email TYPE varchar(200)", Rewrites("customers")),
        fact("char(n) to text rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN initials TYPE text", Rewrites("orders")),
        fact("more digits of the same scale rewrite nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2)", KeepsFile("orders")),
        fact("numeric(p,s) to numeric rewrites nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN total TYPE numeric", KeepsFile("orders")),
        fact("another scale rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,4)", Rewrites("orders")),
        fact("timestamp to timestamptz rewrites nothing in UTC", Always, "SET timezone = 'UTC'",
            "ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz", KeepsFile("orders")),
        fact("timestamp to timestamptz rewrites in another zone", Always, "",
            "ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz", Rewrites("orders")),
        fact("a finer timestamptz rewrites nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN seen_at TYPE timestamptz", KeepsFile("orders")),
        fact("cidr to inet rewrites nothing", Always, "",
            "ALTER TABLE orders ALTER COLUMN address TYPE inet", KeepsFile("orders")),
        fact("json to jsonb rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN body TYPE jsonb", Rewrites("orders")),
        fact("a USING that computes rewrites", Always, "",
            "ALTER TABLE orders ALTER COLUMN status TYPE varchar(20) USING upper(status)", Rewrites("orders")),
        fact("the type of a column that a view reads cannot be changed", Always, "",
            "ALTER TABLE customers ALTER COLUMN name TYPE text", Refused("0A000")),
        fact("another collation rewrites nothing", Always, "",
            "ALTER TABLE customers ALTER COLUMN email TYPE text COLLATE \"POSIX\"", KeepsFile("customers")),
        // NOT NULL.
        fact("SET NOT NULL reads the table without a check", Always, "",
            "ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL", Scans("orders")),
        fact("SET NOT NULL does not believe a check that is NOT VALID", Always, "",
            "ALTER TABLE orders ALTER COLUMN total SET NOT NULL", Scans("orders")),
        fact("NOT NULL NOT VALID reads nothing", since(18), "",
            "ALTER TABLE orders ADD CONSTRAINT total_there NOT NULL total NOT VALID", SkipsScan("orders")),
        // Constraints.
        fact("a CHECK reads the table", Always, "",
            "ALTER TABLE orders ADD CHECK (total > 0)", Scans("orders")),
        fact("a CHECK that is NOT VALID reads nothing", Always, "",
            "ALTER TABLE orders ADD CHECK (total > 0) NOT VALID", SkipsScan("orders")),
        fact("VALIDATE CONSTRAINT reads the table", Always, "",
            "ALTER TABLE orders VALIDATE CONSTRAINT total_known", Scans("orders")),
        fact("a foreign key reads the table", Always, "",
            "ALTER TABLE lines ADD FOREIGN KEY (amount) REFERENCES orders (code)", Scans("lines")),
        fact("a foreign key that is NOT VALID reads nothing", Always, "",
            "ALTER TABLE lines ADD FOREIGN KEY (amount) REFERENCES orders (code) NOT VALID", SkipsScan("lines")),
        fact("a foreign key of a partitioned table can be NOT VALID", since(18), "CREATE TABLE days (at date PRIMARY KEY)",
            "ALTER TABLE events ADD FOREIGN KEY (at) REFERENCES days NOT VALID", Taken),
        fact("UNIQUE reads the table", Always, "",
            "ALTER TABLE orders ADD UNIQUE (code)", Scans("orders")),
        fact("UNIQUE USING INDEX reads nothing", Always, "",
            "ALTER TABLE orders ADD CONSTRAINT code_key UNIQUE USING INDEX orders_code", SkipsScan("orders")),
        fact("PRIMARY KEY USING INDEX of a NOT NULL column reads nothing", Always, "ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE",
            "ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_number", SkipsScan("orders")),
        fact("PRIMARY KEY USING INDEX of a nullable column reads the table", Always,
            "ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE; ALTER TABLE orders DROP CONSTRAINT code_known",
            "ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_code", Scans("orders")),
        fact("an exclusion constraint on a partitioned table", since(17), "",
            "ALTER TABLE events ADD EXCLUDE USING btree (at WITH =)", Taken),
        fact("constraints WITHOUT OVERLAPS", since(18), "CREATE TABLE stays (rooms int4range, during daterange)",
            "ALTER TABLE stays ADD UNIQUE (rooms, during WITHOUT OVERLAPS)", Taken),
        fact("ON DELETE SET NULL of some columns", since(15), "",
            "CREATE TABLE notes (a bigint, FOREIGN KEY (a) REFERENCES orders ON DELETE SET NULL (a))", Taken),
        // Partitions.
        fact("ATTACH PARTITION reads the partition", Always, "",
            "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            Scans("events_2026")),
        fact("ATTACH PARTITION believes a check of the bounds", Always, "",
            "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
            SkipsScan("events_2027")),
        fact("ATTACH PARTITION reads the default partition", Always, "",
            "ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            Scans("logs_rest")),
        fact("a new partition reads the default partition", Always, "",
            "CREATE TABLE logs_2028 PARTITION OF logs FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
            Scans("logs_rest")),
        fact("DETACH CONCURRENTLY is refused beside a default partition", Always,
            "ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            "ALTER TABLE logs DETACH PARTITION logs_2026 CONCURRENTLY", Refused("55000")),
        fact("an index of a partitioned table is not built CONCURRENTLY", Always, "",
            "CREATE INDEX CONCURRENTLY new ON events (kind)", Refused("0A000")),
        fact("partitions have the identity columns of their parent", since(17),
            "CREATE TABLE parted (id bigint GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY RANGE (at);
             CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'parted_1'::regclass AND attidentity <> ''", Says("1")),
        // Transactions.
        fact("a new enum value cannot be used before its transaction commits", Always, "",
            "BEGIN; ALTER TYPE mood ADD VALUE 'tired'; SELECT 'tired'::mood", Refused("55P04")),
        fact("CREATE INDEX CONCURRENTLY is refused in a transaction", Always, "",
            "BEGIN; CREATE INDEX CONCURRENTLY new ON orders (placed_at)", Refused("25001")),
        // Whole tables.
        fact("SET UNLOGGED rewrites the table", Always, "",
            "ALTER TABLE lines SET UNLOGGED", Rewrites("lines")),
        fact("SET ACCESS METHOD", since(15), "",
            "ALTER TABLE orders SET ACCESS METHOD heap", Taken),
        fact("storage parameters rewrite nothing", Always, "",
            "ALTER TABLE orders SET (fillfactor = 70)", KeepsFile("orders")),
        fact("VACUUM FULL rewrites the table", Always, "", "VACUUM FULL orders", Rewrites("orders")),
        fact("CLUSTER rewrites the table", Always, "", "CLUSTER orders USING orders_pkey", Rewrites("orders")),
        fact("REFRESH CONCURRENTLY keeps the file", Always, "",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY totals", KeepsFile("totals")),
        fact("an expression of a generated column can be changed", since(17),
            "ALTER TABLE orders ADD COLUMN twice numeric GENERATED ALWAYS AS (total * 2) STORED",
            "ALTER TABLE orders ALTER COLUMN twice SET EXPRESSION AS (total + total)", Taken),
        // Access.
        fact("views with security_invoker", since(15), "",
            "ALTER VIEW recent SET (security_invoker = true)", Taken),
        fact("nobody may create in the schema public who was not allowed to", since(15), "SET ROLE clerk",
            "CREATE TABLE mine (id integer)", Refused("42501")),
        fact("the privilege MAINTAIN", since(17), "",
            "GRANT MAINTAIN ON orders TO clerk", Taken),
        // Statements.
        fact("MERGE", since(15), "",
            "MERGE INTO customers USING orders ON customers.id = orders.id WHEN MATCHED THEN DO NOTHING", Taken),
        fact("MERGE with RETURNING", since(17), "",
            "MERGE INTO lines USING orders ON lines.id = orders.id WHEN MATCHED THEN DELETE RETURNING lines.id", Taken),
        fact("a subquery in FROM needs no alias", since(16), "", "SELECT * FROM (SELECT 1)", Taken),
        fact("JSON_TABLE", since(17), "",
            "SELECT * FROM JSON_TABLE(jsonb '[1]', '$[*]' COLUMNS (n integer PATH '$'))", Taken),
        fact("RETURNING old and new", since(18), "", "UPDATE orders SET total = 1 RETURNING old.total, new.total", Taken),
        fact("statistics of expressions", Always, "",
            "CREATE STATISTICS new ON (lower(status)), code FROM orders", Taken),
        fact("STORAGE in CREATE TABLE", since(16), "", "CREATE TABLE notes (a text STORAGE EXTERNAL)", Taken),
        fact("NOT IN with a NULL in the list finds no row", Always, "",
            "SELECT count(*) FROM orders WHERE id NOT IN (1000, NULL)", Says("0")),
        fact("= NULL finds no row", Always, "",
            "SELECT count(*) FROM orders WHERE id = NULL", Says("0")),
        fact("a unique constraint takes several NULLs", Always, "CREATE TABLE notes (a integer UNIQUE)",
            "INSERT INTO notes VALUES (NULL), (NULL)", Taken),
        fact("a foreign key makes no index", Always, "CREATE TABLE notes (a bigint REFERENCES orders)",
            "SELECT count(*) FROM pg_index WHERE indrelid = 'notes'::regclass", Says("0")),
        fact("timestamp forgets the offset", Always, "",
            "SELECT timestamp '2025-01-01 12:00+05'", Says("2025-01-01 12:00:00")),
        fact("hash indexes cannot be unique", Always, "", "CREATE UNIQUE INDEX new ON orders USING hash (code)", Refused("0A000")),
        fact("a B-tree on jsonb has no operator @>", Always, "",
            "SELECT count(*) FROM pg_amop WHERE amopopr = '@>(jsonb,jsonb)'::regoperator
             AND amopmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')", Says("0")),
    ]
}

const PAGE: &str = "\
# What PostgreSQL can do, by version

Each line was tried on a real server of each version: **yes** and **no** are what the server showed, and the suite fails
where a claim of the code says otherwise. The SQL of each probe stands below, with the schema that it runs in.

Printed by `PALLADIO_TEST_MAJORS=all UPDATE=1 cargo test -p live --test facts`; the column of a version that is not at
hand stays as it is.

";

#[test]
fn facts_hold_on_every_version() {
    let facts: Vec<Fact> = asked().into_iter().chain(relied_on()).collect();
    let path = docs("facts.md");
    let mut seen = committed(&std::fs::read_to_string(&path).unwrap_or_default());
    let mut wrong = Vec::new();
    for major in testing::majors() {
        let Some(host) = Host::start(major) else { return };
        for fact in &facts {
            let holds = match probe::holds(&host, fact) {
                Ok(holds) => holds,
                Err(words) => {
                    wrong.push(format!("{words} on PostgreSQL {major}"));
                    continue;
                }
            };
            if holds != fact.claim.at(Version(major, 0)) {
                wrong.push(format!("{}: {} on PostgreSQL {major}", fact.name, if holds { "true" } else { "not true" }));
            }
            seen.insert((fact.name.to_owned(), major), holds);
        }
    }
    assert!(wrong.is_empty(), "{} facts are otherwise:\n{}", wrong.len(), wrong.join("\n"));
    if !testing::majors().is_empty() {
        compare(&path, &page(&facts, &seen));
    }
}

fn page(facts: &[Fact], seen: &BTreeMap<(String, u16), bool>) -> String {
    let columns: String = versions().iter().map(|version| format!(" {version} |")).collect();
    let mut page = format!("{PAGE}| fact |{columns}\n|---|{}\n", "---|".repeat(versions().len()));
    for fact in facts {
        let cell = |version: u16| match seen.get(&(fact.name.to_owned(), version)) {
            Some(true) => " yes |",
            Some(false) => " no |",
            None => " not tried |",
        };
        page += &format!("| {} |{}\n", fact.name, versions().into_iter().map(cell).collect::<String>());
    }
    page += &format!("\n## The schema\n\n```sql\n{SCHEMA}```\n\n## The probes\n");
    for fact in facts {
        let setup =
            if fact.setup.is_empty() { String::new() } else { format!("{};\n", fact.setup.trim_end_matches(';')) };
        let sql: Vec<&str> = fact.probe.lines().map(str::trim).collect();
        page += &format!(
            "\n**{}**: true where this {}\n\n```sql\n{setup}{};\n```\n",
            fact.name,
            fact.shows.words(),
            sql.join("\n")
        );
    }
    page
}

/// The cells of a page as it was printed.
fn committed(page: &str) -> BTreeMap<(String, u16), bool> {
    let mut seen = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let Some(name) = cells.next() else { continue };
        for (version, cell) in versions().into_iter().zip(cells) {
            if cell == "yes" || cell == "no" {
                seen.insert((name.to_owned(), version), cell == "yes");
            }
        }
    }
    seen
}
