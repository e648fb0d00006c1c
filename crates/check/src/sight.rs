//! What many rules ask of a reading, found once: the first that asks finds it for all of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;

use model::hash::NameHasher;
use model::object::{Column, Table};
use model::{Migration, Name, QName, Reading, Schema, Step};

use crate::copies::{Copy, copies};
use crate::history::{after, is_plain};
use crate::locks::access_exclusive;
use crate::nouns::{Nouns, Reference, references};
use crate::subject::{At, own_columns_of, own_tables, words_of};

/// What is known of a reading beside what it says itself.
pub(crate) struct Sight<'a> {
    reading: &'a Reading,
    names: OnceLock<Names<'a>>,
    nouns: OnceLock<Nouns<'a>>,
    references: OnceLock<BTreeMap<&'a QName, Vec<Reference<'a>>>>,
    copies: OnceLock<Vec<Copy<'a>>>,
    locked: OnceLock<ByAddress<Vec<QName>>>,
    undone: OnceLock<ByAddress<Schema>>,
}

type ByAddress<T> = HashMap<usize, T, BuildHasherDefault<NameHasher>>;

/// How a name of columns or of a table is spelled.
#[derive(Debug)]
pub(crate) struct Spelling<'a> {
    pub(crate) name: &'a Name,
    pub(crate) words: Vec<Name>,
    /// How many columns that a statement about their own table made are called so.
    pub(crate) columns: usize,
    /// Its place among all names.
    pub(crate) rank: usize,
}

/// Every name of the schema once: a thousand tables have the same `id` and `created_at`.
struct Names<'a> {
    spellings: Vec<Spelling<'a>>,
    by_name: HashMap<&'a str, u32, BuildHasherDefault<NameHasher>>,
    tables: Vec<Seen<'a>>,
}

/// A table that speaks for itself, and its own columns with their spellings.
struct Seen<'a> {
    table: &'a Table,
    columns: Vec<(&'a Column, u32)>,
}

impl<'a> Sight<'a> {
    pub(crate) fn of(reading: &'a Reading) -> Sight<'a> {
        Sight {
            reading,
            names: OnceLock::new(),
            nouns: OnceLock::new(),
            references: OnceLock::new(),
            copies: OnceLock::new(),
            locked: OnceLock::new(),
            undone: OnceLock::new(),
        }
    }

    fn names(&self) -> &Names<'a> {
        self.names.get_or_init(|| Names::of(self.reading))
    }

    /// Those of the tables that speak for themselves at these positions, each with its own columns.
    pub(crate) fn tables_at(&self, at: Range<usize>) -> impl Iterator<Item = (&'a Table, Vec<At<'_>>)> {
        let names = self.names();
        names.tables[at].iter().map(|seen| (seen.table, names.columns_of(seen).collect()))
    }

