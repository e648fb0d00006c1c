//! How large indexes will be, from statistics alone, against what `CREATE INDEX` makes.

#![allow(clippy::print_stdout, reason = "the differences are a table to read")]

use live::statistics::{self, Values};
use live::testing;
use model::QName;

const SCHEMA: &str = "
CREATE TYPE mood AS ENUM ('fine', 'tired', 'ill', 'away');
CREATE TABLE visits (
  id bigint NOT NULL, person int NOT NULL, site uuid NOT NULL, page text NOT NULL, agent text, referrer text,
  code char(6) NOT NULL, amount numeric(12, 2) NOT NULL, price numeric, at timestamptz NOT NULL, day date NOT NULL,
  paid boolean NOT NULL, mood mood, score double precision NOT NULL, rank smallint NOT NULL, wait interval NOT NULL,
  address inet NOT NULL, during tstzrange NOT NULL, doc jsonb NOT NULL, tags text[] NOT NULL, words tsvector NOT NULL
);
CREATE TABLE letters (id int NOT NULL, sender text NOT NULL, subject varchar(200), body text NOT NULL, span int4range NOT NULL,
  meta jsonb NOT NULL, labels int[] NOT NULL);
";

/// `h(n, k)` is the same number every time, and unlike that of any other `n` or `k`.
const ROWS: &str = "
CREATE FUNCTION h(n bigint, k int) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS 'SELECT hashint8extended(n, k) & 9223372036854775807';
INSERT INTO visits
SELECT n, h(n, 1) % 40000, md5((h(n, 2) % 90000)::text)::uuid,
  '/shop/' || repeat('x', (h(n, 3) % 20)::int) || h(n, 4) % 6000,
  CASE WHEN h(n, 5) % 10 < 7 THEN 'Agent/' || h(n, 6) % 300 || '.0 (' || repeat('y', (h(n, 6) % 300 % 40)::int) || ')' END,
  CASE WHEN h(n, 7) % 4 = 0 THEN 'https://' || md5(n::text) || '.example' END,
  'c' || h(n, 8) % 3000, (h(n, 9) % 1000000) / 100.0, CASE WHEN h(n, 10) % 5 > 0 THEN h(n, 11) % 10000000000 / 1000.0 END,
  timestamptz '2025-01-01 00:00Z' + n * interval '37 seconds', date '2025-01-01' + (h(n, 12) % 700)::int,
  h(n, 13) % 9 = 0, CASE WHEN h(n, 14) % 3 > 0 THEN (enum_range(NULL::mood))[1 + h(n, 15) % 4] END,
  h(n, 16) / 1e12, h(n, 17) % 2000, (h(n, 18) % 90000) * interval '1 second',
  ('10.' || h(n, 19) % 4 || '.' || h(n, 20) % 250 || '.' || h(n, 21) % 250)::inet,
  tstzrange(timestamptz '2025-01-01 00:00Z' + (h(n, 22) % 30000000) * interval '1 second',
            timestamptz '2025-01-01 00:00Z' + (h(n, 22) % 30000000 + 60 + h(n, 23) % 90000) * interval '1 second'),
  jsonb_build_object('kind', 'k' || h(n, 24) % 40, 'user', h(n, 25) % 20000, 'ok', h(n, 26) % 2 = 0),
  ARRAY['t' || h(n, 27) % 50, 'u' || h(n, 28) % 2000, 'v' || h(n, 29) % 9],
  to_tsvector('simple', 'w' || h(n, 30) % 3000 || ' w' || h(n, 31) % 3000 || ' z' || h(n, 32) % 50)
FROM generate_series(1, 200000) n;
INSERT INTO letters
SELECT n, 'user' || h(n, 41) % 25000 || '@mail' || h(n, 42) % 60 || '.example',
  CASE WHEN h(n, 43) % 8 > 0 THEN 'About matter ' || h(n, 44) % 50000 END,
  'Dear ' || md5((h(n, 45) % 5000)::text) || ' see ' || (h(n, 46) % 90000), int4range((h(n, 47) % 900000)::int, (h(n, 47) % 900000 + 5)::int),
  jsonb_build_object('lang', (ARRAY['fr', 'de', 'pt'])[1 + h(n, 48) % 3], 'size', h(n, 49) % 500),
  ARRAY[h(n, 50) % 800, h(n, 51) % 800]::int[]
FROM generate_series(1, 150000) n;
";

