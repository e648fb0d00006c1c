use model::Schema;
use squawk_syntax::ast::AstNode;

use super::*;
use crate::sql::postgres::parse::parse;

mod server;

fn canonical(sql: &str) -> String {
    let schema = Schema::default();
    let search_path = [model::name::PUBLIC];
    let cx = Context::new(&schema, &search_path, 0);
    let parsed = parse(&format!("SELECT {sql}"));
    assert!(parsed.errors.is_empty(), "{sql}: {:?}", parsed.errors);
    let stmt = parsed.stmt.expect("a statement");
    let target = stmt.syntax().descendants().find_map(ast::Target::cast).expect("a target");
    expr(cx, &Scope::default(), &target.expr().expect("an expression")).to_string()
}

/// Each line is an expression and, behind the arrow, its canonical text.
fn check(table: &str) {
    for line in table.trim().lines() {
        let (sql, expected) = line.split_once(" ⇒ ").expect("an arrow");
        assert_eq!(canonical(sql.trim()), expected.trim(), "{sql}");
        assert_eq!(canonical(expected.trim()), expected.trim(), "{sql}: printing is not stable");
    }
}

#[test]
fn constants() {
    check(
        r#"
        -1                          ⇒ -1
        - -1                        ⇒ 1
        1e6                         ⇒ 1e6
        'it''s'                     ⇒ 'it''s'
        E'a\'b\\c'                  ⇒ E'a''b\\c'
        U&'\0041'                   ⇒ 'A'
        $tag$it's$tag$              ⇒ 'it''s'
        N'x'                        ⇒ 'x'::bpchar
        TRUE                        ⇒ true
        NULL                        ⇒ NULL
        x'1f'                       ⇒ X'1F'
        $1                          ⇒ $1
        "#,
    );
}

#[test]
fn operators_group_as_in_postgres() {
    check(
        r#"
        a || b || c                 ⇒ a || b || c
        a -> 'x' ->> 'y'            ⇒ (a -> 'x') ->> 'y'
        a - b - c                   ⇒ (a - b) - c
        a - (b - c)                 ⇒ a - (b - c)
        (1 + 2) * 3                 ⇒ (1 + 2) * 3
        2 ^ 3 ^ 2                   ⇒ (2 ^ 3) ^ 2
        a OR b AND NOT c            ⇒ a OR b AND NOT c
        (a OR b) AND c              ⇒ (a OR b) AND c
        a = b IS NULL               ⇒ a = b IS NULL
        a + b::int * 2              ⇒ a + b::integer * 2
        a || 'x' LIKE 'y' || b      ⇒ a || 'x' LIKE 'y' || b
        "#,
    );
}

#[test]
fn operators_have_one_spelling() {
    check(
        r#"
        a != b                      ⇒ a <> b
        a ISNULL                    ⇒ a IS NULL
        a NOTNULL                   ⇒ a IS NOT NULL
        a is not unknown            ⇒ a IS NOT UNKNOWN
        a is json object            ⇒ a IS JSON OBJECT
        a = some (b)                ⇒ a = ANY (b)
        a not in (1)                ⇒ a NOT IN (1)
        a not between 1 and 2       ⇒ a NOT BETWEEN 1 AND 2
        a like 'x' escape '!'       ⇒ a LIKE like_escape('x', '!')
        a not similar to 'x'        ⇒ a NOT SIMILAR TO 'x'
        a similar to 'x' escape '!' ⇒ a ~ similar_to_escape('x', '!')
        a operator(pg_catalog.+) b  ⇒ a + b
        a OPERATOR(s.@@) b          ⇒ a OPERATOR(s.@@) b
        (a, b) = ROW(c, d)          ⇒ ROW(a, b) = ROW(c, d)
        "#,
    );
}

#[test]
fn casts_have_one_spelling() {
    check(
        r#"
        CAST(a AS int4)             ⇒ a::integer
        pg_catalog.int8 '1'         ⇒ '1'::bigint
        date '2020-01-01'           ⇒ '2020-01-01'::date
        interval '1' day            ⇒ '1'::interval day
        char 'abc'                  ⇒ 'abc'::bpchar
        bit '101'                   ⇒ '101'::"bit"
        a::"char"                   ⇒ a::"char"
        a::int[][3]                 ⇒ a::integer[]
        a::_text                    ⇒ a::text[]
        a::float(24)                ⇒ a::real
        a::geometry(Point, 4326)    ⇒ a::geometry(Point,4326)
        'public.t'::regclass        ⇒ 't'::regclass
        nextval('public.s')         ⇒ nextval('s'::regclass)
        "#,
    );
}

#[test]
fn special_syntax_stays_text() {
    check(
        r#"
        extract(EPOCH from a)       ⇒ EXTRACT(epoch FROM a)
        substring(a from 1 for 2)   ⇒ SUBSTRING(a FROM 1 FOR 2)
        substring(a, 1)             ⇒ "substring"(a, 1)
        trim(both 'x' from a)       ⇒ TRIM(BOTH 'x' FROM a)
        a[1:2]                      ⇒ a[1:2]
        f(a => 1)                   ⇒ f(a => 1)
        f(variadic a)               ⇒ f(VARIADIC a)
        array_agg(a order by b)     ⇒ array_agg(a ORDER BY b)
        current_timestamp(3)        ⇒ CURRENT_TIMESTAMP(3)
        row_number() over (order by a) ⇒ row_number() OVER (ORDER BY a)
        "#,
    );
}

#[test]
fn a_long_chain_is_read() {
    for operator in [" OR ", " || ", " + ", " AND "] {
        let chain = vec!["a"; 5_000].join(operator);
        let reader = std::thread::Builder::new().stack_size(64 << 20);
        let text = reader.spawn(move || (canonical(&chain), chain)).expect("a thread").join().expect("no overflow");
        assert_eq!(text.0, text.1);
    }
}
