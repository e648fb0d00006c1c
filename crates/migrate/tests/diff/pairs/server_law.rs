//! On real servers: what the statements make of the first database looks as the second one does, and the rows of
//! tables and columns that stay are still there.

use live::{Client, Lab, introspect_within};
use migrate::diff::{Rename, diff};
use model::{Kind, Path, QName, Schema};
use postgres::Transaction;
use postgres::error::SqlState;

use super::dice::{TABLES, What};
use super::script::Statement;
use super::{Pair, changed, number, read, settings, sql, texts};
use crate::servers;

/// What came of a pair on a server.
enum Outcome {
    Arrived,
    /// The rows do not fit into the second schema, which a server says with these classes of errors.
    RowsForbid,
    Wrong(String),
}

/// What the server refused of the scripts: mistakes of the generator, to be few.
#[derive(Default)]
struct Refused(Vec<String>);

fn outcome(lab: &Lab, client: &mut Client, pair: &Pair, major: u16, refused: &mut Refused) -> Outcome {
    let (before, after) = (sql::statements(&pair.before), sql::statements(&pair.after));
    let (mut there, after) = made(client, &after, refused);
    let wanted = look(&mut there);
    there.rollback().expect("it goes back");

    let (mut here, before) = made(client, &before, refused);
    let (one, other) = match (read(&before, major), read(&after, major)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(problem), _) | (_, Err(problem)) => return Outcome::Wrong(format!("not read: {problem}")),
    };
    let renames = pair.renamed(&one, &other);
    let rows = if pair.rows { fill(&mut here, pair) } else { false };
    let images = if rows { images(&mut here, &one, &other, &renames) } else { Vec::new() };
    let found = diff(&one, &other, &settings(major, renames));
    let statements = found.statements(&one);
    let shown =
        |done: usize, words: &str| format!("{words}\n{}\n{}", changed(&before, &after), statements[..done].join("\n"));
    if let Some(path) = found.left.first() {
        return Outcome::Wrong(shown(statements.len(), &format!("no way to {path}")));
    }
    here.batch_execute("SET LOCAL check_function_bodies = off").expect("a setting");
    for (at, statement) in statements.iter().enumerate() {
        if let Err(error) = here.batch_execute(statement) {
            let class = error.code().map_or("", |code| &code.code()[..2]).to_owned();
            if rows && (class == "22" || class == "23") {
                return Outcome::RowsForbid;
            }
            if error.code() == Some(&SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE) {
                // Only a transaction of its own makes the value usable, before 17 at least.
                drop(here);
                return one_by_one(lab, &before, &statements, &wanted, major).map_or(Outcome::Arrived, Outcome::Wrong);
            }
            return Outcome::Wrong(shown(at + 1, &servers::said(&error).to_string()));
        }
    }
    let reached = look(&mut here);
    let rest = diff(&reached, &wanted, &settings(major, Vec::new()));
    if !rest.is_empty() {
        let mut words: Vec<String> = rest.statements(&reached);
        words.extend(rest.left.iter().map(|path| format!("no way to {path}")));
        return Outcome::Wrong(shown(statements.len(), &format!("still: {}", words.join("\n  "))));
    }
    for (question, answer) in images {
        match here.query_one(&question, &[]) {
            Ok(row) if row.get::<_, Option<String>>(0) == answer => {}
            Ok(_) => return Outcome::Wrong(shown(statements.len(), &format!("rows changed: {question}"))),
            Err(error) => {
                return Outcome::Wrong(shown(statements.len(), &format!("{}: {question}", servers::said(&error))));
            }
        }
    }
    Outcome::Arrived
}