/// What is to be built, by the name of the index.
const INDEXES: &str = "
CREATE INDEX b01 ON visits (id)
CREATE INDEX b02 ON visits (person)
CREATE INDEX b03 ON visits (site)
CREATE INDEX b04 ON visits (page)
CREATE INDEX b05 ON visits (agent)
CREATE INDEX b06 ON visits (referrer)
CREATE INDEX b07 ON visits (code)
CREATE INDEX b08 ON visits (amount)
CREATE INDEX b09 ON visits (price)
CREATE INDEX b10 ON visits (at)
CREATE INDEX b11 ON visits (day)
CREATE INDEX b12 ON visits (paid)
CREATE INDEX b13 ON visits (mood)
CREATE INDEX b14 ON visits (score)
CREATE INDEX b15 ON visits (rank)
CREATE INDEX b16 ON visits (wait)
CREATE INDEX b17 ON visits (address)
CREATE INDEX b18 ON visits (person, at)
CREATE INDEX b19 ON visits (day, rank)
CREATE INDEX b20 ON visits (page, person)
CREATE INDEX b21 ON visits (mood, day)
CREATE INDEX b22 ON visits (code, paid)
CREATE INDEX b23 ON visits (person) INCLUDE (amount)
CREATE INDEX b24 ON visits (day) INCLUDE (page, paid)
CREATE INDEX b25 ON visits (at) WHERE NOT paid
CREATE INDEX b26 ON visits (site) WHERE mood IS NOT NULL
CREATE INDEX b27 ON visits (id) WITH (fillfactor = 70)
CREATE INDEX b28 ON letters (sender)
CREATE INDEX b29 ON letters (subject)
CREATE INDEX b30 ON letters (lower(sender))
CREATE INDEX b31 ON letters (sender, id DESC)
CREATE INDEX h01 ON visits USING hash (person)
CREATE INDEX h02 ON visits USING hash (page)
CREATE INDEX h03 ON letters USING hash (sender)
CREATE INDEX r01 ON visits USING brin (at)
CREATE INDEX g01 ON visits USING gist (during)
CREATE INDEX g02 ON letters USING gist (span)
CREATE INDEX i01 ON visits USING gin (doc)
CREATE INDEX i02 ON visits USING gin (doc jsonb_path_ops)
CREATE INDEX i03 ON visits USING gin (tags)
CREATE INDEX i04 ON visits USING gin (words)
CREATE INDEX i05 ON letters USING gin (meta)
CREATE INDEX i06 ON letters USING gin (meta jsonb_path_ops)
CREATE INDEX i07 ON letters USING gin (labels)
";

const TRIGRAMS: &str = "
CREATE INDEX t01 ON letters USING gin (sender gin_trgm_ops)
CREATE INDEX t02 ON letters USING gin (body gin_trgm_ops)
CREATE INDEX t03 ON visits USING gin (page gin_trgm_ops)
";

/// Smaller ones are rounded to pages.
const COUNTS: u64 = 1 << 20;
const NEAR: f64 = 0.15;

#[test]
fn indexes_become_as_large_as_was_said() {
    let Some(lab) = testing::lab() else { return };
    let database = testing::database(lab);
    let mut client = lab.connect(&database).expect("it answers");
    let trigrams = client.batch_execute("CREATE EXTENSION pg_trgm").is_ok();
    client.batch_execute(SCHEMA).expect("it is sound");
    client.batch_execute(ROWS).expect("it is sound");
    client.batch_execute("ANALYZE visits, letters").expect("it may");
    let stats = statistics::export(&mut client, Values::Kept).expect("it can be read").known();
    let wanted = INDEXES.lines().chain(if trigrams { TRIGRAMS } else { "" }.lines());
    for statement in wanted.filter(|line| !line.is_empty()) {
        client.batch_execute(statement).expect("it is sound");
    }

    let (near, all) = compared(&mut client, &stats);
    assert!(near * 10 >= all * 9, "{near} of {all}");
}

/// Of any database whose indexes were just built: how far off is what would have been said of them.
/// `PALLADIO_SIZES=postgres://… cargo test -p advise --test sizes -- --ignored --nocapture`
#[test]
#[ignore = "it needs a database"]
fn indexes_of_a_database() {
    let Ok(url) = std::env::var("PALLADIO_SIZES") else { return };
    let target = live::Target::parse(&url).expect("it is an address");
    let mut client = live::connection::open(&target, live::Access::ReadOnly).expect("it answers");
    let stats = statistics::export(&mut client, Values::Kept).expect("it can be read").known();
    compared(&mut client, &stats);
}

/// Prints what was said and what is, and counts those that are near and all that are large enough.
fn compared(client: &mut live::Client, stats: &model::stats::Stats) -> (usize, usize) {
    let schema = live::introspect(client).expect("it can be read").schema;
    let (mut near, mut all) = (0, 0);
    let mut lines = Vec::new();
    for table in schema.tables() {
        for index in &table.indexes {
            let Some(known) = stats.tables.get(&table.name) else { continue };
            let said = advise::size(&schema, table, known, index);
            let row = client
                .query_one(
                    "SELECT pg_relation_size(c.oid) FROM pg_class c WHERE c.oid = $1::text::regclass",
                    &[&QName::new(table.name.schema.clone(), index.name.clone()).to_string()],
                )
                .expect("it is there");
            let real = row.get::<_, i64>(0).unsigned_abs();
            let off = said.bytes() as f64 / real as f64 - 1.0;
            lines.push(format!("{:4} {:>11} {:>11} {:+6.1} %", index.name, said.bytes(), real, 100.0 * off));
            if real >= COUNTS {
                all += 1;
                near += usize::from(off.abs() <= NEAR);
            }
        }
    }
    lines.sort();
    println!("index       said        real\n{}", lines.join("\n"));
    println!("{near} of {all} within 15 %");
    (near, all)
}
