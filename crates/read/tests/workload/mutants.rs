//! Whatever the bytes, reading them ends and does not panic, and takes no memory that grows with them.

use std::io::{self, BufReader, Read};

use model::workload::{Orm, TrafficKind};
use read::workload::{Options, Reader, recognize};

use crate::{Random, traffic};

const SEEDS: [&str; 12] = [
    "2026-11-21 10:00:00.000 UTC [7] LOG:  duration: 0.5 ms  execute s1: SELECT *\n\tFROM c WHERE id = $1\n2026-11-21 10:00:00.000 UTC [7] DETAIL:  parameters: $1 = 'it''s', $2 = NULL\n",
    "1700000000.123 6740a1b2.7 LOG:  statement: BEGIN\n1700000000.123 6740a1b2.7 ERROR:  no\n1700000000.123 6740a1b2.7 STATEMENT:  BEGIN\n",
    "LOG:  duration: 1.5 ms  plan:\n\tQuery Text: SELECT 1\n\tQuery Parameters: $1 = '1'\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n",
    "LOG:  duration: 1.5 ms  plan:\n\t{\n\t  \"Query Text\": \"SELECT 1\",\n\t  \"Plan\": {}\n\t}\n",
    "2026-11-21 10:00:00.000 UTC,\"u\",\"d\",7,\"[local]\",6740a1b2.7,1,\"SELECT\",2026-11-21 10:00:00 UTC,3/1,0,LOG,00000,\"duration: 2 ms  statement: SELECT \"\"x\"\"\nFROM t\",\"Parameters: $1 = '1'\",,,,,,,,\"psql\",\"client backend\",,0\n",
    "{\"timestamp\":\"2026-11-21 10:00:00.000 UTC\",\"pid\":7,\"session_id\":\"6740a1b2.7\",\"error_severity\":\"LOG\",\"message\":\"statement: SELECT 'é' IN (1,2)\",\"detail\":\"parameters: $1 = 'x'\"}\n",
    "query,calls,total_exec_time\n\"SELECT 1\",5,6\n",
    "  User Load (0.5ms)  SELECT a FROM b WHERE c = $1 LIMIT $2  [[\"id\", 1], [\"LIMIT\", 1]]\nStarted GET \"/\" for 1\n",
    "Query: select 1 -- params: [1, \"a\", [2]]\nprisma:query SELECT 1\nParams: [1]\nDuration: 2ms\n(0.001) SELECT 1; args=(1,)\n",
    "INFO sqlalchemy.engine.Engine SELECT a\nFROM b WHERE c = %(c)s\nINFO sqlalchemy.engine.Engine [cached since 1s ago] {'c': datetime.date(2026, 1, 1)}\n",
    "Hibernate: select a from b where c=? and d in ((?,?),(?,?))\nbinding parameter (1:BIGINT) <- [5]\nquery: SELECT 1 -- PARAMETERS: [1]\nExecuting (default): SELECT 1; [1]\n",
    "INSERT INTO t (a) VALUES (-1, now()), ($2, now()) ON CONFLICT DO NOTHING; SELECT a[1]::text, $$x$$ ORDER BY 1, -1\n",
];

const STRANGERS: [&[u8]; 20] = [
    b"\n",
    b"\t",
    b"\"",
    b"'",
    b"$1",
    b"$",
    b"(",
    b")",
    b"[",
    b"]",
    b"\0",
    b"\xff",
    "é".as_bytes(),
    b": ",
    b"LOG:  ",
    b"-- ",
    b"/*",
    b",",
    b"\x1b[31m",
    b"\\",
];

fn mutant(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(3) {
        bytes.extend_from_slice(random.one(&SEEDS).as_bytes());
    }
    for _ in 0..=random.below(5) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 => drop(bytes.splice(at..at, STRANGERS[random.below(STRANGERS.len())].iter().copied())),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + random.below(12)).min(bytes.len()))),
            3 => {
                let end = (at + random.below(40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random.below(256) as u8;
                }
            }
        }
    }
    bytes
}

const KINDS: [TrafficKind; 12] = [
    TrafficKind::Stderr,
    TrafficKind::CsvLog,
    TrafficKind::JsonLog,
    TrafficKind::Statements,
    TrafficKind::Orm(Orm::ActiveRecord),
    TrafficKind::Orm(Orm::Django),
    TrafficKind::Orm(Orm::Drizzle),
    TrafficKind::Orm(Orm::Hibernate),
    TrafficKind::Orm(Orm::Prisma),
    TrafficKind::Orm(Orm::Sequelize),
    TrafficKind::Orm(Orm::SqlAlchemy),
    TrafficKind::Orm(Orm::TypeOrm),
];

#[test]
fn mutated_logs_are_read_without_a_panic() {
    let mut random = Random(20_261_127);
    let options = Options { repeats: 2, longest: 300, ..Options::default() };
    for _ in 0..100_000 {
        let bytes = mutant(&mut random);
        let found = traffic(&bytes, options);
        // As what it is not, too.
        let mut reader = Reader::new(options);
        reader.read("log", KINDS[random.below(KINDS.len())], &bytes[..]).expect("memory can be read");
        let other = reader.finish();
        for traffic in found.iter().map(|(_, traffic)| traffic).chain([&other]) {
            assert!(traffic.statements.iter().all(|one| !one.examples.is_empty() && one.calls > 0));
        }
    }
}

/// A line of a thousand million letters.
struct Long {
    head: &'static [u8],
    left: u64,
}

impl Read for Long {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(into);
        }
        let count = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        into[..count].fill(b'x');
        self.left -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_line_of_a_gigabyte_is_left_out_and_said() {
    for (kind, head) in [
        (TrafficKind::Stderr, "2026-11-21 10:00:00 UTC [7] LOG:  statement: SELECT '"),
        (TrafficKind::CsvLog, "2026-11-21 10:00:00.000 UTC,\"u\",\"d\",7,\"[local]\",6740a1b2.7,1,\""),
        (TrafficKind::JsonLog, "{\"error_severity\":\"LOG\",\"message\":\"statement: SELECT "),
        (TrafficKind::Orm(Orm::Drizzle), "Query: select '"),
    ] {
        let mut reader = Reader::new(Options::default());
        let long = BufReader::with_capacity(1 << 16, Long { head: head.as_bytes(), left: 1 << 30 });
        reader.read("log", kind, long).expect("memory can be read");
        let traffic = reader.finish();
        assert_eq!(traffic.statements, []);
        assert_eq!(traffic.problems.len(), 1, "{kind:?}: {:?}", traffic.problems);
    }
}

#[test]
fn files_of_sql_are_no_logs() {
    for text in
        ["SELECT 1;\n", "-- LOG:  no\nCREATE TABLE t (a int);\n", "a,b\n1,2\n", "", "{\"Plan\": {}}\n", SEEDS[11]]
    {
        assert_eq!(recognize(text.as_bytes()), None, "{text}");
    }
}
