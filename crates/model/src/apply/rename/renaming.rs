//! Old names and new ones, and the walk that puts the new ones everywhere.

use std::collections::BTreeMap;

use super::{need_free, rekey};
use crate::apply::references::{Ref, RefMut, look, regclass, regclass_text, rewrite};
use crate::apply::work::{Outcome, Work};
use crate::name::{Name, QName};
use crate::object::Object;
use crate::path::{Kind, Path};
use crate::schema::Schema;

/// What is called how from now on.
#[derive(Debug, Default)]
pub(super) struct Renaming {
    relations: BTreeMap<QName, QName>,
    types: BTreeMap<QName, QName>,
    routines: BTreeMap<QName, QName>,
    indexes: BTreeMap<QName, QName>,
    columns: BTreeMap<(QName, Name), Name>,
    paths: BTreeMap<Path, Path>,
}

impl Renaming {
    pub(super) fn add_object(&mut self, schema: &Schema, from: &Path, to: &Path) {
        let (old, new) = (from.qname(), to.qname());
        self.add_path(from, to);
        match from.kind {
            Kind::Table | Kind::View | Kind::MaterializedView | Kind::Composite => {
                self.relations.insert(old.clone(), new.clone());
                self.types.insert(old, new);
                let table = schema.table(&from.qname()).filter(|_| from.schema != to.schema);
                for index in table.iter().flat_map(|table| &table.indexes) {
                    let inside = |namespace: &Name| QName::new(namespace.clone(), index.name.clone());
                    self.indexes.insert(inside(&from.schema), inside(&to.schema));
                }
            }
            Kind::Sequence => {
                self.relations.insert(old, new);
            }
            Kind::Enum | Kind::Domain | Kind::Range | Kind::BaseType => {
                self.types.insert(old, new);
            }
            Kind::Function | Kind::Procedure | Kind::Aggregate
                // References know no signature: they follow when no other function of the name is left behind.
                if schema.overloads(&old).all(|overload| self.paths.contains_key(overload)) => {
                    self.routines.insert(old, new);
                }
            _ => {}
        }
    }

    pub(super) fn add_type(&mut self, from: &QName, to: &QName) {
        self.types.insert(from.clone(), to.clone());
    }

    pub(super) fn add_path(&mut self, from: &Path, to: &Path) {
        self.paths.insert(from.clone(), to.clone());
    }

    pub(super) fn add_column(&mut self, table: &QName, from: &Name, to: &Name) {
        self.columns.insert((table.clone(), from.clone()), to.clone());
    }

    pub(super) fn add_index(&mut self, from: QName, to: QName) {
        self.indexes.insert(from, to);
    }

    /// Rewrites every object that holds an old name.
    pub(super) fn rewrite_everything(&self, work: &mut Work) -> Outcome {
        let mut holding: Vec<Path> = Vec::new();
        for (path, object) in work.schema.objects() {
            let mut holds = false;
            look::object(path, object, &mut |_, reference| holds |= self.concerns(&reference));
            if holds {
                holding.push(path.clone());
            }
        }
        for path in holding {
            let object = work.object_mut(&path)?;
            rewrite::object(&path, object, &mut |_, reference| self.rewrite(reference));
        }
        Ok(())
    }

    /// Casts, transforms, operators and aggregates are known by the types that they are of.
    pub(super) fn resign_named(&self, work: &mut Work) -> Outcome {
        let of_types = |kind| matches!(kind, Kind::Cast | Kind::Transform | Kind::Operator | Kind::Aggregate);
        let renamed = |path: &Path| {
            let (mut name, mut part) = (path.name.clone(), path.part.clone());
            for (from, to) in &self.types {
                match path.kind {
                    Kind::Cast | Kind::Transform => name = with_type(&name, from, to),
                    _ => part = with_type(&part, from, to),
                }
            }
            Path { name, part, ..path.clone() }
        };
        let paths = work.schema.objects.keys().filter(|path| of_types(path.kind) && !self.types.is_empty());
        let moves = paths.map(|path| (path.clone(), renamed(path))).filter(|(from, to)| from != to);
        move_all(work, moves.collect())
    }

    /// Rewrites one table.
    pub(super) fn rewrite_table(&self, work: &mut Work, table: &QName) -> Outcome {
        let path = Path::table(table);
        rewrite::object(&path, work.object_mut(&path)?, &mut |_, reference| self.rewrite(reference));
        Ok(())
    }

    fn concerns(&self, reference: &Ref<'_>) -> bool {
        match reference {
            Ref::Relation(name) => self.relations.contains_key(*name),
            Ref::Index(name) => self.indexes.contains_key(*name),
            Ref::Type(name) => self.types.contains_key(*name),
            Ref::Routine(name) => self.routines.contains_key(*name),
            Ref::Column(table, column) => self.column(table, column).is_some(),
            Ref::Guess(sources, column) => sources.iter().any(|source| self.column(&source.table, column).is_some()),
            Ref::Qualifier(table, _) => self.relations.contains_key(*table),
            Ref::Star(_) => false,
            Ref::Collation(name) => self.paths.contains_key(&Path::object(Kind::Collation, name)),
            Ref::Role(name) => self.paths.contains_key(&Path::global(Kind::Role, (*name).clone())),
            Ref::Namespace(name) => self.paths.contains_key(&Path::global(Kind::Namespace, (*name).clone())),
            Ref::Server(name) => self.paths.contains_key(&Path::global(Kind::Server, (*name).clone())),
            Ref::Regclass(text) => regclass(text).is_some_and(|name| self.relations.contains_key(&name)),
            Ref::Path(path) => self.path(path).is_some(),
        }
    }

