//! What is read of each format, in small.

use model::workload::{Orm, Traffic, TrafficKind};
use read::workload::Options;

use crate::traffic;

/// The calls of a log: how often, how long, and the first example; then problems and loops.
fn shown(traffic: &Traffic) -> String {
    let mut out = String::new();
    for one in &traffic.statements {
        let ms = one.time.map_or(String::new(), |time| format!(" {}..{} ms", time.least, time.most));
        let sent = &one.examples[0];
        let session = if sent.session.is_empty() { "" } else { " by " };
        out += &format!("{}×{ms}{session}{} at {}: {}\n", one.calls, sent.session, one.first.line, sent.sql);
    }
    for problem in &traffic.problems {
        out += &format!("! {}: {}\n", problem.line.line, problem.message);
    }
    for repeat in &traffic.repeats {
        let varying = repeat.varying.as_deref().unwrap_or("the same");
        out += &format!("{} times from line {}: {varying}\n", repeat.longest, repeat.line.line);
        out += &repeat.before.first().map_or(String::new(), |before| format!("  after {before}\n"));
    }
    out
}

#[track_caller]
fn check(log: &str, kind: TrafficKind, expected: &str) {
    let options = Options { repeats: 3, ..Options::default() };
    let (found, traffic) = traffic(log.as_bytes(), options).expect("it is a log");
    assert_eq!(found, kind);
    assert_eq!(shown(&traffic), expected, "\n{}", shown(&traffic));
}

#[test]
fn a_loop_in_a_server_log() {
    let mut log = String::from(
        "2026-11-21 10:00:00.000 UTC [7] LOG:  duration: 1 ms  statement: SELECT id FROM posts WHERE author = 3\n",
    );
    for id in 1..=4 {
        log += &format!(
            "2026-11-21 10:00:00.{id}00 UTC [7] LOG:  duration: 0.5 ms  execute <unnamed>: SELECT *\n\tFROM comments WHERE post_id = $1 AND NOT hidden = 'x'\n2026-11-21 10:00:00.{id}00 UTC [7] DETAIL:  parameters: $1 = '{id}'\n"
        );
    }
    check(
        &log,
        TrafficKind::Stderr,
        "\
4× 0.5..0.5 ms by 7 at 2: SELECT *\nFROM comments WHERE post_id = '1' AND NOT hidden = 'x'
1× 1..1 ms by 7 at 1: SELECT id FROM posts WHERE author = 3
4 times from line 2: SELECT *\nFROM comments WHERE post_id = $1 AND NOT hidden = 'x'
  after SELECT id FROM posts WHERE author = 3
",
    );
}

#[test]
fn pauses_sessions_and_other_shapes_are_no_loop() {
    let mut log = String::new();
    for at in 0..6 {
        // Two seconds lie between them.
        log += &format!("2026-11-21 10:00:{:02} UTC [7] LOG:  statement: SELECT * FROM a WHERE id = {at}\n", at * 2);
        log += &format!("2026-11-21 10:00:00 UTC [{at}] LOG:  statement: SELECT * FROM b WHERE id = {at}\n");
        // More than one value differs.
        log += &format!("2026-11-21 10:00:00 UTC [9] LOG:  statement: SELECT * FROM c WHERE id = {at} AND k = {at}\n");
    }
    let (_, traffic) = traffic(log.as_bytes(), Options { repeats: 3, ..Options::default() }).expect("it is a log");
    assert_eq!(traffic.repeats, []);
}

#[test]
fn exports_of_pg_stat_statements_with_their_columns_in_any_order() {
    check(
        "\
\"calls\",\"query\",\"mean_exec_time\",\"total_exec_time\",\"max_exec_time\",\"min_exec_time\"
10,\"SELECT \"\"a\"\"
FROM t WHERE b = $1\",2,20,3,1
5,<insufficient privilege>,1,5,1,1
x,SELECT 1,1,1,1,1
",
        TrafficKind::Statements,
        "\
10× 1..3 ms at 2: SELECT \"a\"\nFROM t WHERE b = $1
! 4: a row is left out: its text is not shown to the role that made the export
! 5: a row is left out: it has no calls
",
    );
    check("query;calls;total_time\nselect 1;2;4\n", TrafficKind::Statements, "2× 2..2 ms at 2: select 1\n");
}

#[test]
fn damaged_logs_are_read_around_the_damage() {
    let log = b"tail of something\n\xff\x00\x01\n2026-11-21 10:00:00 UTC [7] LOG:  statement: SELECT 1\n2026-11-21 10:00:00 UTC [7] LOG:  statement: SEL";
    let (_, traffic) = traffic(log, Options::default()).expect("it is a log");
    assert_eq!(
        shown(&traffic),
        "1× by 7 at 4: SEL\n1× by 7 at 3: SELECT 1\n! 1: no line of a PostgreSQL log: nothing says how serious it is\n"
    );
    check(
        "\
FROM t\",,,,,,,\"\"
2026-11-21 10:00:00.000 UTC,\"u\",\"d\",7,\"[local]\",6740a1b2.7,1,\"SELECT\",2026-11-21 10:00:00 UTC,3/1,0,LOG,00000,\"duration: 2 ms  statement: SELECT \"\"x\"\"
FROM t\",,,,,,,,,\"psql\",\"client backend\",,0
2026-11-21 10:00:00.000 UTC,\"u\",\"d\",7,\"[local]\",6740a1b2.7,1,\"SELECT\",2026-11-21 10:00:00 UTC,3/1,0,LOG,00000,\"duration: 2 ms  sta
",
        TrafficKind::CsvLog,
        "\
1× 2..2 ms by 6740a1b2.7 at 2: SELECT \"x\"\nFROM t
! 1: no entry of a csvlog: it has not its columns, or no end
! 4: no entry of a csvlog: it has not its columns, or no end
",
    );
}

