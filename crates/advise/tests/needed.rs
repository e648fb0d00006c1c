//! How large indexes that are there would be if they were built now, against what REINDEX makes of them.

#![allow(clippy::print_stdout, reason = "the differences are a table to read")]

use std::thread::sleep;
use std::time::Duration;

use advise::needed::needed;
use live::lab::Options;
use live::statistics::{self, Values};
use live::testing;
use model::QName;
use model::activity::Needed;

const SCHEMA: &str = "
CREATE TABLE visits (id int NOT NULL, big bigint NOT NULL, person int NOT NULL, site uuid NOT NULL, page text NOT NULL,
  agent text, at timestamptz NOT NULL, day date NOT NULL, paid boolean NOT NULL, price numeric NOT NULL, code char(6) NOT NULL,
  mood smallint, doc jsonb NOT NULL);
CREATE INDEX n01 ON visits (id);
CREATE INDEX n02 ON visits (big);
CREATE INDEX n03 ON visits (site);
CREATE INDEX n04 ON visits (at);
CREATE INDEX n05 ON visits (day);
CREATE INDEX n06 ON visits (paid);
CREATE INDEX n07 ON visits (page);
CREATE INDEX n08 ON visits (agent);
CREATE INDEX n09 ON visits (price);
CREATE INDEX n10 ON visits (code);
CREATE INDEX n11 ON visits (person);
CREATE INDEX n12 ON visits (mood);
CREATE INDEX n13 ON visits (person, at);
CREATE INDEX n14 ON visits (day, paid);
CREATE INDEX n15 ON visits (page, id);
CREATE INDEX n16 ON visits (mood, agent);
CREATE INDEX n17 ON visits (at) WHERE paid;
CREATE INDEX n18 ON visits (site) WHERE mood IS NOT NULL;
CREATE INDEX n19 ON visits (person) WHERE NOT paid;
CREATE INDEX n20 ON visits (person) INCLUDE (price);
CREATE UNIQUE INDEX n21 ON visits (big, page);
CREATE INDEX n22 ON visits (id) WITH (fillfactor = 70);
CREATE INDEX n23 ON visits (lower(page));
CREATE INDEX n24 ON visits USING gin (doc);
CREATE INDEX n25 ON visits USING hash (person);
CREATE INDEX n26 ON visits USING brin (at);
";

/// Keys come in order of time and at random; two thirds of the rows go again, and some keys change.
const ROWS: &str = "
CREATE FUNCTION h(n bigint, k int) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS 'SELECT hashint8extended(n, k) & 9223372036854775807';
INSERT INTO visits
SELECT n, h(n, 1), h(n, 2) % 5000, md5(n::text)::uuid, '/shop/' || repeat('x', (h(n, 3) % 20)::int) || h(n, 4),
  CASE WHEN h(n, 5) % 10 < 7 THEN 'Agent/' || h(n, 6) % 300 || '.0' END,
  timestamptz '2025-01-01 00:00Z' + n * interval '37 seconds', date '2025-01-01' + (h(n, 12) % 700)::int,
  h(n, 13) % 3 = 0, (h(n, 9) % 100000000) / 1000.0, 'c' || h(n, 8) % 90000,
  CASE WHEN h(n, 14) % 4 > 0 THEN h(n, 15) % 900 END, jsonb_build_object('k', h(n, 16) % 90)
FROM generate_series(1, 150000) n;
DELETE FROM visits WHERE id % 3 <> 0;
UPDATE visits SET person = person + 1, at = at + interval '1 day' WHERE id % 15 = 0;
";

/// What may be said, and be wrong, by so much.
const NEAR: f64 = 0.2;

#[test]
fn what_is_said_is_within_a_fifth_of_what_reindex_makes() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&Options { version: Some(major), ..Options::default() }) else { return };
        let database = testing::database(&lab);
        let mut client = lab.connect(&database).expect("it answers");
        client.batch_execute(SCHEMA).expect("it is sound");
        for statement in ROWS.split(";\n").filter(|statement| !statement.trim().is_empty()) {
            client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let measures = client.batch_execute("CREATE EXTENSION pgstattuple").is_ok();
        // What a session counted is told a second later at the latest, and must not come behind ANALYZE.
        sleep(Duration::from_millis(1200));
        client.batch_execute("SELECT 1").expect("it answers");
        sleep(Duration::from_millis(300));
        client.batch_execute("VACUUM (ANALYZE) visits").expect("it may");
        let schema = live::introspect(&mut client).expect("it can be read").schema;
        let exported = statistics::export(&mut client, Values::Left).expect("it can be read");
        let known = exported.known();
        let (table, stats) = (QName::public("visits"), &known.tables[&QName::public("visits")]);
        let table = schema.table(&table).expect("it is there");
        let names: Vec<QName> = table.indexes.iter().map(|index| QName::public(index.name.clone())).collect();
        let counted = match measures {
            true => live::activity::measured(&mut client, &names[..22]).expect("it may"),
            false => Vec::new(),
        };
        println!("PostgreSQL {major}\nindex      was        now       said          counted");
        let (mut said_count, mut wrong) = (0, Vec::new());
        for (index, name) in table.indexes.iter().zip(&names) {
            let entries = exported.indexes.iter().find(|known| known.name == format!("public.{}", index.name));
            let entries = f64::from(entries.expect("it is exported").rows);
            let said = needed(&schema, table, stats, index, entries);
            let was = known.indexes[name].bytes;
            client.batch_execute(&format!("REINDEX INDEX {}", index.name)).expect("it may");
            let now: i64 = client
                .query_one("SELECT pg_relation_size($1::text::regclass)", &[&index.name.as_str()])
                .expect("it is there")
                .get(0);
            let off = |bytes: u64| bytes as f64 / now as f64 - 1.0;
            let shown = |bytes: Option<u64>| match bytes {
                Some(bytes) => format!("{bytes:>8} {:>+5.1} %", 100.0 * off(bytes)),
                None => format!("{:>8}        ", "-"),
            };
            let by_server = counted.iter().find(|(counted, _)| counted == name).map(|(_, Needed { bytes, .. })| *bytes);
            println!("{}   {was:>9}  {now:>9}  {}  {}", index.name, shown(said), shown(by_server));
            said_count += usize::from(said.is_some());
            wrong.extend(said.filter(|bytes| off(*bytes).abs() > NEAR).map(|_| index.name.clone()));
        }
        assert_eq!(wrong, Vec::<model::Name>::new(), "PostgreSQL {major}: more than a fifth off");
        assert!(said_count >= 14, "PostgreSQL {major}: of {said_count} something is said");
    }
}
