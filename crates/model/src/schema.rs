//! The model of a whole database: every object by its path, cheap to copy.
//!
//! A copy shares everything with its original, and a change touches only the objects it changes. So each step of a
//! migration can hold the schema before it.

use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync as Map};

use crate::apply::Children;
use crate::hash::NameHasher;
use crate::name::{Name, PUBLIC, QName};
use crate::object::*;
use crate::path::{Kind, Path};

/// What is sought by its name and never gone through in order: names begin alike, so that a hash tells them apart much
/// sooner than their order does.
pub(crate) type ByName<V> = HashTrieMapSync<QName, V, BuildHasherDefault<NameHasher>>;

/// Children of one node of such a map. A change copies the nodes above it: wider ones cost more than they save.
const DEGREE: u8 = 16;

fn by_name<V>() -> ByName<V> {
    HashTrieMapSync::new_with_hasher_and_degree_and_ptr_kind(BuildHasherDefault::default(), DEGREE)
}

/// A database at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct Schema {
    /// Everything that stands by itself. Columns, constraints, indexes, triggers, rules and policies are inside.
    pub(crate) objects: Map<Path, Object>,
    /// Who holds each name in the name space of relations: tables, views, sequences, composite types, indexes, and
    /// the indexes and sequences behind constraints and identity columns.
    pub(crate) relations: ByName<Path>,
    /// How many constraints of tables and domains have a name: the database chooses one that nobody has.
    pub(crate) constraint_names: ByName<u32>,
    /// The partitions and children of each table that has any.
    pub(crate) children: ByName<Children>,
    pub(crate) comments: Map<Path, Name>,
    pub(crate) owners: Map<Path, Name>,
    pub(crate) grants: Map<Path, Arc<Grants>>,
}

/// The privileges on one object: what was granted, and what was taken away from a default (`PUBLIC` may execute
/// functions unless it is revoked).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    pub granted: Vec<Grant>,
    pub revoked: Vec<Grant>,
}

impl Default for Schema {
    /// An empty database: the schema `public` and nothing in it.
    fn default() -> Schema {
        let mut schema = Schema {
            objects: Map::new_sync(),
            relations: by_name(),
            constraint_names: by_name(),
            children: by_name(),
            comments: Map::new_sync(),
            owners: Map::new_sync(),
            grants: Map::new_sync(),
        };
        let public = Object::Namespace(Namespace { name: PUBLIC });
        schema.objects.insert_mut(Path::global(Kind::Namespace, PUBLIC), public);
        schema
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.objects.iter()).finish()
    }
}

impl Schema {
    /// Every top-level object, in the order of paths.
    pub fn objects(&self) -> impl Iterator<Item = (&Path, &Object)> {
        self.objects.iter()
    }

    pub fn object(&self, path: &Path) -> Option<&Object> {
        self.objects.get(path)
    }

