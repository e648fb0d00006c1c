//! What needs a thing, and whether it falls with it silently or only by CASCADE.

use std::collections::BTreeSet;

use super::create::same_constraint;
use super::references::{Ref, look, regclass};
use crate::name::{Name, QName};
use crate::object::{Constraint, ForeignKey, Object, Table};
use crate::path::{Kind, Path};
use crate::schema::Schema;

/// How tightly a dependent hangs on what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bond {
    /// It is a part, and falls without a word.
    Auto,
    /// It stands by itself: the drop is refused unless it says CASCADE.
    Normal,
}

/// What becomes of a dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fall {
    /// It is dropped.
    Whole,
    /// It loses what needs the dropped thing: a default, a domain's check, a publication's table, an attribute.
    Stripped,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dependent {
    pub(super) path: Path,
    pub(super) bond: Bond,
    pub(super) fall: Fall,
}

/// Things that go away together, ready to be asked about.
#[derive(Debug, Default)]
pub(super) struct Doomed {
    paths: BTreeSet<Path>,
    relations: BTreeSet<QName>,
    types: BTreeSet<QName>,
    routines: BTreeSet<QName>,
    /// Columns are named all the time and dropped seldom.
    has_columns: bool,
}

impl Doomed {
    pub(super) fn of(schema: &Schema, paths: BTreeSet<Path>) -> Doomed {
        let mut doomed = Doomed::default();
        for path in &paths {
            match path.kind {
                Kind::Table | Kind::View | Kind::MaterializedView | Kind::Composite => {
                    doomed.relations.insert(path.qname());
                    doomed.types.insert(path.qname());
                }
                Kind::Sequence => {
                    doomed.relations.insert(path.qname());
                }
                Kind::Index | Kind::Constraint => {
                    doomed.relations.insert(QName::new(path.schema.clone(), path.part.clone()));
                }
                Kind::Enum | Kind::Domain | Kind::Range | Kind::BaseType => {
                    doomed.types.insert(path.qname());
                    if let Some(Object::Range(range)) = schema.object(path) {
                        doomed.types.insert(range.multirange());
                    }
                }
                Kind::Function | Kind::Procedure | Kind::Aggregate => {
                    // References know no signature: only the last overload takes what calls it along.
                    let name = path.qname();
                    if schema.overloads(&name).all(|overload| paths.contains(overload)) {
                        doomed.routines.insert(name);
                    }
                }
                _ => {}
            }
        }
        doomed.has_columns = paths.iter().any(|path| path.kind == Kind::Column);
        doomed.paths = paths;
        doomed
    }

    /// The reference leads to something that goes away. `columns` are the holder's, when it is a view.
    pub(super) fn holds(&self, reference: &Ref<'_>, columns: &[Name]) -> bool {
        match reference {
            Ref::Relation(name) | Ref::Index(name) => self.relations.contains(*name),
            Ref::Column(..) | Ref::Star(_) if !self.has_columns => false,
            Ref::Column(table, column) => self.paths.contains(&Path::column(table, (*column).clone())),
            Ref::Guess(..) | Ref::Qualifier(..) | Ref::Role(_) => false,
            Ref::Star(sources) => sources.iter().any(|source| {
                columns.iter().any(|column| self.paths.contains(&Path::column(&source.table, column.clone())))
            }),
            Ref::Type(name) => self.types.contains(*name),
            Ref::Routine(name) => self.routines.contains(*name),
            Ref::Collation(name) => self.paths.contains(&Path::object(Kind::Collation, name)),
            Ref::Namespace(name) => self.paths.contains(&Path::global(Kind::Namespace, (*name).clone())),
            Ref::Server(name) => self.paths.contains(&Path::global(Kind::Server, (*name).clone())),
            Ref::Regclass(text) => regclass(text).is_some_and(|name| self.relations.contains(&name)),
            Ref::Path(path) => match path.kind {
                Kind::Table | Kind::View | Kind::MaterializedView | Kind::Sequence => {
                    self.relations.contains(&path.qname())
                }
                Kind::Function | Kind::Procedure | Kind::Aggregate => self.routines.contains(&path.qname()),
                Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => {
                    self.types.contains(&path.qname())
                }
                _ => self.paths.contains(path),
            },
        }
    }
}