/// The same in a database of its own, each statement for itself; what is wrong then.
fn one_by_one(lab: &Lab, before: &[String], statements: &[String], wanted: &Schema, major: u16) -> Option<String> {
    let name = live::testing::database(lab);
    let mut client = lab.connect(&name).expect("the lab answers");
    let mut wrong = servers::run(&mut client, &before.join("\n")).err();
    for statement in statements {
        if wrong.is_none() {
            let run = servers::run(&mut client, &format!("SET check_function_bodies = off; {statement}"));
            wrong = run.err().map(|error| format!("{error}: {statement}"));
        }
    }
    let reached = servers::look(&mut client);
    drop(client);
    lab.drop_database(&name).expect("a database can be dropped");
    let rest = diff(&reached, wanted, &settings(major, Vec::new()));
    wrong.or_else(|| (!rest.is_empty()).then(|| format!("still: {:?}", rest.statements(&reached))))
}

fn look(transaction: &mut Transaction<'_>) -> Schema {
    introspect_within(transaction).expect("the database can be looked at").schema
}

/// Begins a transaction and runs the statements in it, without what the server refuses. They run at its own level and
/// not below a savepoint: a new value of an enum may be used where the enum itself is of the same transaction.
fn made<'c>(client: &'c mut Client, statements: &[Statement], refused: &mut Refused) -> (Transaction<'c>, Vec<String>) {
    let mut kept = texts(statements);
    let mut trial = client.transaction().expect("a transaction begins");
    if trial.batch_execute(&kept.join("\n")).is_err() {
        trial.rollback().expect("it goes back");
        trial = client.transaction().expect("a transaction begins");
        kept = accepted(&mut trial, statements, refused);
    }
    trial.rollback().expect("it goes back");
    let mut transaction = client.transaction().expect("a transaction begins");
    transaction.batch_execute(&kept.join("\n")).expect("the server took each of them");
    (transaction, kept)
}

/// The statements that the server takes.
fn accepted(transaction: &mut Transaction<'_>, statements: &[Statement], refused: &mut Refused) -> Vec<String> {
    let mut kept = Vec::new();
    for statement in statements.iter().filter(|statement| statement.sql.len() > 1) {
        let mut one = transaction.transaction().expect("a savepoint");
        match one.batch_execute(&statement.sql) {
            Ok(()) => {
                one.commit().expect("it stays");
                kept.push(statement.sql.clone());
            }
            Err(error) => refused.0.push(format!("{}: {}", servers::said(&error), statement.sql)),
        }
    }
    kept
}

/// A few rows in each table that takes them.
fn fill(transaction: &mut Transaction<'_>, pair: &Pair) -> bool {
    let mut some = false;
    for row in 0..3 {
        for table in 0..TABLES {
            if pair.before.get(What::Table, table, 0).is_none() {
                continue;
            }
            let Some(insert) = sql::row_values(&pair.before, table, row) else { continue };
            let mut one = transaction.transaction().expect("a savepoint");
            if one.batch_execute(&format!("{insert}; SET CONSTRAINTS ALL IMMEDIATE")).is_ok() {
                one.commit().expect("it stays");
                some = true;
            }
        }
    }
    some
}

/// For each table and column that stays, as what type it may be: a question about its rows after the change, and the
/// answer that it has before it.
fn images(
    transaction: &mut Transaction<'_>,
    before: &Schema,
    after: &Schema,
    renames: &[Rename],
) -> Vec<(String, Option<String>)> {
    let renamed = |path: &Path| {
        renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if from == path => Some(to.clone()),
            _ => None,
        })
    };
    let question = |table: &QName, column: &str| {
        let column = model::name::quoted(column);
        format!("SELECT string_agg({column}::text, ',' ORDER BY {column}::text COLLATE \"C\") FROM ONLY {table}")
    };
    let mut found = Vec::new();
    for table in before.tables().filter(|table| !table.is_partitioned()) {
        let path = Path::table(&table.name);
        let new = renamed(&path).unwrap_or(path).qname();
        let Some(wanted) = after.table(&new).filter(|wanted| !wanted.is_partitioned()) else { continue };
        for column in table.columns.iter().filter(|column| column.generated.is_none()) {
            let path = Path::part(Kind::Column, &table.name, column.name.clone());
            let name = renamed(&path).map_or(column.name.clone(), |path| path.part);
            let same = wanted.column(&name).is_some_and(|other| other.ty == column.ty && other.generated.is_none());
            if !same {
                continue;
            }
            let answer = transaction.query_one(&question(&table.name, &column.name), &[]);
            let answer = answer.expect("a table can be read").get(0);
            found.push((question(&new, &name), answer));
        }
    }
    found
}

