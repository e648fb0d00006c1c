//! Queries by chance over databases by chance: whatever is offered for them does the same.
//!
//! The queries have the shapes that rules look for, and columns, types, keys and conditions that meet the rules' own
//! conditions about as often as not. `PALLADIO_QUERIES=10000` asks for more than the ordinary number.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;

use advise::rewrite::{self, Offer};
use live::rewriting::{Outcome, same};
use live::testing;
use model::{Placed, Query, Schema};
use read::sql::postgres::placed;

use crate::page;

/// Chance that is the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }

    /// Once in so many times.
    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a>(&mut self, many: &[&'a str]) -> &'a str {
        many[self.below(many.len())]
    }
}

/// Three tables with the same names of columns: `id`, `a`, `b` and `c` are numbers, `s` and `r` texts, `at` and `zat`
/// moments.
fn database(chance: &mut Chance) -> String {
    let mut script = String::new();
    for table in 0..3 {
        let null = |chance: &mut Chance| if chance.one_in(2) { " NOT NULL" } else { "" };
        let key = match chance.below(4) {
            0 => "",
            1 => " UNIQUE",
            _ => " PRIMARY KEY",
        };
        let a = match (table, chance.below(3)) {
            (0, _) | (_, 2) => String::new(),
            (_, deferred) => {
                // The first table has a key of its own then.
                let late = if deferred == 1 && chance.one_in(3) { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
                format!(" REFERENCES t{} (k){late}", chance.below(table))
            }
        };
        let b = if chance.one_in(4) { " UNIQUE" } else { "" };
        let number = chance.pick(&["int", "int", "bigint"]);
        let columns = [
            format!("id int{key}"),
            "k int UNIQUE".to_owned(),
            format!("a int{}{a}", null(chance)),
            format!("b int{}{b}", null(chance)),
            format!("c {number}{}", null(chance)),
            format!("s text{}", null(chance)),
            format!("r varchar(8){}", null(chance)),
            format!("at timestamp{}", null(chance)),
            "zat timestamptz".to_owned(),
        ];
        let both = if chance.one_in(3) { ", UNIQUE (b, c)" } else { "" };
        let _ = writeln!(script, "CREATE TABLE t{table} ({}{both});", columns.join(", "));
    }
    script
}

fn column(chance: &mut Chance, alias: &str) -> String {
    let name = chance.pick(&["id", "k", "a", "b", "c", "a", "b"]);
    if alias.is_empty() { name.to_owned() } else { format!("{alias}.{name}") }
}

fn text(chance: &mut Chance, alias: &str) -> String {
    format!("{alias}.{}", chance.pick(&["s", "r"]))
}

/// A condition on the rows of one source.
fn condition(chance: &mut Chance, alias: &str) -> String {
    let number = chance.below(4);
    match chance.below(9) {
        0 => format!("{} = {number}", column(chance, alias)),
        1 => format!("{} {} {number}", column(chance, alias), chance.pick(&["<", ">", "<>", "<=", ">="])),
        2 => format!("{} IS {}NULL", column(chance, alias), chance.pick(&["", "NOT "])),
        3 => format!("{} = '{}'", text(chance, alias), chance.pick(&["a", "b", "ab", ""])),
        4 => format!("{} IN ({number}, {})", column(chance, alias), chance.below(3)),
        5 => format!("{} BETWEEN {} AND {number}", column(chance, alias), chance.below(2)),
        6 => format!("({} OR {})", condition(chance, alias), condition(chance, alias)),
        7 => format!("NOT ({})", condition(chance, alias)),
        _ => format!("{} = {}", column(chance, alias), column(chance, alias)),
    }
}

/// Conditions joined by AND, with the word in front.
fn conditions(chance: &mut Chance, word: &str, alias: &str) -> String {
    let many: Vec<String> = (0..chance.below(3)).map(|_| condition(chance, alias)).collect();
    if many.is_empty() { String::new() } else { format!(" {word} {}", many.join(" AND ")) }
}

/// FROM with joins of the sources `x`, `y` and `z`, and how many there are.
fn joins(chance: &mut Chance) -> (String, usize) {
    let mut from = format!("t{} x", chance.below(3));
    let count = 1 + chance.below(3);
    for (at, alias) in ["y", "z"].into_iter().take(count - 1).enumerate() {
        let kind = chance.pick(&["JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "INNER JOIN", "RIGHT JOIN", "JOIN"]);
        let before = if at == 0 { "x" } else { chance.pick(&["x", "y"]) };
        let on = match chance.below(4) {
            0 => format!("{alias}.k = {before}.a"),
            1 => format!("{before}.a = {alias}.k"),
            2 => format!("{alias}.id = {}", column(chance, before)),
            _ => format!("{} = {}", column(chance, alias), column(chance, before)),
        };
        let more = if chance.one_in(5) { format!(" AND {}", condition(chance, alias)) } else { String::new() };
        let _ = write!(from, " {kind} t{} {alias} ON {on}{more}", chance.below(3));
    }
    (from, count)
}

fn items(chance: &mut Chance, aliases: &[&str]) -> String {
    let many: Vec<String> = (0..1 + chance.below(3))
        .map(|at| {
            let alias = chance.pick(aliases);
            let value = if chance.one_in(4) { format!("{alias}.s") } else { column(chance, alias) };
            format!("{value} AS v{at}")
        })
        .collect();
    many.join(", ")
}

/// A sub-query without its SELECT list, which may look at `x`.
fn inside(chance: &mut Chance) -> String {
    let (table, alias) = (chance.below(3), chance.pick(&["u", "u", "x"]));
    let mut parts: Vec<String> = Vec::new();
    if !chance.one_in(3) {
        parts.push(format!("{} = {}", column(chance, alias), column(chance, "x")));
    }
    if chance.one_in(2) {
        parts.push(condition(chance, alias));
    }
    let filter = if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) };
    format!(" FROM t{table} {alias}{filter}")
}

/// The sources of an `inside` are called so.
fn inner_alias(inside: &str) -> &str {
    if inside.contains(" u") { "u" } else { "x" }
}

const SHAPES: usize = 18;

fn query(chance: &mut Chance, shape: usize) -> String {
    let table = chance.below(3);
    match shape {
        0 | 1 => {
            let inner = inside(chance);
            let value = column(chance, inner_alias(&inner));
            let operand = column(chance, "x");
            let known = if chance.one_in(3) && inner.contains("WHERE") {
                format!(" AND {value} IS NOT NULL")
            } else {
                String::new()
            };
            let test = match chance.below(5) {
                0 => format!("{operand} NOT IN (SELECT {value}{inner}{known})"),
                1 => format!("NOT {operand} IN (SELECT {value}{inner}{known})"),
                2 => format!("{operand} <> ALL (SELECT {value}{inner}{known})"),
                3 => format!("{operand} = ANY (SELECT {value}{inner})"),
                _ => format!("{operand} IN (SELECT DISTINCT {value}{inner})"),
            };
            format!("SELECT {} FROM t{table} x WHERE {test}{}", items(chance, &["x"]), conditions(chance, "AND", "x"))
        }
        2 => {
            let inner = inside(chance);
            let argument = column(chance, inner_alias(&inner));
            let counted = match chance.below(4) {
                0 => argument,
                1 => format!("DISTINCT {argument}"),
                2 => "1".to_owned(),
                _ => "*".to_owned(),
            };
            let test = chance.pick(&["> 0", "= 0", ">= 1", "< 1", "<> 0", "> 1"]);
            match chance.one_in(3) {
                true => format!("SELECT x.id, (SELECT count({counted}){inner}) {test} AS v FROM t{table} x"),
                false => format!("SELECT x.id, x.s FROM t{table} x WHERE (SELECT count({counted}){inner}) {test}"),
            }
        }
        3 => {
            let inner = inside(chance);
            let alias = inner_alias(&inner);
            let value = match chance.below(4) {
                0 => format!("coalesce({}, 7)", column(chance, alias)),
                1 => format!("upper({alias}.s)"),
                _ => column(chance, alias),
            };
            let key = chance.pick(&["id", "k", "b"]);
            let own = format!(
                " FROM t{} u WHERE u.{key} = {}{}",
                chance.below(3),
                column(chance, "x"),
                conditions(chance, "AND", "u")
            );
            let inner = if alias == "u" { own } else { inner };
            let (from, _) = joins(chance);
            format!("SELECT x.a, (SELECT {value}{inner}) AS v FROM {from}{}", conditions(chance, "WHERE", "x"))
        }
        4 | 5 => {
            let inner = inside(chance);
            let alias = inner_alias(&inner);
            let function = chance.pick(&["sum", "count", "max", "min", "avg", "count"]);
            let argument = if function == "count" && chance.one_in(2) { "*".to_owned() } else { column(chance, alias) };
            let value = format!("(SELECT {function}({argument}){inner})");
            match chance.one_in(2) {
                true => format!("SELECT x.id, {value} AS v FROM t{table} x{}", conditions(chance, "WHERE", "x")),
                false => {
                    let op = chance.pick(&["=", "<", ">", "<>", ">="]);
                    format!("SELECT x.id, x.s FROM t{table} x WHERE {} {op} {value}", column(chance, "x"))
                }
            }
        }
        6 | 7 => {
            let (from, count) = joins(chance);
            let aliases = &["x", "y", "z"][..count];
            let sides: Vec<String> = (0..2 + chance.below(2))
                .map(|_| {
                    let alias = chance.pick(aliases);
                    condition(chance, alias)
                })
                .collect();
            let more = conditions(chance, "AND", "x");
            format!("SELECT {} FROM {from} WHERE ({}){more}", items(chance, aliases), sides.join(" OR "))
        }
        8 => {
            let direction = chance.pick(&["", " DESC"]);
            let keys: Vec<String> = (0..1 + chance.below(3)).map(|_| column(chance, "x") + direction).collect();
            let filter = conditions(chance, "WHERE", "x");
            format!(
                "SELECT x.s, x.id FROM t{table} x{filter} ORDER BY {} LIMIT 2 OFFSET {}",
                keys.join(", "),
                1 + chance.below(3)
            )
        }
        9 | 10 => {
            let (from, count) = joins(chance);
            let aliases = &["x", "y", "z"][..count];
            let distinct = if chance.one_in(2) { "DISTINCT " } else { "" };
            let used = &aliases[..1 + chance.below(count)];
            format!("SELECT {distinct}{} FROM {from}{}", items(chance, used), conditions(chance, "WHERE", "x"))
        }
        11 => {
            let column = format!("x.{}", chance.pick(&["at", "at", "zat"]));
            let day = chance.pick(&["2026-01-31", "2026-02-01", "2026-01-01"]);
            let cut = match chance.below(4) {
                0 => format!("date({column})"),
                1 => format!("date_trunc('month', {column})"),
                2 => format!("date_trunc('day', {column})"),
                _ => format!("{column}::date"),
            };
            let test = match chance.below(4) {
                0 => format!("{cut} BETWEEN '2026-01-01' AND '{day}'"),
                1 => format!("'{day}' {} {cut}", chance.pick(&["=", "<", ">=", "<>"])),
                _ => format!("{cut} {} '{day}'", chance.pick(&["=", "<", ">=", "<=", ">", "<>"])),
            };
            format!("SELECT x.id, x.at FROM t{table} x WHERE {test}{}", conditions(chance, "AND", "x"))
        }
        12 => {
            let value = text(chance, "x");
            let word = chance.pick(&["a", "ab", "a_", "%", "a%b"]);
            let test = match chance.below(4) {
                0 => format!("left({value}, {}) = '{word}'", 1 + chance.below(3)),
                1 => format!("substr({value}, 1, {}) = '{word}'", 1 + chance.below(3)),
                2 => format!("starts_with({value}, '{word}')"),
                _ => format!("strpos({value}, '{word}') = {}", 1 + chance.below(2)),
            };
            format!("SELECT x.id, x.s, x.r FROM t{table} x WHERE {test}{}", conditions(chance, "AND", "x"))
        }
        13 => {
            let other = if chance.one_in(2) { table } else { chance.below(3) };
            let word = |chance: &mut Chance| chance.pick(&["'p'", "'q'", "1", "2", "x.b"]).to_owned();
            let (one, two) = (word(chance), word(chance));
            let (first, second) = (conditions(chance, "WHERE", "x"), conditions(chance, "WHERE", "x"));
            let cast = if one.starts_with('\'') || two.starts_with('\'') { "::text" } else { "" };
            format!(
                "SELECT x.id, x.c, {} FROM t{table} x{first} UNION SELECT x.id, x.c, {} FROM t{other} x{second}",
                if one.starts_with('\'') { one.clone() } else { one.clone() + cast },
                if two.starts_with('\'') { two.clone() } else { two.clone() + cast },
            )
        }
        14 => {
            let inner = conditions(chance, "WHERE", "u");
            let tail = chance.pick(&["", " OFFSET 0"]);
            let outer = conditions(chance, "WHERE", "x");
            format!("SELECT {} FROM (SELECT * FROM t{table} u{inner}{tail}) x{outer}", items(chance, &["x"]))
        }
        15 => {
            let by: Vec<&str> = (0..1 + chance.below(2)).map(|_| chance.pick(&["a", "b", "s", "c"])).collect();
            let order: Vec<String> = (0..1 + chance.below(2))
                .map(|_| {
                    format!(
                        "{}{}",
                        chance.pick(&["id", "k", "c", "a"]),
                        chance.pick(&["", " DESC", " DESC NULLS LAST"])
                    )
                })
                .collect();
            let inner = conditions(chance, "WHERE", "u");
            let test = chance.pick(&["n = 1", "n <= 1", "n < 2", "n <= 2"]);
            format!(
                "SELECT x.id, x.s FROM (SELECT u.id, u.s, row_number() OVER (PARTITION BY {} ORDER BY {}) AS n FROM t{table} u{inner}) x WHERE {test}{}",
                by.join(", "),
                order.join(", "),
                if chance.one_in(3) { " AND x.id > 1" } else { "" }
            )
        }
        16 => {
            let (key, value) = (chance.pick(&["a", "b", "s"]), chance.pick(&["c", "b", "id", "at"]));
            let function = chance.pick(&["max", "min"]);
            let other = if chance.one_in(4) { chance.below(3) } else { table };
            let against = if chance.one_in(5) { "id" } else { value };
            format!(
                "SELECT x.id, x.s FROM t{table} x JOIN (SELECT {key} AS g, {function}({value}) AS m FROM t{other} GROUP BY {key}) y ON y.g = x.{key} AND y.m = x.{against}{}",
                conditions(chance, "WHERE", "x")
            )
        }
        _ => {
            let first = condition(chance, "x");
            match chance.below(3) {
                0 => format!("DELETE FROM t{table} x WHERE {first}{}", conditions(chance, "AND", "x")),
                1 => {
                    format!("UPDATE t{table} x SET c = {} WHERE x.c = {} AND {first}", chance.below(3), chance.below(3))
                }
                _ => format!(
                    "UPDATE t{table} x SET c = {} WHERE x.c IS NULL AND {first}",
                    chance.pick(&["1", "NULL", "x.b"])
                ),
            }
        }
    }
}

#[test]
fn queries_by_chance_do_the_same() {
    let wanted: usize = env::var("PALLADIO_QUERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(400);
    let Some(lab) = testing::lab() else { return };
    let mut chance = Chance(env::var("PALLADIO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let (mut asked, mut unread, mut empty) = (0, 0, 0);
    let mut shown = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    while asked < wanted {
        let script = database(&mut chance);
        let schema: Schema = page::schema(&script);
        let database = testing::database(lab);
        let mut client = lab.connect(&database).expect("it answers");
        client.batch_execute(&script).expect("the schema is sound");
        for number in 0..SHAPES * 4 {
            let sql = query(&mut chance, number % SHAPES);
            asked += 1;
            // The parser stumbles over some BETWEENs; what is not read is not rewritten.
            let Some(statement) = placed(&schema, &sql) else {
                unread += 1;
                continue;
            };
            for offer in rewrite::offers(&schema, &statement) {
                if offer.proof == rewrite::Proof::None {
                    continue;
                }
                match tried(&mut client, &schema, &sql, &statement, &offer) {
                    Outcome::Same { rows, .. } => {
                        *shown.entry(offer.rule).or_default() += 1;
                        empty += usize::from(rows == 0);
                    }
                    // A query that fails on every set of rows says nothing.
                    Outcome::Refused(_) => {}
                    differs @ Outcome::Differs { .. } => {
                        wrong.push(format!("{}\n{script}{sql}\n{}\n{differs:?}", offer.rule, offer.sql));
                    }
                }
            }
        }
        drop(client);
        lab.drop_database(&database).expect("it can be dropped");
        if wrong.len() > 5 {
            break;
        }
    }
    let total: usize = shown.values().sum();
    println!("{asked} queries ({unread} not read), {total} offers ({empty} of them without a row): {shown:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn tried(client: &mut live::Client, schema: &Schema, sql: &str, statement: &Placed, offer: &Offer) -> Outcome {
    let queries: [&Query; 1] = [&statement.query];
    same(client, schema, sql, &queries, offer).expect("the server answers")
}