/// Everything that needs one of these things directly, in order.
pub(super) fn dependents(schema: &Schema, paths: &BTreeSet<Path>) -> BTreeSet<Dependent> {
    let doomed = Doomed::of(schema, paths.clone());
    let mut found = BTreeSet::new();
    let named: Vec<&Path> = paths.iter().filter(|path| can_be_named(schema, path)).collect();
    let parts_of: Option<BTreeSet<QName>> =
        named.iter().map(|path| path.kind.is_part().then(|| path.qname())).collect();
    let objects = schema.objects().filter(|_| !named.is_empty());
    for (path, object) in objects {
        if paths.contains(path) || parts_of.as_ref().is_some_and(|owners| !may_speak_of(object, owners)) {
            continue;
        }
        let columns: &[Name] = if let Object::View(view) = object { &view.columns } else { &[] };
        look::object(path, object, &mut |holder, reference| {
            if doomed.holds(&reference, columns) {
                found.insert(dependent(&doomed, path, object, holder, &reference));
            }
        });
        if let Object::Table(table) = object {
            found.extend(foreign_keys_on_keys(schema, paths, table));
        }
    }
    for path in paths {
        found.extend(inherited_parts(schema, path));
        if path.kind == Kind::Namespace {
            let inside = schema.objects().filter(|(other, _)| other.schema == path.name);
            found.extend(inside.map(|(other, _)| whole(other.clone(), Bond::Normal)));
        }
    }
    found.retain(|dependent| !paths.contains(&dependent.path));
    found
}

/// Whether anything outside its table, or beside it there, can name the thing at all.
fn can_be_named(schema: &Schema, path: &Path) -> bool {
    let Some(table) = schema.table(&path.qname()).filter(|_| path.kind.is_part()) else { return true };
    match path.kind {
        Kind::Trigger | Kind::Rule | Kind::Policy => false,
        Kind::Constraint => table.constraint(&path.part).is_none_or(Constraint::has_index),
        // Foreign keys stand on unique ones; those of partitions belong to their parent's.
        Kind::Index => table.is_partitioned() || table.index(&path.part).is_none_or(|index| index.unique),
        _ => true,
    }
}

/// Whether the object can name a part of one of these tables: the expressions of an ordinary table see its own
/// columns only, and what sees more (a foreign key, a policy, a rule, a parent) is looked at closely.
fn may_speak_of(object: &Object, owners: &BTreeSet<QName>) -> bool {
    let Object::Table(table) = object else { return true };
    let has_queries = !table.policies.is_empty() || !table.rules.is_empty();
    let parents = table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits);
    let targets = table.foreign_keys().map(|(_, key)| &key.table);
    has_queries || std::iter::once(&table.name).chain(parents).chain(targets).any(|name| owners.contains(name))
}

fn whole(path: Path, bond: Bond) -> Dependent {
    Dependent { path, bond, fall: Fall::Whole }
}

/// What kind of tie a found reference is.
fn dependent(doomed: &Doomed, path: &Path, object: &Object, holder: &Path, reference: &Ref<'_>) -> Dependent {
    let own_column = matches!(reference, Ref::Column(table, _) if **table == path.qname())
        || matches!(reference, Ref::Path(other) if other.kind == Kind::Column && other.qname() == path.qname());
    let bond = match (object, holder.kind) {
        (Object::Table(_), Kind::Constraint | Kind::Index) if own_column => Bond::Auto,
        (Object::Table(_), Kind::Index) if matches!(reference, Ref::Index(_)) => Bond::Auto,
        (Object::Table(table), Kind::Table) => match (&table.partition_of, reference) {
            (Some(of), Ref::Relation(name)) if of.parent == **name => Bond::Auto,
            _ => Bond::Normal,
        },
        (Object::Statistics(_) | Object::Sequence(_) | Object::Publication(_), _) => Bond::Auto,
        _ => Bond::Normal,
    };
    let fall = match object {
        Object::Table(table) if holder.kind == Kind::Column => fall_of_column(doomed, table, &holder.part),
        Object::Domain(domain) => match domain.base.user_defined() {
            Some(base) if doomed.types.contains(base) => Fall::Whole,
            _ => Fall::Stripped,
        },
        Object::Composite(_) | Object::Publication(_) => Fall::Stripped,
        _ => Fall::Whole,
    };
    Dependent { path: holder.clone(), bond, fall }
}

