//! Dice become SQL: what each face says.

mod others;
mod parts;
mod routines;
mod said;
mod tables;
mod types;
mod views;

use migrate::diff::Rename;
use model::{Kind, Name, Path, QName};

use super::dice::{DOMAINS, Dice, Slot, What, World};
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
    others::collations(&mut book);
    types::enums(&mut book);
    routines::over_builtin_types(&mut book);
    types::domains(&mut book, 0..3);
    types::composites(&mut book);
    types::ranges(&mut book);
    types::domains(&mut book, 3..DOMAINS);
    routines::over_own_types(&mut book);
    types::sequences(&mut book);
    others::foreign(&mut book);
    others::typed(&mut book);
    tables::tables(&mut book);
    routines::over_tables(&mut book);
    parts::constraints(&mut book);
    parts::indexes(&mut book);
    views::views(&mut book);
    routines::over_views(&mut book);
    parts::triggers(&mut book);
    parts::rules(&mut book);
    parts::policies(&mut book);
    others::text_search(&mut book);
    others::operators(&mut book);
    others::casts(&mut book);
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
            let role = dice.pick(10, &ROLES);
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

/// A name with its schema as the model has it.
fn qualified(name: &str) -> QName {
    let (schema, name) = name.split_once('.').expect("names say their schema");
    QName::new(unquoted(schema), unquoted(name))
}

/// The name of a thing, where it has one that may change.
pub(super) fn path(world: &World, slot: Slot) -> Option<Path> {
    let table = || tables::name(world, slot.of).map(|name| qualified(&name));
    let object = |kind, name: Option<String>| Some(Path::object(kind, &qualified(&name?)));
    match slot.what {
        What::Enum => object(Kind::Enum, types::enum_name(world, slot.at)),
        What::Domain => object(Kind::Domain, types::domain_name(world, slot.at)),
        What::Composite => object(Kind::Composite, types::composite_name(world, slot.at)),
        What::Range => object(Kind::Range, types::range_name(world, slot.at)),
        What::Sequence => object(Kind::Sequence, types::sequence_name(world, slot.at)),
        What::View if views::is_materialized(slot.at) => object(Kind::MaterializedView, views::name(world, slot.at)),
        What::View => object(Kind::View, views::name(world, slot.at)),
        What::Table if !tables::is_divided(slot.of) => Some(Path::table(&table()?)),
        What::Column => Some(Path::column(&table()?, unquoted(tables::column_name(world, slot.of, slot.at)?))),
        What::Index => Some(Path::index(&table()?, unquoted(&parts::index_name(world, slot.of, slot.at)?))),
        What::Constraint => {
            Some(Path::constraint(&table()?, unquoted(&parts::constraint_name(world, slot.of, slot.at)?)))
        }
        _ => None,
    }
}

/// Labels and attributes that have another name on the other side, by the type's first path.
pub(super) fn renamed_inside(before: &World, after: &World, slot: Slot) -> Vec<Rename> {
    let Some(ty) = path(before, slot) else { return Vec::new() };
    let pairs = |old: Vec<&'static str>, new: Vec<&'static str>, names: [&'static str; 2]| {
        let turns = [names, [names[1], names[0]]];
        turns.into_iter().find(|[from, to]| old.contains(from) && new.contains(to))
    };
    let name = |text: &str| Name::from(text.trim_matches('"'));
    match slot.what {
        What::Enum => {
            let found = pairs(types::labels(before, slot.at), types::labels(after, slot.at), types::DONE);
            let value = |[from, to]: [&str; 2]| Rename::Value { ty: ty.clone(), from: from.into(), to: to.into() };
            found.map(value).into_iter().collect()
        }
        What::Composite => {
            let street = |world: &World| types::street(world, slot.at).into_iter().collect();
            let found = pairs(street(before), street(after), types::STREET);
            let attribute =
                |[from, to]: [&str; 2]| Rename::Attribute { ty: ty.clone(), from: name(from), to: name(to) };
            found.map(attribute).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