fn roles(lab: &Lab) {
    let mut client = lab.connect("postgres").expect("the lab answers");
    for role in sql::ROLES {
        let _ = client.batch_execute(&format!("CREATE ROLE {role}"));
    }
}

#[test]
fn the_statements_lead_to_the_second_database() {
    let labs = servers::all();
    let start = number("PALLADIO_SEED", 0);
    let count = number("PALLADIO_PAIRS", 60);
    let (mut arrived, mut forbidden) = (0, 0);
    let mut refused = Refused::default();
    let mut wrong = Vec::new();
    for (place, lab) in labs.iter().enumerate() {
        roles(lab);
        let major = servers::major(lab);
        let mut rooms = Room::new(lab);
        let mine = (start..start + count).filter(|seed| *seed as usize % labs.len() == place);
        for seed in mine {
            let pair = Pair::of(seed, major);
            match outcome(lab, rooms.client(), &pair, major, &mut refused) {
                Outcome::Arrived => arrived += 1,
                Outcome::RowsForbid => forbidden += 1,
                Outcome::Wrong(words) => {
                    let words = match wrong.len() < number("PALLADIO_SHRINK", 10) as usize {
                        true => {
                            let what = kind(&words);
                            let small = pair.shrunk(&mut |pair| {
                                let outcome = outcome(lab, rooms.client(), pair, major, &mut Refused::default());
                                matches!(outcome, Outcome::Wrong(words) if kind(&words) == what)
                            });
                            match outcome(lab, rooms.client(), &small, major, &mut Refused::default()) {
                                Outcome::Wrong(words) => words,
                                _ => words,
                            }
                        }
                        false => words.lines().take(2).collect::<Vec<_>>().join("\n"),
                    };
                    // Said at once: a run of thousands takes its time.
                    println!("== seed {seed} on {major}: {words}");
                    wrong.push(format!("seed {seed} on {major}"));
                }
            }
        }
    }
    println!("{arrived} of {count} pairs arrived, {forbidden} were forbidden by their rows");
    println!("refused by the servers, of what was generated: {}", refused.0.len());
    if std::env::var_os("PALLADIO_REFUSED").is_some() {
        println!("{}", refused.0.join("\n"));
    }
    assert!(wrong.is_empty(), "{} of {count}: {}", wrong.len(), wrong.join(", "));
}

/// What is wrong, without names: `cannot drop x because y depends on it` is one kind.
fn kind(words: &str) -> String {
    let line = words.lines().next().unwrap_or("");
    let mut kind = String::new();
    let mut quoted = false;
    for letter in line.chars() {
        quoted ^= letter == '"';
        if !quoted && !letter.is_ascii_digit() {
            kind.push(letter);
        }
    }
    kind.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

/// A database that is used again: each pair takes back what it did. Rows that are gone stay in its catalogs, so that it
/// is made anew now and then.
struct Room<'a> {
    lab: &'a Lab,
    name: String,
    client: Option<Client>,
    uses: u32,
}

impl<'a> Room<'a> {
    fn new(lab: &'a Lab) -> Room<'a> {
        Room { lab, name: live::testing::database(lab), client: None, uses: 0 }
    }

    fn client(&mut self) -> &mut Client {
        self.uses += 1;
        if self.uses.is_multiple_of(150) {
            self.client = None;
            self.lab.drop_database(&self.name).expect("a database can be dropped");
            self.name = live::testing::database(self.lab);
        }
        let (lab, name) = (self.lab, &self.name);
        self.client.get_or_insert_with(|| lab.connect(name).expect("the lab answers"))
    }
}