/// A column falls with its type and with what its value is generated from; otherwise it is only its default.
fn fall_of_column(doomed: &Doomed, table: &Table, name: &str) -> Fall {
    let Some(column) = table.column(name) else { return Fall::Whole };
    let typed = column.ty.user_defined().is_some_and(|ty| doomed.types.contains(ty));
    if typed || column.generated.is_some() { Fall::Whole } else { Fall::Stripped }
}

/// Foreign keys stand on a key or unique index of the columns that they point at.
fn foreign_keys_on_keys(schema: &Schema, paths: &BTreeSet<Path>, table: &Table) -> Vec<Dependent> {
    let stands_on = |key: &ForeignKey| {
        let Some(target) = schema.table(&key.table) else { return false };
        let matches = |columns: &[&Name]| {
            columns.len() == key.targets.len() && key.targets.iter().all(|target| columns.contains(&target))
        };
        let constraints = target.constraints.iter().filter_map(|constraint| {
            let columns: Vec<&Name> = constraint.as_key()?.columns.iter().collect();
            matches(&columns).then(|| Path::constraint(&key.table, constraint.name.clone()))
        });
        let indexes = target.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
        let indexes = indexes.filter_map(|index| {
            let columns: Option<Vec<&Name>> = index.key_columns().into_iter().collect();
            matches(&columns?).then(|| Path::index(&key.table, index.name.clone()))
        });
        let mut keys = constraints.chain(indexes).peekable();
        keys.peek().is_some() && keys.all(|key| paths.contains(&key))
    };
    if !paths.iter().any(|path| matches!(path.kind, Kind::Constraint | Kind::Index)) {
        return Vec::new();
    }
    let standing = table.foreign_keys().filter(|(_, key)| stands_on(key));
    standing
        .map(|(constraint, _)| whole(Path::constraint(&table.name, constraint.name.clone()), Bond::Normal))
        .collect()
}

/// What partitions and children have only because their parent has it.
fn inherited_parts(schema: &Schema, path: &Path) -> Vec<Dependent> {
    let owner = path.qname();
    let children = schema.children(&owner).filter_map(|child| schema.table(child));
    let part = |child: &Table| -> Option<Path> {
        match path.kind {
            Kind::Column => {
                let column = child.column(&path.part).filter(|column| column.inherited)?;
                // Another parent may still have it.
                let kept = child.inherits.iter().filter(|other| **other != owner);
                let kept = kept.into_iter().any(|other| schema.column(other, &column.name).is_some());
                (!kept).then(|| Path::column(&child.name, column.name.clone()))
            }
            Kind::Constraint => {
                let parent = schema.table(&owner)?.constraint(&path.part)?;
                let own = child.constraints.iter().find(|own| is_part_of(own, parent))?;
                Some(Path::constraint(&child.name, own.name.clone()))
            }
            Kind::Trigger => {
                let mut inherited = child.triggers.iter().filter(|trigger| trigger.inherited);
                let trigger = inherited.find(|trigger| trigger.name == path.part)?;
                Some(Path::part(Kind::Trigger, &child.name, trigger.name.clone()))
            }
            _ => None,
        }
    };
    children.filter_map(part).map(|path| whole(path, Bond::Auto)).collect()
}

/// The child's constraint that came from this one of the parent.
pub(super) fn is_part_of(own: &Constraint, parent: &Constraint) -> bool {
    use crate::object::ConstraintKind::Check;
    let same_name = !matches!(parent.kind, Check(_)) || own.name == parent.name;
    own.inherited && same_name && same_constraint(own, parent)
}