    /// The objects of one kind, by schema and name.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        let first = Path { kind, schema: Name::default(), name: Name::default(), part: Name::default() };
        self.objects.range(first..).take_while(move |(path, _)| path.kind == kind).map(|(_, object)| object)
    }

    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.of_kind(Kind::Table).filter_map(|object| match object {
            Object::Table(table) => Some(&**table),
            _ => None,
        })
    }

    /// Views and materialized views.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.of_kind(Kind::View).chain(self.of_kind(Kind::MaterializedView)).filter_map(|object| match object {
            Object::View(view) => Some(&**view),
            _ => None,
        })
    }

    pub fn sequences(&self) -> impl Iterator<Item = &Sequence> {
        self.of_kind(Kind::Sequence).filter_map(|object| match object {
            Object::Sequence(sequence) => Some(sequence),
            _ => None,
        })
    }

    pub fn enums(&self) -> impl Iterator<Item = &Enum> {
        self.of_kind(Kind::Enum).filter_map(|object| match object {
            Object::Enum(ty) => Some(&**ty),
            _ => None,
        })
    }

    pub fn domains(&self) -> impl Iterator<Item = &Domain> {
        self.of_kind(Kind::Domain).filter_map(|object| match object {
            Object::Domain(ty) => Some(&**ty),
            _ => None,
        })
    }

    /// Functions and procedures.
    pub fn routines(&self) -> impl Iterator<Item = &Routine> {
        self.of_kind(Kind::Function).chain(self.of_kind(Kind::Procedure)).filter_map(|object| match object {
            Object::Routine(routine) => Some(&**routine),
            _ => None,
        })
    }

    pub fn extensions(&self) -> impl Iterator<Item = &Extension> {
        self.of_kind(Kind::Extension).filter_map(|object| match object {
            Object::Extension(extension) => Some(extension),
            _ => None,
        })
    }

    pub fn table(&self, name: &QName) -> Option<&Table> {
        self.shared_table(name).map(|table| &**table)
    }

    /// The table to be held beyond the schema.
    pub fn shared_table(&self, name: &QName) -> Option<&Arc<Table>> {
        match self.objects.get(&Path::table(name))? {
            Object::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The view or materialized view of that name.
    pub fn view(&self, name: &QName) -> Option<&View> {
        let path = [Kind::View, Kind::MaterializedView].map(|kind| Path::object(kind, name));
        match path.iter().find_map(|path| self.objects.get(path))? {
            Object::View(view) => Some(view),
            _ => None,
        }
    }

    pub fn sequence(&self, name: &QName) -> Option<&Sequence> {
        match self.objects.get(&Path::object(Kind::Sequence, name))? {
            Object::Sequence(sequence) => Some(sequence),
            _ => None,
        }
    }

    pub fn column(&self, table: &QName, column: &str) -> Option<&Column> {
        self.table(table)?.column(column)
    }

    /// The index of that name with the table or view it is on.
    pub fn index(&self, name: &QName) -> Option<(QName, &Index)> {
        let path = self.relations.get(name).filter(|path| path.kind == Kind::Index)?;
        let owner = path.qname();
        let index = match self.table(&owner) {
            Some(table) => table.index(&path.part),
            None => self.view(&owner)?.indexes.iter().find(|index| index.name == path.part),
        };
        Some((owner, index?))
    }

    /// What holds that name among tables, views, sequences, indexes and composite types. A constraint's index answers
    /// with the constraint, an identity column's sequence with the column.
    pub fn relation(&self, name: &QName) -> Option<&Path> {
        self.relations.get(name)
    }

    /// The user's type of that name: enum, domain, composite, range, base type, or the row type of a table or view.
    pub fn type_path(&self, name: &QName) -> Option<Path> {
        const KINDS: [Kind; 8] = [
            Kind::Enum,
            Kind::Domain,
            Kind::Composite,
            Kind::Range,
            Kind::BaseType,
            Kind::Table,
            Kind::View,
            Kind::MaterializedView,
        ];
        KINDS.into_iter().map(|kind| Path::object(kind, name)).find(|path| self.objects.contains_key(path))
    }

    /// The range type beside which this multirange type was made.
    pub fn range_of(&self, multirange: &QName) -> Option<&Range> {
        let mut ranges = self.of_kind(Kind::Range).filter_map(|object| match object {
            Object::Range(range) => Some(range),
            _ => None,
        });
        ranges.find(|range| range.multirange() == *multirange)
    }

    /// What has to be there for the type: the user's type of that name, or the range that a multirange came with.
    pub fn type_source(&self, name: &QName) -> Option<Path> {
        let range = || self.range_of(name).map(|range| Path::object(Kind::Range, &range.name));
        self.type_path(name).or_else(range)
    }

    /// All routines and aggregates of that name, whatever their arguments.
    pub fn overloads(&self, name: &QName) -> impl Iterator<Item = &Path> {
        [Kind::Function, Kind::Procedure, Kind::Aggregate].into_iter().flat_map(move |kind| {
            let named = Path::object(kind, name);
            let same = move |path: &&Path| path.kind == kind && path.schema == name.schema && path.name == name.name;
            self.objects.range(named..).map(|(path, _)| path).take_while(same)
        })
    }

    /// Whether the thing is there: an object, or a part of one.
    pub fn contains(&self, path: &Path) -> bool {
        if !path.kind.is_part() {
            return self.objects.contains_key(path);
        }
        let owner = path.qname();
        let part = path.part.as_str();
        if let Some(table) = self.table(&owner) {
            return match path.kind {
                Kind::Column => table.column(part).is_some(),
                Kind::Constraint => table.constraint(part).is_some(),
                Kind::Index => table.index(part).is_some(),
                Kind::Trigger => table.triggers.iter().any(|trigger| trigger.name == part),
                Kind::Rule => table.rules.iter().any(|rule| rule.name == part),
                Kind::Policy => table.policies.iter().any(|policy| policy.name == part),
                _ => false,
            };
        }
        self.view(&owner).is_some_and(|view| match path.kind {
            Kind::Column => view.columns.iter().any(|column| column == part),
            Kind::Index => view.indexes.iter().any(|index| index.name == part),
            Kind::Trigger => view.triggers.iter().any(|trigger| trigger.name == part),
            Kind::Rule => view.rules.iter().any(|rule| rule.name == part),
            _ => false,
        })
    }

    pub fn comment(&self, path: &Path) -> Option<&Name> {
        self.comments.get(path)
    }

    pub fn comments(&self) -> impl Iterator<Item = (&Path, &Name)> {
        self.comments.iter()
    }

    pub fn owner(&self, path: &Path) -> Option<&Name> {
        self.owners.get(path)
    }

    pub fn owners(&self) -> impl Iterator<Item = (&Path, &Name)> {
        self.owners.iter()
    }

    pub fn grants(&self) -> impl Iterator<Item = (&Path, &Grants)> {
        self.grants.iter().map(|(path, grants)| (path, &**grants))
    }

    pub fn grants_on(&self, path: &Path) -> Option<&Grants> {
        self.grants.get(path).map(|grants| &**grants)
    }

    /// The partitions of a partitioned table, or the tables that inherit from one; in order, without theirs.
    pub fn children(&self, table: &QName) -> impl Iterator<Item = &QName> {
        self.children.get(table).into_iter().flat_map(|children| children.iter())
    }

    /// The tables that inherit from this one, and are not its partitions; in order, without theirs.
    pub fn inheriting(&self, table: &QName) -> impl Iterator<Item = &QName> {
        self.children(table).filter(|child| self.table(child).is_some_and(|child| child.partition_of.is_none()))
    }

    /// The tables whose foreign keys point at this one, with the constraint, in order.
    pub fn referencing(&self, table: &QName) -> Vec<(&Table, &Constraint)> {
        let mut found = Vec::new();
        for other in self.tables() {
            let pointing = other.foreign_keys().filter(|(_, key)| key.table == *table);
            found.extend(pointing.map(|(constraint, _)| (other, constraint)));
        }
        found
    }

    /// Takes over everything from another database whose place is still free here, and says what it was. For sources
    /// that describe several databases and are judged as one.
    pub fn absorb(&mut self, other: &Schema) -> Vec<Path> {
        let mut taken = Vec::new();
        for (path, object) in &other.objects {
            let name = path.qname();
            let relation = other.relations.get(&name) == Some(path);
            if self.objects.contains_key(path) || (relation && self.relations.contains_key(&name)) {
                continue;
            }
            self.objects.insert_mut(path.clone(), object.clone());
            self.note_facts(path, object);
            taken.push(path.clone());
        }
        let is_taken = |path: &Path| {
            let owner = |kind| Path { kind, part: Name::default(), ..path.clone() };
            let owners = [Kind::Table, Kind::View, Kind::MaterializedView];
            match path.kind.is_part() {
                true => owners.into_iter().any(|kind| taken.binary_search(&owner(kind)).is_ok()),
                false => taken.binary_search(path).is_ok(),
            }
        };
        for (name, path) in other.relations.iter().filter(|(_, path)| is_taken(path)) {
            if !self.relations.contains_key(name) {
                self.relations.insert_mut(name.clone(), path.clone());
            }
        }
        for (path, comment) in other.comments.iter().filter(|(path, _)| is_taken(path)) {
            self.comments.insert_mut(path.clone(), comment.clone());
        }
        for (path, owner) in other.owners.iter().filter(|(path, _)| is_taken(path)) {
            self.owners.insert_mut(path.clone(), owner.clone());
        }
        for (path, grants) in other.grants.iter().filter(|(path, _)| is_taken(path)) {
            self.grants.insert_mut(path.clone(), grants.clone());
        }
        taken
    }

    /// No user's object at all.
    pub fn is_empty(&self) -> bool {
        self.objects.size() <= 1
    }
}
