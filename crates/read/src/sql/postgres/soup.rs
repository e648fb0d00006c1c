//! Nothing that anybody can type makes the text level panic, and every offset stands at a character.

use proptest::collection::vec;
use proptest::prelude::*;
use squawk_syntax::ast::{self, AstNode};

use super::body::body;
use super::expr::expr;
use super::parse::parse;
use super::query::query;
use super::sql_text::sql;
use super::testing::{search_path, tables};
use super::{Context, Scope, prepare, split};

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "ON",
    "USING",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ".",
    "*",
    "a",
    "users",
    "id",
    "\"é\"",
    "'x'",
    "'",
    "\"",
    "$$",
    "$q$",
    "$1",
    "1",
    "1.5e3",
    "::",
    ":",
    ":name",
    "@name",
    "?",
    "%s",
    "%(a)s",
    "=",
    "<>",
    "!=",
    "||",
    "->",
    "->>",
    "-",
    "+",
    "NOT",
    "AND",
    "OR",
    "IS",
    "NULL",
    "IN",
    "LIKE",
    "ESCAPE",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "AS",
    "int",
    "text[]",
    "INTERVAL",
    "day",
    "ARRAY",
    "ROW",
    "EXISTS",
    "ANY",
    "ALL",
    "WITH",
    "RECURSIVE",
    "UNION",
    "VALUES",
    "INSERT",
    "INTO",
    "UPDATE",
    "SET",
    "DELETE",
    "MERGE",
    "MATCHED",
    "RETURNING",
    "ORDER",
    "BY",
    "GROUP",
    "LIMIT",
    "OFFSET",
    "FOR",
    "OVER",
    "FILTER",
    "LATERAL",
    "COLLATE",
    "AT",
    "TIME",
    "ZONE",
    "EXTRACT",
    "SUBSTRING",
    "TRIM",
    "json_object",
    "xmltable",
    "nextval",
    "OPERATOR",
    "CREATE",
    "TABLE",
    "FUNCTION",
    "RULE",
    "BEGIN",
    "ATOMIC",
    "DO",
    "LANGUAGE",
    "COPY",
    "stdin",
    "\n",
    "\r\n",
    "\\.",
    "\\gexec",
    "\\set x",
    "--",
    "/*",
    "*/",
    "{{",
    "}}",
    "{{ .X }}",
    "${a}",
    "{%",
    "%}",
    "<%",
    "é",
    "\u{feff}",
    "\u{0}",
    "E'",
    "\\'",
    "U&'",
    "B'1",
    "IF",
    "LOOP",
    "EXECUTE",
    "PERFORM",
    "EXCEPTION",
    "DECLARE",
    "EXPLAIN",
    "DEFAULT",
    "SETOF",
];

fn soup() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        12 => proptest::sample::select(WORDS).prop_map(str::to_string),
        1 => any::<char>().prop_map(|letter| letter.to_string()),
    ];
    vec((word, any::<bool>()), 0..40).prop_map(|words| {
        words.into_iter().flat_map(|(word, space)| [word, if space { " " } else { "" }.into()]).collect()
    })
}

fn read_everything(text: &str) {
    let prepared = prepare(text);
    assert_eq!(prepared.text.len(), text.len());
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    assert_eq!(lines(&prepared.text), lines(text));
    let schema = tables("users(id, name); orders(id, user_id)");
    let search_path = search_path(&["public"]);
    let cx = Context::new(&schema, &search_path, 0);
    let mut before = 0;
    for piece in split(&prepared.text) {
        assert!(before <= piece.start && piece.start < piece.end, "pieces are in order and hold something");
        before = piece.end;
        if let Some((at, _)) = piece.kind.problem() {
            assert!(prepared.text.is_char_boundary(at));
            continue;
        }
        prepared.is_templated(piece.start..piece.end);
        let parsed = parse(&prepared.text[piece.start..piece.end]);
        let Some(stmt) = parsed.stmt else { continue };
        query(cx, &Scope::default(), stmt.syntax());
        let _ = sql(cx, &Scope::default(), stmt.syntax()).to_string();
        for node in stmt.syntax().descendants().filter_map(ast::Expr::cast) {
            let _ = expr(cx, &Scope::default(), &node).to_string();
        }
    }
    for language in ["sql", "plpgsql"] {
        body(cx, language, &prepared.text, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn token_soup_never_panics(text in soup()) {
        read_everything(&text);
    }

    #[test]
    fn mutated_statements_never_panic(at in 0..SEEDS.len(), cut in 0..200_usize, word in soup()) {
        let seed = SEEDS[at];
        let mut cut = cut.min(seed.len());
        while !seed.is_char_boundary(cut) {
            cut -= 1;
        }
        read_everything(&format!("{}{word}{}", &seed[..cut], &seed[cut..]));
        read_everything(&format!("{}{word}", &seed[..cut]));
    }
}

const SEEDS: &[&str] = &[
    "WITH x AS (SELECT id, count(*) FILTER (WHERE a > 1) OVER (PARTITION BY b) FROM users u JOIN orders o USING (id)) \
     SELECT x.*, CASE WHEN a THEN 'é' ELSE b::text END FROM x WHERE id IN (SELECT user_id FROM orders) ORDER BY 1",
    "INSERT INTO users (id, name) VALUES (1, DEFAULT), (2, E'\\'') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    "MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN UPDATE SET name = 1 WHEN NOT MATCHED \
     THEN INSERT (id) VALUES (o.id)",
    "CREATE FUNCTION f(a int DEFAULT 1) RETURNS SETOF users LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT 1; END $$",
    "DECLARE n int; BEGIN IF a THEN SELECT b INTO n FROM t; ELSE EXECUTE format('DROP TABLE %I', 'x'); END IF; \
     FOR n IN SELECT 1 LOOP PERFORM f(n); END LOOP; EXCEPTION WHEN others THEN RAISE; END",
    "COPY users (id, name) FROM stdin;\n1\tx\n\\.\n\\connect db\nSELECT {{ .X }}.id, :name, ${a} FROM {{ .S }}.users;",
    "SELECT interval '1' day, extract(year FROM a), substring(a FROM 1), x AT TIME ZONE 'UTC', ARRAY[[1], [2]], \
     a LIKE b ESCAPE '!', (a, b) OVERLAPS (c, d), a = ANY (b), xmlelement(name x), U&'\\0041' UESCAPE '!'",
    "SELECT f(%}users), nextval('s') WITHIN GROUP (ORDER BY a), - BETWEEN 1 AND, a BETWEEN 1",
    "UPDATE users SET (id, name) = (SELECT 1, 2), email = DEFAULT FROM orders WHERE CURRENT OF c RETURNING *",
];