#[test]
fn logs_of_libraries() {
    let orm = TrafficKind::Orm;
    check(
        "\
D, [2026-11-21T10:00:00.000001 #71] DEBUG -- :   Post Load (0.5ms)  SELECT \"posts\".* FROM \"posts\"
D, [2026-11-21T10:00:00.000002 #71] DEBUG -- :   \u{1b}[1m\u{1b}[36mUser Load (0.3ms)\u{1b}[0m  \u{1b}[1m\u{1b}[34mSELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT $2\u{1b}[0m  [[\"id\", 1], [\"LIMIT\", 1]]
D, [2026-11-21T10:00:00.000003 #71] DEBUG -- :   CACHE User Load (0.0ms)  SELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT $2  [[\"id\", 1], [\"LIMIT\", 1]]
D, [2026-11-21T10:00:00.000003 #71] DEBUG -- :   User Load (0.4ms)  SELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT $2  [[\"id\", 2], [\"LIMIT\", 1]]
D, [2026-11-21T10:00:00.000003 #71] DEBUG -- :   User Load (0.4ms)  SELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT $2  [[\"id\", 3], [\"LIMIT\", 1]]
",
        orm(Orm::ActiveRecord),
        "\
3× 0.3..0.4 ms by 71 at 2: SELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = '1' LIMIT '1'
1× 0.5..0.5 ms by 71 at 1: SELECT \"posts\".* FROM \"posts\"
3 times from line 2: SELECT \"users\".* FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT '1'
  after SELECT \"posts\".* FROM \"posts\"
",
    );
    check(
        "(0.001) SELECT \"a\".\"id\" FROM \"a\" WHERE \"a\".\"id\" = 7; args=(7,); alias=default\n",
        orm(Orm::Django),
        "1× 1..1 ms by - at 1: SELECT \"a\".\"id\" FROM \"a\" WHERE \"a\".\"id\" = 7\n",
    );
    check(
        "Query: select \"id\" from \"a\" where \"id\" = $1 -- params: [7]\n",
        orm(Orm::Drizzle),
        "1× by - at 1: select \"id\" from \"a\" where \"id\" = '7'\n",
    );
    check(
        "\
Hibernate: select a1_0.id from a a1_0 where a1_0.id=?
2026-11-21 TRACE org.hibernate.orm.jdbc.bind : binding parameter (1:BIGINT) <- [7]
Hibernate: \n    select\n        a1_0.id\n    from\n        a a1_0
",
        orm(Orm::Hibernate),
        "\
1× by - at 3: select\n        a1_0.id\n    from\n        a a1_0
1× by - at 1: select a1_0.id from a a1_0 where a1_0.id='7'
",
    );
    check(
        "prisma:query SELECT \"public\".\"A\".\"id\" FROM \"public\".\"A\" WHERE \"id\" = $1\nParams: [7]\nDuration: 2ms\n",
        orm(Orm::Prisma),
        "1× 2..2 ms by - at 1: SELECT \"public\".\"A\".\"id\" FROM \"public\".\"A\" WHERE \"id\" = '7'\n",
    );
    check(
        "Executing (default): SELECT \"id\" FROM \"a\" WHERE \"id\" = 7;\nserver up\n",
        orm(Orm::Sequelize),
        "1× by default at 1: SELECT \"id\" FROM \"a\" WHERE \"id\" = 7\n",
    );
    check(
        "\
2026-11-21 10:00:00,000 INFO sqlalchemy.engine.Engine BEGIN (implicit)
2026-11-21 10:00:00,001 INFO sqlalchemy.engine.Engine SELECT a.id \nFROM a \nWHERE a.id = %(id_1)s
2026-11-21 10:00:00,001 INFO sqlalchemy.engine.Engine [generated in 0.00012s] {'id_1': 7}
",
        orm(Orm::SqlAlchemy),
        "1× by - at 1: BEGIN\n1× by - at 2: SELECT a.id \nFROM a \nWHERE a.id = '7'\n",
    );
    check(
        "query: SELECT * FROM \"a\" WHERE \"id\" = $1 -- PARAMETERS: [7]\nquery: COMMIT\n",
        orm(Orm::TypeOrm),
        "1× by - at 2: COMMIT\n1× by - at 1: SELECT * FROM \"a\" WHERE \"id\" = '7'\n",
    );
}
