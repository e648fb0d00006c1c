//! Who names whom in a schema.

use std::collections::{BTreeMap, BTreeSet};

use model::apply::references;
use model::name::quoted;
use model::object::{Constraint, Object};
use model::{Kind, Path, QName, Schema};

/// The ties of a whole schema, both ways. Holders are objects and parts; so are targets.
#[derive(Debug, Default)]
pub(super) struct Ties {
    from: BTreeMap<Path, BTreeSet<Path>>,
    to: BTreeMap<Path, BTreeSet<Path>>,
}

impl Ties {
    pub(super) fn of(schema: &Schema) -> Ties {
        let mut ties = Ties::default();
        for (path, object) in schema.objects() {
            for (holder, target) in references::ties(schema, path, object) {
                ties.add(holder, target);
            }
            let names = options(object);
            if !names.is_empty() {
                for routine in schema.routines().filter(|routine| is_said(&names, &routine.name)) {
                    schema.overloads(&routine.name).for_each(|target| ties.add(path.clone(), target.clone()));
                }
                let below = foundations(path.kind).iter().flat_map(|kind| paths_of(schema, *kind));
                for target in below.filter(|target| is_said(&names, &target.qname())) {
                    ties.add(path.clone(), target.clone());
                }
            }
            if let Object::Table(table) = object {
                // A foreign key stands on a key of its target.
                for (constraint, key) in table.foreign_keys() {
                    let holder = Path::constraint(&table.name, constraint.name.clone());
                    let Some(target) = schema.table(&key.table) else { continue };
                    let same = |columns: &[&model::Name]| {
                        columns.len() == key.targets.len() && key.targets.iter().all(|name| columns.contains(&name))
                    };
                    for own in target.constraints.iter().filter(|own| is_key(own, &same)) {
                        ties.add(holder.clone(), Path::constraint(&target.name, own.name.clone()));
                    }
                    for index in target.indexes.iter().filter(|index| index.unique) {
                        let columns: Option<Vec<_>> = index.key_columns().into_iter().collect();
                        if columns.is_some_and(|columns| same(&columns)) {
                            ties.add(holder.clone(), Path::index(&target.name, index.name.clone()));
                        }
                    }
                }
            }
        }
        ties
    }

    fn add(&mut self, holder: Path, target: Path) {
        if holder != target {
            self.to.entry(target.clone()).or_default().insert(holder.clone());
            self.from.entry(holder).or_default().insert(target);
        }
    }

    /// What the holder names.
    pub(super) fn from(&self, holder: &Path) -> impl Iterator<Item = &Path> {
        self.from.get(holder).into_iter().flatten()
    }

    /// Who names the target.
    pub(super) fn to(&self, target: &Path) -> impl Iterator<Item = &Path> {
        self.to.get(target).into_iter().flatten()
    }
}

fn paths_of(schema: &Schema, kind: Kind) -> impl Iterator<Item = &Path> {
    schema.objects().map(|(path, _)| path).filter(move |path| path.kind == kind)
}

/// What a thing that is kept as text stands on.
pub(super) fn foundations(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::Server => &[Kind::ForeignDataWrapper],
        Kind::UserMapping => &[Kind::Server],
        Kind::TextSearchConfiguration => &[Kind::TextSearchDictionary, Kind::TextSearchParser],
        Kind::TextSearchDictionary => &[Kind::TextSearchTemplate],
        _ => &[],
    }
}

/// The functions of aggregates and ranges are options, by their names alone; so are those of operators, languages and
/// whatever else is known by its text.
fn options(object: &Object) -> Vec<String> {
    match object {
        Object::Aggregate(aggregate) => aggregate.options.iter().map(|(_, value)| value.to_string()).collect(),
        Object::Range(range) => range.options.values().map(ToString::to_string).collect(),
        Object::Named(named) => named.alters.iter().chain([&named.create]).map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// Whether one of the texts holds the name as a word of its own, with its schema or without.
fn is_said(texts: &[String], name: &QName) -> bool {
    let whole = format!("{}.{}", quoted(&name.schema), quoted(&name.name));
    let short = if name.schema.is_empty() { quoted(&name.name).into_owned() } else { name.to_string() };
    texts.iter().any(|text| holds(text, &whole) || holds(text, &short))
}

fn holds(text: &str, word: &str) -> bool {
    let is_inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '"' | '.');
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_inside) && !text[at + word.len()..].starts_with(is_inside))
}

fn is_key(constraint: &Constraint, same: &dyn Fn(&[&model::Name]) -> bool) -> bool {
    constraint.as_key().is_some_and(|key| same(&key.columns.iter().collect::<Vec<_>>()))
}

/// The table, view or other object that a path stands in, when it is a part.
pub(super) fn owner(schema: &Schema, path: &Path) -> Option<Path> {
    if !path.kind.is_part() {
        return None;
    }
    let name = path.qname();
    let kinds = [Kind::Table, Kind::View, Kind::MaterializedView, Kind::Composite, Kind::Domain];
    kinds.into_iter().map(|kind| Path::object(kind, &name)).find(|path| schema.object(path).is_some())
}