    /// Tables that speak for themselves, each with its own columns.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&'a Table, Vec<At<'_>>)> {
        self.tables_at(0..self.names().tables.len())
    }

    /// The columns that a statement about their own table made.
    pub(crate) fn columns(&self) -> impl Iterator<Item = At<'_>> {
        let names = self.names();
        names.tables.iter().flat_map(|seen| names.columns_of(seen))
    }

    /// Those of them with such a name: each name is asked about once.
    pub(crate) fn columns_spelled(&self, wanted: impl FnMut(&Spelling<'a>) -> bool) -> Vec<At<'_>> {
        let wanted: Vec<bool> = self.spellings().iter().map(wanted).collect();
        match wanted.contains(&true) {
            true => self.columns().filter(|at| wanted[at.spelling.rank]).collect(),
            false => Vec::new(),
        }
    }

    /// Every name of a column or table, once, in their order.
    pub(crate) fn spellings(&self) -> &[Spelling<'a>] {
        &self.names().spellings
    }

    /// How the name of a column or table is spelled.
    pub(crate) fn spelling(&self, name: &str) -> Option<&Spelling<'a>> {
        let names = self.names();
        names.by_name.get(name).map(|at| &names.spellings[*at as usize])
    }

    /// The words of a name, in lower case.
    pub(crate) fn words(&self, name: &Name) -> Cow<'_, [Name]> {
        match self.spelling(name) {
            Some(spelling) => Cow::Borrowed(&spelling.words),
            None => Cow::Owned(words_of(name)),
        }
    }

    /// Tables by what they are called after.
    pub(crate) fn nouns(&self) -> &Nouns<'a> {
        self.nouns.get_or_init(|| Nouns::of(&self.reading.schema))
    }

    /// The foreign keys that point at each table, partitions left out.
    pub(crate) fn references(&self) -> &BTreeMap<&'a QName, Vec<Reference<'a>>> {
        self.references.get_or_init(|| references(&self.reading.schema))
    }

    /// The columns that repeat what a row they refer to says.
    pub(crate) fn copies(&self) -> &[Copy<'a>] {
        self.copies.get_or_init(|| copies(&self.reading.schema, self))
    }

    /// The tables on which the statement takes ACCESS EXCLUSIVE.
    pub(crate) fn locked(&self, step: &Step) -> &[QName] {
        let locked = self.locked.get_or_init(|| {
            let steps = self.reading.migrations.iter().flat_map(|migration| &migration.steps);
            let locked = steps.map(|step| (address(step), access_exclusive(step)));
            locked.filter(|(_, tables)| !tables.is_empty()).collect()
        });
        locked.get(&address(step)).map_or(&[], Vec::as_slice)
    }

    /// The database after an undo, as far as it is plain what it does; nothing when it does nothing.
    pub(crate) fn undone(&self, down: &Migration) -> Option<&Schema> {
        let undone = self.undone.get_or_init(|| {
            let downs = self.reading.migrations.iter().filter(|migration| migration.down);
            let plain = downs.filter(|down| is_plain(&down.steps));
            plain.filter_map(|down| Some((address(down), after(&down.steps)?))).collect()
        });
        undone.get(&address(down))
    }
}

/// Which of the things of a reading it is.
fn address<T>(of: &T) -> usize {
    ptr::from_ref(of).addr()
}

impl<'a> Names<'a> {
    fn of(reading: &'a Reading) -> Names<'a> {
        let mut names = Names { spellings: Vec::new(), by_name: HashMap::default(), tables: Vec::new() };
        for table in own_tables(&reading.schema) {
            names.note(&table.name.name);
            let mut columns = Vec::with_capacity(table.columns.len());
            for column in own_columns_of(table) {
                let at = names.note(&column.name);
                names.spellings[at as usize].columns += 1;
                columns.push((column, at));
            }
            if columns.len() < table.columns.len() {
                table.columns.iter().for_each(|column| {
                    names.note(&column.name);
                });
            }
            names.tables.push(Seen { table, columns });
        }
        let mut order: Vec<usize> = (0..names.spellings.len()).collect();
        order.sort_unstable_by_key(|at| names.spellings[*at].name.as_str());
        let mut rank = vec![0; order.len()];
        order.into_iter().enumerate().for_each(|(new, old)| rank[old] = new);
        names.spellings.iter_mut().zip(&rank).for_each(|(spelling, rank)| spelling.rank = *rank);
        names.spellings.sort_unstable_by_key(|spelling| spelling.rank);
        let ranked = |at: &mut u32| *at = rank[*at as usize] as u32;
        names.by_name.values_mut().for_each(ranked);
        names.tables.iter_mut().flat_map(|seen| &mut seen.columns).for_each(|(_, at)| ranked(at));
        names
    }

    fn note(&mut self, name: &'a Name) -> u32 {
        *self.by_name.entry(name.as_str()).or_insert_with(|| {
            let rank = self.spellings.len();
            self.spellings.push(Spelling { name, words: words_of(name), columns: 0, rank });
            rank as u32
        })
    }

    fn columns_of<'s>(&'s self, seen: &'s Seen<'a>) -> impl Iterator<Item = At<'s>> {
        seen.columns.iter().map(|(column, at)| {
            let spelling = &self.spellings[*at as usize];
            At { table: seen.table, column, words: &spelling.words, spelling }
        })
    }
}
