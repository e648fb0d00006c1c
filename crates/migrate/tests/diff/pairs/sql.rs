//! Dice become SQL: what each face says.

mod parts;
mod routines;
mod said;
mod tables;
mod types;
mod views;

use model::{Kind, Name, Path, QName};

use super::dice::{Dice, PARTITIONED, Slot, What, World};
use super::script::{Key, Statement, pruned};

pub(super) use tables::row_values;

/// A script under way.
pub(super) struct Book<'a> {
    world: &'a World,
    statements: Vec<Statement>,
}

/// The statements that make the world, each with what it needs before it.
pub(crate) fn statements(world: &World) -> Vec<Statement> {
    let mut book = Book { world, statements: Vec::new() };
    types::schemas(&mut book);
    types::extensions(&mut book);
    types::enums(&mut book);
    routines::over_builtin_types(&mut book);
    types::domains(&mut book);
    types::composites(&mut book);
    types::ranges(&mut book);
    routines::over_own_types(&mut book);
    types::sequences(&mut book);
    tables::tables(&mut book);
    routines::over_tables(&mut book);
    parts::constraints(&mut book);
    parts::indexes(&mut book);
    views::views(&mut book);
    parts::triggers(&mut book);
    parts::rules(&mut book);
    parts::policies(&mut book);
    said::said(&mut book);
    pruned(book.statements)
}

impl Book<'_> {
    fn add<N: Into<Key>, G: Into<Key>>(
        &mut self,
        sql: String,
        needs: impl IntoIterator<Item = N>,
        gives: impl IntoIterator<Item = G>,
    ) {
        let needs = needs.into_iter().map(Into::into).collect();
        let gives = gives.into_iter().map(Into::into).collect();
        self.statements.push(Statement { sql: format!("{sql};"), needs, gives, copies: None });
    }

    /// The table of the last statement has the columns of another one.
    fn copies(&mut self, from: &str, to: &str) {
        let last = self.statements.last_mut().expect("a statement was added");
        last.copies = Some((from.to_owned(), to.to_owned()));
    }

    fn comment(&mut self, dice: &Dice, what: &str, need: &str) {
        if dice.one_in(11, 6) {
            let words = dice.pick(11, &["first words", "it's said", "other words"]);
            let sql = format!("COMMENT ON {what} IS '{}'", words.replace('\'', "''"));
            self.add(sql, [need], [] as [Key; 0]);
        }
    }

    fn owner(&mut self, dice: &Dice, what: &str, need: &str) {
        if dice.one_in(10, 7) {
            // Known and left out: what an owner was granted on single columns goes to the next owner.
            let role = if what.contains("TABLE ") { ROLES[0] } else { dice.pick(10, &ROLES) };
            self.add(format!("ALTER {what} OWNER TO {role}"), [need], [] as [Key; 0]);
        }
    }
}

pub(crate) const ROLES: [&str; 2] = ["pairs_reader", "\"Pairs-Writer\""];

/// The schema that a die puts a thing into; mostly `public`.
fn schema(dice: &Dice, die: usize) -> &'static str {
    match dice.number(die) {
        0..=159 => "public",
        160..=220 => "app",
        _ => "\"Odd Name\"",
    }
}

fn unquoted(name: &str) -> Name {
    match name.strip_prefix('"') {
        Some(inside) => inside.trim_end_matches('"').replace("\"\"", "\"").into(),
        None => name.into(),
    }
}

/// The name of a thing, where it has one that may change.
pub(super) fn path(world: &World, slot: Slot) -> Option<Path> {
    let of = |name: String| {
        let (schema, name) = name.split_once('.').expect("names say their schema");
        QName::new(unquoted(schema), unquoted(name))
    };
    let table = || tables::name(world, slot.of).map(of);
    Some(match slot.what {
        What::Enum => Path::object(Kind::Enum, &of(types::enum_name(world, slot.at)?)),
        What::Domain => Path::object(Kind::Domain, &of(types::domain_name(world, slot.at)?)),
        What::Composite => Path::object(Kind::Composite, &of(types::composite_name(world, slot.at)?)),
        What::Sequence => Path::object(Kind::Sequence, &of(types::sequence_name(world, slot.at)?)),
        What::Table if slot.of != PARTITIONED => Path::table(&table()?),
        What::Column => Path::column(&table()?, unquoted(tables::column_name(world, slot.of, slot.at)?)),
        _ => return None,
    })
}
