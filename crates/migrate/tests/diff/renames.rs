//! Which rename is meant, and which one is asked about.

use migrate::diff::{Rename, likely, named};
use model::Schema;

use std::collections::BTreeMap;

use crate::cases::schema;
use crate::doc;
use crate::pairs::Pair;

fn both(before: &str, after: &str) -> (Schema, Schema) {
    (schema(before, 17), schema(after, 17))
}

fn shown(rename: &Rename) -> String {
    match rename {
        Rename::Object { from, to } => format!("{} {from} to {to}", from.kind.sql().to_lowercase()),
        Rename::Value { ty, from, to } => format!("value {ty}.{from} to {to}"),
        Rename::Attribute { ty, from, to } => format!("attribute {ty}.{from} to {to}"),
    }
}

/// Each line is what a user writes and what is understood.
fn understood(before: &str, after: &str, expected: &[(&str, &str)]) {
    let (before, after) = both(before, after);
    for (text, meaning) in expected {
        let found = named(&before, &after, text).map_or_else(|error| error.to_string(), |rename| shown(&rename));
        assert_eq!(found, *meaning, "{text}");
    }
}

fn asked(before: &str, after: &str, expected: &[&str]) {
    let (before, after) = both(before, after);
    let found: Vec<String> =
        likely(&before, &after).iter().map(|likely| format!("{}={}", likely.old, likely.new)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_name_is_found_wherever_it_is_unique() {
    understood(
        "CREATE TABLE orders (id int, customer text); CREATE TYPE mood AS ENUM ('sad'); CREATE INDEX by_id ON orders (id);
         CREATE TYPE place AS (street text); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA app;",
        "CREATE TABLE purchases (id int, customer_name text); CREATE TYPE mood AS ENUM ('low'); CREATE INDEX by_key ON purchases (id);
         CREATE TYPE place AS (road text); CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA core;",
        &[
            ("orders=purchases", "table orders to purchases"),
            ("public.orders = public.purchases", "table orders to purchases"),
            ("orders.customer=customer_name", "column orders.customer to orders.customer_name"),
            ("mood.sad=low", "value mood.sad to low"),
            ("by_id=by_key", "index by_id to by_key"),
            ("place.street=road", "attribute place.street to road"),
            ("f=g", "function f(integer) to g(integer)"),
            ("app=core", "schema app to core"),
        ],
    );
}

#[test]
fn a_schema_before_the_new_name_moves_the_thing() {
    understood(
        "CREATE SCHEMA app; CREATE TABLE orders (id int);",
        "CREATE SCHEMA app; CREATE TABLE app.purchases (id int);",
        &[("orders=app.purchases", "table orders to app.purchases")],
    );
}

#[test]
fn quoted_names_keep_their_letters() {
    understood(
        "CREATE TABLE \"Order Items\" (\"No\" int);",
        "CREATE TABLE items (\"Number\" int);",
        &[
            ("\"Order Items\"=items", "table \"Order Items\" to items"),
            ("\"Order Items\".\"No\"=\"Number\"", "column \"Order Items\".\"No\" to \"Order Items\".\"Number\""),
            ("order items=items", "nothing is called order items before the change"),
        ],
    );
}

#[test]
fn what_is_not_there_is_said() {
    understood(
        "CREATE TABLE orders (id int);",
        "CREATE TABLE orders (id int);",
        &[
            ("orders", "`orders` is no rename; it is written old=new"),
            ("=x", "`=x` is no rename; it is written old=new"),
            ("a.b.c.d=x", "nothing is called a.b.c.d before the change"),
            ("order=purchases", "nothing is called order before the change"),
            ("orders=purchases", "nothing is called purchases after the change"),
            ("orders.id=key", "nothing is called orders.key after the change"),
        ],
    );
}

#[test]
fn a_table_with_most_of_its_columns_under_another_name_is_asked_about() {
    asked(
        "CREATE TABLE orders (id int, total int, at date);",
        "CREATE TABLE purchases (id int, total int, at date, note text);",
        &["orders=purchases"],
    );
    asked("CREATE TABLE orders (id int, total int);", "CREATE TABLE people (id int, name text, born date);", &[]);
}

#[test]
fn a_column_of_one_type_whose_name_says_the_same_is_asked_about() {
    asked(
        "CREATE TABLE t (id int, customer text, a int);",
        "CREATE TABLE t (id int, customer_name text, a int);",
        &["t.customer=customer_name"],
    );
    asked("CREATE TABLE t (id int, customer text);", "CREATE TABLE t (id int, customer_name int);", &[]);
    asked("CREATE TABLE t (id int, customer text);", "CREATE TABLE t (id int, color text, shape text);", &[]);
}

#[test]
fn a_value_in_the_place_of_another_one_is_asked_about() {
    asked(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');",
        "CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');",
        &["mood.ok=fine"],
    );
    asked("CREATE TYPE mood AS ENUM ('sad', 'ok');", "CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');", &[]);
}

/// Renames that nobody named: how many of those that the pairs declare would be asked about, and how often in vain.
#[test]
fn generated_renames_are_asked_about() {
    let mut table = String::from(
        "| other edits | pairs | renames | asked | asked in vain | recall | precision |\n|---|---|---|---|---|---|---|\n",
    );
    let mut all = Count::default();
    let mut by_edits: BTreeMap<usize, Count> = BTreeMap::new();
    for seed in 0..PAIRS {
        let pair = Pair::renaming(seed, 17);
        let Some((real, proposed)) = pair.renames_and_questions() else { continue };
        for count in [&mut all, by_edits.entry(pair.edits).or_default()] {
            count.pairs += 1;
            count.real += real.len();
            count.asked += real.intersection(&proposed).count();
            count.vain += proposed.difference(&real).count();
        }
    }
    by_edits.iter().for_each(|(edits, count)| table += &count.line(&edits.to_string()));
    table += &all.line("**all**");
    if let Err(words) = doc::part("renames", &format!("{TITLE}{table}")) {
        panic!("{words}");
    }
}

const PAIRS: u64 = 240;

const TITLE: &str = "\
## Renames that nobody names

Two schemas do not say whether a thing has another name or is another thing, so that `diff` asks. How often the
question is right: pairs of generated schemas in which one to three tables, columns and enum values get other names,
alone or among other edits (types, places, things that come and go). *renames* are those of things that are still there,
*asked* those that are asked about, *asked in vain* the other questions; what real migrations rename stands below.
Printed by `UPDATE=1 cargo test -p migrate --test diff generated_renames`.

";

#[derive(Default)]
struct Count {
    pairs: usize,
    real: usize,
    asked: usize,
    vain: usize,
}

impl Count {
    fn line(&self, name: &str) -> String {
        let share = |part: usize, whole: usize| match whole {
            0 => "–".to_owned(),
            _ => format!("{} %", (100 * part + whole / 2) / whole),
        };
        let Count { pairs, real, asked, vain } = self;
        let (recall, precision) = (share(*asked, *real), share(*asked, asked + vain));
        format!("| {name} | {pairs} | {real} | {asked} | {vain} | {recall} | {precision} |\n")
    }
}