    fn rewrite(&self, reference: RefMut<'_>) {
        match reference {
            RefMut::Relation(name) => replace(name, self.relations.get(name)),
            RefMut::Index(name) => replace(name, self.indexes.get(name)),
            RefMut::Type(name) => replace(name, self.types.get(name)),
            RefMut::Routine(name) => replace(name, self.routines.get(name)),
            RefMut::Column(table, column) => replace(column, self.column(table, column)),
            RefMut::Guess(sources, column) => {
                let new = sources.iter().find_map(|source| self.column(&source.table, column));
                replace(column, new);
            }
            RefMut::Qualifier(table, name) => replace(name, self.relations.get(table).map(|new| &new.name)),
            RefMut::Star(_) => {}
            RefMut::Collation(name) => {
                let new = self.paths.get(&Path::object(Kind::Collation, name)).map(Path::qname);
                replace(name, new.as_ref());
            }
            RefMut::Role(name) => self.replace_global(Kind::Role, name),
            RefMut::Namespace(name) => self.replace_global(Kind::Namespace, name),
            RefMut::Server(name) => self.replace_global(Kind::Server, name),
            RefMut::Regclass(text) => {
                let new = regclass(text).and_then(|name| self.relations.get(&name));
                let new = new.map(|name| regclass_text(name, text.contains('.')));
                replace(text, new.as_ref());
            }
            RefMut::Path(path) => {
                let new = self.path(path);
                replace(path, new.as_ref());
            }
        }
    }

    fn replace_global(&self, kind: Kind, name: &mut Name) {
        let new = self.paths.get(&Path::global(kind, name.clone())).map(|path| path.name.clone());
        replace(name, new.as_ref());
    }

    fn column(&self, table: &QName, column: &Name) -> Option<&Name> {
        // Most renamings touch no column at all, and this is asked for every column of every table.
        if self.columns.is_empty() { None } else { self.columns.get(&(table.clone(), column.clone())) }
    }

    /// The path that a name inside SQL text has from now on.
    fn path(&self, path: &Path) -> Option<Path> {
        if let Some(new) = self.paths.get(path) {
            return Some(new.clone());
        }
        let old = path.qname();
        let new = match path.kind {
            Kind::Enum | Kind::Domain | Kind::Range | Kind::BaseType | Kind::Composite => self.types.get(&old),
            Kind::Function | Kind::Procedure | Kind::Aggregate => self.routines.get(&old),
            kind if kind.is_part() => self.relations.get(&old),
            Kind::Table | Kind::View | Kind::MaterializedView | Kind::Sequence => self.relations.get(&old),
            _ => None,
        };
        let part = if path.kind == Kind::Column { self.column(&old, &path.part) } else { None };
        if new.is_none() && part.is_none() {
            return None;
        }
        let owner = new.cloned().unwrap_or(old);
        let part = part.unwrap_or(&path.part).clone();
        Some(Path { kind: path.kind, schema: owner.schema, name: owner.name, part })
    }
}

fn replace<T: Clone>(place: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        *place = new.clone();
    }
}

/// A routine is known by the types of its arguments: when one of those got a new name, so does the routine.
pub(super) fn resign_routines(work: &mut Work) -> Outcome {
    let mut moves = Vec::new();
    for kind in [Kind::Function, Kind::Procedure] {
        let first = Path { kind, schema: Name::default(), name: Name::default(), part: Name::default() };
        for (path, object) in work.schema.objects.range(first..).take_while(|(path, _)| path.kind == kind) {
            if let Object::Routine(routine) = object {
                let signature = routine.signature();
                if signature != path.part {
                    moves.push((path.clone(), Path { part: signature, ..path.clone() }));
                }
            }
        }
    }
    move_all(work, moves)
}

/// The list of types in which one has another name.
fn with_type(list: &Name, from: &QName, to: &QName) -> Name {
    let (from, to) = (from.to_string(), to.to_string());
    let is_inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '"' | '.');
    let (mut text, mut rest) = (String::new(), list.as_str());
    while let Some(at) = rest.find(&from) {
        let (before, behind) = (&rest[..at], &rest[at + from.len()..]);
        let letter_before = before.chars().next_back().or(text.chars().next_back());
        let whole = !letter_before.is_some_and(is_inside) && !behind.starts_with(is_inside);
        text += before;
        text += if whole { &to } else { &from };
        rest = behind;
    }
    if text.is_empty() { list.clone() } else { (text + rest).into() }
}

fn move_all(work: &mut Work, moves: Vec<(Path, Path)>) -> Outcome {
    for (from, to) in moves {
        need_free(work, &from, &to)?;
        if let Some(object) = work.leave(&from) {
            work.enter(to.clone(), object)?;
            rekey(&mut work.schema, &from, &to);
            work.effects.renamed.push((from, to));
        }
    }
    Ok(())
}
