//! The order in which a database accepts the acts: nothing before what it needs, nothing dropped while it is needed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use model::apply::references::references;
use model::change::Aspect;
use model::object::{Object, Persistence, Table};
use model::{Change, Kind, Path, QName, Schema};

use super::Act;
use super::ties::{Ties, foundations, owner};

/// The column in the tables that the table of this one inherits it from.
fn columns_above(schema: &Schema, column: &Path) -> Vec<Path> {
    let mut found: Vec<Path> = Vec::new();
    let mut open = if column.kind == Kind::Column { vec![column.clone()] } else { Vec::new() };
    while let Some(next) = open.pop() {
        let parents = schema.table(&next.qname()).map(parents).unwrap_or_default();
        for parent in parents.into_iter().filter(|parent| schema.column(parent, &next.part).is_some()) {
            let above = Path::column(&parent, next.part.clone());
            if !found.contains(&above) {
                open.push(above.clone());
                found.push(above);
            }
        }
    }
    found
}

/// An act in its place, and the places of those that it waits for.
pub(super) struct Placed {
    pub(super) act: Act,
    pub(super) needs: Vec<usize>,
}

/// A sequence that goes to a column belongs to the owner of its table before.
fn gives_away(change: &Change) -> bool {
    matches!(change, Change::Alter { aspect: Aspect::Sequence(sequence), .. } if sequence.owned_by.is_some())
}

fn sets_default(change: &Change) -> bool {
    matches!(change, Change::Alter { aspect: Aspect::Default(Some(_)), .. })
}

fn loses_default(change: &Change) -> bool {
    matches!(change, Change::Alter { aspect: Aspect::Default(None), .. })
}

/// Whether everything is there that a new thing names: not all of it is asked for when it is made in the model.
pub(super) fn can_stand(now: &Schema, after: &Schema, act: &Act) -> bool {
    let Change::Create { path, object } = &act.change else { return true };
    let named = references(after, path, object);
    named.iter().all(|target| now.contains(target) || target.qname() == path.qname() || !after.contains(target))
}

/// The acts in order. Where they need each other in a circle, the first by kind goes first: applying them shows
/// whether that was right.
pub(super) fn ordered(now: &Schema, after: &Schema, acts: Vec<Act>) -> Vec<Placed> {
    let graph = Graph::of(now, after, &acts);
    let keys: Vec<Key> = acts.iter().enumerate().map(|(at, act)| key(after, act, at)).collect();
    let mut order = Vec::with_capacity(acts.len());
    let mut waits: Vec<usize> = graph.before.iter().map(BTreeSet::len).collect();
    let mut done = vec![false; acts.len()];
    let mut heap: BinaryHeap<Reverse<(Key, usize)>> = BinaryHeap::new();
    for at in (0..acts.len()).filter(|at| waits[*at] == 0) {
        heap.push(Reverse((keys[at].clone(), at)));
    }
    while order.len() < acts.len() {
        let next = match heap.pop() {
            Some(Reverse((_, at))) => at,
            None => (0..acts.len()).filter(|at| !done[*at]).min_by_key(|at| &keys[*at]).expect("some act is left"),
        };
        if std::mem::replace(&mut done[next], true) {
            continue;
        }
        order.push(next);
        for &later in &graph.after[next] {
            waits[later] = waits[later].saturating_sub(1);
            if waits[later] == 0 && !done[later] {
                heap.push(Reverse((keys[later].clone(), later)));
            }
        }
    }
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(position, at)| place[*at] = position);
    let mut acts: Vec<Option<Act>> = acts.into_iter().map(Some).collect();
    let needs = |at: usize| graph.before[at].iter().map(|before| place[*before]).collect();
    order.iter().filter_map(|at| Some(Placed { act: acts[*at].take()?, needs: needs(*at) })).collect()
}

/// By class, then table by table, then as they were found.
type Key = (u8, QName, u8, usize);

fn key(after: &Schema, act: &Act, at: usize) -> Key {
    let path = act.change.path();
    let is_drop = matches!(act.change, Change::Drop { .. });
    let class = match (path.kind, is_drop) {
        (Kind::EventTrigger | Kind::DefaultPrivileges, true) => 0,
        (Kind::Namespace | Kind::Extension | Kind::Role | Kind::Language, false) => 1,
        (
            Kind::View
            | Kind::MaterializedView
            | Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Trigger
            | Kind::Policy
            | Kind::Rule
            | Kind::Constraint
            | Kind::Index
            | Kind::Statistics
            | Kind::Publication,
            true,
        ) => 2,
        (Kind::Column | Kind::Table | Kind::Sequence, true) => 8,
        (Kind::Namespace | Kind::Extension | Kind::Role, true) => 10,
        (_, true) => 9,
        (Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType | Kind::Collation, false) => 3,
        (Kind::Sequence, false) => 4,
        (
            Kind::Table | Kind::Column | Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Rule | Kind::Policy,
            false,
        ) => 5,
        (Kind::Function | Kind::Procedure | Kind::Aggregate, false) => 6,
        (Kind::View | Kind::MaterializedView, false) => 7,
        (Kind::EventTrigger, false) => 12,
        (Kind::Publication | Kind::DefaultPrivileges, false) => 11,
        _ => 7,
    };
    // Parts of views come with their view.
    let class = if class == 5 && after.view(&path.qname()).is_some() { 7 } else { class };
    let part = match path.kind {
        _ if is_said(&act.change) => 9,
        Kind::Table | Kind::View | Kind::MaterializedView => 0,
        Kind::Column => 1,
        Kind::Constraint => 2,
        Kind::Index => 3,
        _ => 4,
    };
    (class, path.qname(), part, at)
}

#[derive(Debug)]
struct Graph {
    before: Vec<BTreeSet<usize>>,
    after: Vec<BTreeSet<usize>>,
}

/// Where the acts are, by what they are about.
#[derive(Default)]
struct Acts<'a> {
    by_path: BTreeMap<&'a Path, Vec<usize>>,
    /// Acts on parts, by the name of the table or view.
    by_owner: BTreeMap<QName, Vec<usize>>,
}

impl Graph {
    fn of(now: &Schema, after: &Schema, acts: &[Act]) -> Graph {
        let mut graph = Graph { before: vec![BTreeSet::new(); acts.len()], after: vec![BTreeSet::new(); acts.len()] };
        let mut index = Acts::default();
        for (at, act) in acts.iter().enumerate() {
            let path = act.change.path();
            index.by_path.entry(path).or_default().push(at);
            if path.kind.is_part() {
                index.by_owner.entry(path.qname()).or_default().push(at);
            }
        }
        for same in index.by_path.values() {
            let mut same = same.clone();
            let (goes, comes) =
                (same.iter().any(|at| is_drop(&acts[*at].change)), same.iter().any(|at| is_create(&acts[*at].change)));
            match (goes, comes) {
                // What is new comes before what is said of it, also by others: a table that becomes its partition.
                (false, _) => same.sort_by_key(|at| (!is_create(&acts[*at].change), gives_away(&acts[*at].change))),
                // What goes is let go of before: a partition is detached.
                (true, false) => same.sort_by_key(|at| is_drop(&acts[*at].change)),
                (true, true) => {}
            }
            same.windows(2).for_each(|pair| graph.edge(pair[0], pair[1]));
        }
        let (old, new) = (Ties::of(now), Ties::of(after));
        for (at, act) in acts.iter().enumerate() {
            match &act.change {
                Change::Drop { path, .. } => graph.drop(at, path, acts, &index, now, &old),
                change => {
                    if needs(change) {
                        graph.need(at, change, acts, &index, after, &new);
                    }
                    // What is made anew let go when it was dropped.
                    let gone = |other: usize| {
                        is_drop(&acts[other].change) || sets_default(change) && loses_default(&acts[other].change)
                    };
                    let anew = index.about(change.path()).any(gone);
                    if lets_go(change) && !anew {
                        graph.release(at, change.path(), acts, &index, now, &old);
                    }
                    graph.names(at, change, acts, &index, now);
                }
            }
            graph.special(at, act, acts, &index, now, after);
            graph.bounds(at, act, acts, &index, now);
        }
        graph
    }

    fn edge(&mut self, first: usize, second: usize) {
        if first != second && !self.before[first].contains(&second) {
            self.before[second].insert(first);
            self.after[first].insert(second);
        }
    }

    /// A holder goes before what it names is dropped or changed.
    fn drop(&mut self, at: usize, path: &Path, acts: &[Act], index: &Acts<'_>, now: &Schema, ties: &Ties) {
        for holder in with_parts(now, path) {
            // That a sequence belongs to a column does not hold the column back.
            for target in ties.from(&holder).filter(|_| path.kind != Kind::Sequence) {
                let changed = |other: &usize| !is_create(&acts[*other].change) && !is_detach(&acts[*other].change);
                for other in index.about(target).filter(changed) {
                    self.edge(at, other);
                }
                for other in index.owner_of(now, target).filter(|other| is_drop(&acts[*other].change)) {
                    self.edge(at, other);
                }
                for other in made_above(now, target, acts, index) {
                    self.edge(at, other);
                }
            }
        }
        if !path.kind.is_part() {
            // What is still said of its parts is said before it goes, unless it is said of the new one.
            let anew = index.about(path).any(|other| is_create(&acts[other].change));
            let of_old = |other: &usize| !anew || is_drop(&acts[*other].change);
            index.inside(path).filter(of_old).for_each(|other| self.edge(other, at));
        }
    }

    /// A change that lets go of something comes before that is dropped.
    fn release(&mut self, at: usize, path: &Path, acts: &[Act], index: &Acts<'_>, now: &Schema, ties: &Ties) {
        for target in ties.from(path) {
            let about = index.about(target).chain(index.owner_of(now, target));
            for other in about.filter(|other| is_drop(&acts[*other].change)) {
                self.edge(at, other);
            }
        }
    }

    /// What a new or changed thing names is there before it.
    fn need(&mut self, at: usize, change: &Change, acts: &[Act], index: &Acts<'_>, after: &Schema, ties: &Ties) {
        let path = change.path();
        let holders = match change {
            Change::Create { object: Object::Table(table), .. } => with_own_parts(path, table),
            // It is made before the column that draws from it, and given to that afterwards.
            Change::Create { object: Object::Sequence(sequence), .. } if sequence.owned_by.is_none() => Vec::new(),
            _ => vec![path.clone()],
        };
        // What stands in the thing itself comes with it.
        let elsewhere = |target: &&Path| path.kind.is_part() || target.qname() != path.qname();
        for target in holders.iter().flat_map(|holder| ties.from(holder)).filter(elsewhere) {
            made_above(after, target, acts, index).for_each(|other| self.edge(other, at));
            let relation = matches!(target.kind, Kind::Table | Kind::Sequence);
            for other in index.about(target) {
                let change = &acts[other].change;
                if !is_drop(change) && !is_unproven(change) && !is_said(change) && (is_create(change) || !relation) {
                    self.edge(other, at);
                }
            }
            for other in index.owner_of(after, target).filter(|other| is_create(&acts[*other].change)) {
                self.edge(other, at);
            }
        }
        for other in index.owner_of(after, path).filter(|other| is_create(&acts[*other].change)) {
            self.edge(other, at);
        }
        let namespace = Path::global(Kind::Namespace, path.schema.clone());
        for other in index.about(&namespace).filter(|other| is_create(&acts[*other].change)) {
            self.edge(other, at);
        }
    }

    /// A name is free again before it is taken.
    fn names(&mut self, at: usize, change: &Change, acts: &[Act], index: &Acts<'_>, now: &Schema) {
        let Change::Create { path, object } = change else { return };
        let schema = &path.schema;
        let mut names = match object {
            Object::Table(table) => {
                let keys = table.constraints.iter().filter(|own| own.has_index()).map(|own| own.name.clone());
                keys.chain([path.name.clone()]).collect()
            }
            Object::Constraint(one) if one.has_index() => vec![one.name.clone()],
            Object::Index(one) => vec![one.name.clone()],
            _ => vec![path.name.clone()],
        };
        names.retain(|name| !name.is_empty());
        for name in names.into_iter().map(|name| QName::new(schema.clone(), name)) {
            let relation = now.relation(&name).cloned();
            let ty = now.type_path(&name);
            for holder in relation.into_iter().chain(ty) {
                let frees = |other: &usize| matches!(acts[*other].change, Change::Drop { .. } | Change::Rename { .. });
                for other in index.about(&holder).chain(index.owner_of(now, &holder)).filter(frees) {
                    self.edge(other, at);
                }
            }
        }
        if path.kind.has_signature() {
            // Whoever calls it by name means one of them.
            for old in now.overloads(&path.qname()) {
                for other in index.about(old).filter(|other| is_drop(&acts[*other].change)) {
                    self.edge(other, at);
                }
            }
        }
        for kind in [Kind::Function, Kind::Procedure, Kind::Aggregate].into_iter().filter(|_| path.kind.has_signature())
        {
            let other = Path { kind, ..path.clone() };
            for other in index.about(&other).filter(|other| is_drop(&acts[*other].change)) {
                self.edge(other, at);
            }
        }
    }

    /// What no name in the model ties together.
    fn special(&mut self, at: usize, act: &Act, acts: &[Act], index: &Acts<'_>, now: &Schema, after: &Schema) {
        let path = act.change.path();
        match &act.change {
            Change::Create { object: Object::Table(table), .. } => {
                for parent in parents(table) {
                    // Rules and policies are the parent's alone, and may name its children.
                    let comes_down = |other: &usize| {
                        let change = &acts[*other].change;
                        !is_said(change) && !matches!(change.path().kind, Kind::Rule | Kind::Policy)
                    };
                    for other in index.inside(&Path::table(&parent)).filter(comes_down) {
                        match is_unproven(&acts[other].change) {
                            true => self.edge(at, other),
                            false => self.edge(other, at),
                        }
                    }
                }
            }
            // A foreign key stands on the first key that fits: one that goes is gone before.
            Change::Create { object: Object::Constraint(constraint), .. } if constraint.as_foreign_key().is_some() => {
                let target = constraint.as_foreign_key().map(|key| Path::table(&key.table));
                for other in target.iter().flat_map(|target| index.inside(target)) {
                    let other_path = acts[other].change.path();
                    if is_drop(&acts[other].change) && matches!(other_path.kind, Kind::Constraint | Kind::Index) {
                        self.edge(other, at);
                    }
                }
            }
            // An index of the parent takes an equal one of the partition as its own.
            Change::Create { path, object: Object::Index(_) } => {
                let mut above = now.table(&path.qname()).or(after.table(&path.qname()));
                while let Some(of) = above.and_then(|table| table.partition_of.as_ref()) {
                    for other in index.inside(&Path::table(&of.parent)) {
                        if matches!(&acts[other].change, Change::Create { object: Object::Index(_), .. }) {
                            self.edge(other, at);
                        }
                    }
                    above = after.table(&of.parent);
                }
            }
            Change::Create { object: Object::Extension(_), .. } => {
                for (other, later) in acts.iter().enumerate() {
                    let early = matches!(later.change.path().kind, Kind::Namespace | Kind::Role | Kind::Extension);
                    if !early && !is_drop(&later.change) {
                        self.edge(at, other);
                    }
                }
            }
            // Known by their texts alone, which do not say what they stand on.
            Change::Create { path, .. } | Change::Drop { path, .. } if !foundations(path.kind).is_empty() => {
                for (other, below) in acts.iter().enumerate() {
                    let is_below = foundations(path.kind).contains(&below.change.path().kind);
                    match &below.change {
                        Change::Create { .. } if is_below && !is_drop(&act.change) => self.edge(other, at),
                        Change::Drop { .. } if is_below && is_drop(&act.change) => self.edge(at, other),
                        _ => {}
                    }
                }
            }
            Change::Drop { path, .. } if matches!(path.kind, Kind::Namespace | Kind::Extension) => {
                for (other, earlier) in acts.iter().enumerate() {
                    let inside = path.kind == Kind::Extension || earlier.change.path().schema == path.name;
                    let same = matches!(earlier.change.path().kind, Kind::Namespace | Kind::Extension);
                    if inside && !same {
                        self.edge(other, at);
                    }
                }
            }
            Change::Alter { aspect, .. } => match aspect {
                Aspect::AttachPartition { partition, .. } => {
                    self.after_all(at, &Path::table(partition), index);
                    self.after_all(at, path, index);
                }
                Aspect::Inherit(parent) => {
                    self.after_all(at, &Path::table(parent), index);
                    self.after_all(at, path, index);
                }
                Aspect::DetachPartition { partition } => {
                    self.before_all(at, &Path::table(partition), index);
                    self.before_all(at, path, index);
                }
                Aspect::NoInheritFrom(parent) => {
                    self.before_all(at, &Path::table(parent), index);
                    self.before_all(at, path, index);
                }
                Aspect::ReplicaIdentity(_) | Aspect::ClusterOn(_) | Aspect::OfType(Some(_)) => {
                    for other in index.inside(path).filter(|other| !is_drop(&acts[*other].change)) {
                        self.edge(other, at);
                    }
                }
                // Only what is logged can be published.
                Aspect::Persistence(persistence) => {
                    let published = |change: &Change| change.path().kind == Kind::Publication;
                    for (other, _) in acts.iter().enumerate().filter(|(_, act)| published(&act.change)) {
                        match persistence {
                            Persistence::Permanent => self.edge(at, other),
                            _ => self.edge(other, at),
                        }
                    }
                }
                // To revoke from a table takes the privileges on its columns along.
                Aspect::Revoke(_) if !path.kind.is_part() => {
                    for other in index.inside(path) {
                        if matches!(acts[other].change, Change::Alter { aspect: Aspect::Grant(_), .. }) {
                            self.edge(at, other);
                        }
                    }
                }
                // What an owner was granted on columns would go to the next one.
                Aspect::Owner(_) if !path.kind.is_part() => {
                    for other in index.inside(path) {
                        match &acts[other].change {
                            Change::Alter { aspect: Aspect::Revoke(_), .. } => self.edge(other, at),
                            Change::Alter { aspect: Aspect::Grant(_), .. } => self.edge(at, other),
                            _ => {}
                        }
                    }
                }
                // NOT NULL of a child cannot go while its parent's is there.
                Aspect::NotNull(None) => {
                    for other in columns_above(now, path).iter().flat_map(|above| index.about(above)) {
                        match &acts[other].change {
                            Change::Alter { aspect: Aspect::NotNull(Some(_)), .. } => self.edge(at, other),
                            Change::Alter { aspect: Aspect::NotNull(None), .. } => self.edge(other, at),
                            _ => {}
                        }
                    }
                }
                // A sequence has the owner of its table before it belongs to that.
                Aspect::Sequence(sequence) => {
                    let table = sequence.owned_by.iter().map(|(table, _)| Path::table(table));
                    let owners = table.chain([path.clone()]).flat_map(|path| index.about(&path));
                    for other in owners {
                        if matches!(acts[other].change, Change::Alter { aspect: Aspect::Owner(_), .. }) {
                            self.edge(other, at);
                        }
                    }
                }
                // Nobody is locked out in between: policies are there before they are needed.
                Aspect::RowSecurity(security) => {
                    let policies = index.inside(path).filter(|other| acts[*other].change.path().kind == Kind::Policy);
                    for other in policies {
                        match security.enabled {
                            true => self.edge(other, at),
                            false => self.edge(at, other),
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// A partition comes when those that may have held its rows are gone: no two may overlap.
    fn bounds(&mut self, at: usize, act: &Act, acts: &[Act], index: &Acts<'_>, now: &Schema) {
        let parent = match &act.change {
            Change::Create { object: Object::Table(table), .. } => {
                table.partition_of.as_ref().map(|of| &of.parent).cloned()
            }
            Change::Alter { path, aspect: Aspect::AttachPartition { .. } } => Some(path.qname()),
            _ => None,
        };
        let Some(parent) = parent else { return };
        for child in now.children(&parent) {
            let drops = index.about(&Path::table(child)).filter(|other| is_drop(&acts[*other].change));
            drops.for_each(|other| self.edge(other, at));
        }
        let detach = |other: &usize| is_detach(&acts[*other].change);
        index.about(&Path::table(&parent)).filter(detach).for_each(|other| self.edge(other, at));
    }

    fn after_all(&mut self, at: usize, table: &Path, index: &Acts<'_>) {
        for other in index.inside(table).chain(index.about(table)) {
            self.edge(other, at);
        }
    }

    fn before_all(&mut self, at: usize, table: &Path, index: &Acts<'_>) {
        for other in index.inside(table).chain(index.about(table)) {
            self.edge(at, other);
        }
    }
}

impl Acts<'_> {
    fn about(&self, path: &Path) -> impl Iterator<Item = usize> + use<> {
        self.by_path.get(path).cloned().unwrap_or_default().into_iter()
    }

    /// The acts on what the part stands in.
    fn owner_of(&self, schema: &Schema, path: &Path) -> impl Iterator<Item = usize> + use<> {
        owner(schema, path).map(|owner| self.about(&owner)).into_iter().flatten()
    }

    fn inside(&self, table: &Path) -> impl Iterator<Item = usize> + use<> {
        self.by_owner.get(&table.qname()).cloned().unwrap_or_default().into_iter()
    }
}

/// A column of a child comes and gets its type where its parent does.
fn made_above(schema: &Schema, column: &Path, acts: &[Act], index: &Acts<'_>) -> impl Iterator<Item = usize> {
    let makes = |other: &usize| {
        let change = &acts[*other].change;
        is_create(change) || matches!(change, Change::Alter { aspect: Aspect::Type { .. }, .. })
    };
    columns_above(schema, column).into_iter().flat_map(|above| index.about(&above)).filter(makes)
}

/// Whether a change may bring something that the thing names afterwards: to leave or to lose something is none.
fn needs(change: &Change) -> bool {
    let Change::Alter { aspect, .. } = change else { return true };
    !matches!(
        aspect,
        Aspect::NoInheritFrom(_)
            | Aspect::DetachPartition { .. }
            | Aspect::Comment(None)
            | Aspect::Default(None)
            | Aspect::Identity(None)
            | Aspect::Generated(None)
    )
}

/// Whether a change may take away something that the thing names: a new parent is none.
fn lets_go(change: &Change) -> bool {
    !matches!(change, Change::Alter { aspect: Aspect::Inherit(_) | Aspect::AttachPartition { .. }, .. })
}

/// What holds of new rows alone: a child that comes after it has none, and it would be valid there.
fn is_unproven(change: &Change) -> bool {
    match change {
        Change::Create { object: Object::Constraint(constraint), .. } => !constraint.valid,
        Change::Alter { aspect: Aspect::NotNull(Some(not_null)), .. } => not_null.not_valid,
        _ => false,
    }
}

/// What is said of a thing and changes nothing about it.
fn is_said(change: &Change) -> bool {
    matches!(
        change,
        Change::Alter { aspect: Aspect::Comment(_) | Aspect::Owner(_) | Aspect::Grant(_) | Aspect::Revoke(_), .. }
    )
}

fn is_drop(change: &Change) -> bool {
    matches!(change, Change::Drop { .. })
}

/// It takes nothing from the partitioned table that anybody names.
fn is_detach(change: &Change) -> bool {
    matches!(change, Change::Alter { aspect: Aspect::DetachPartition { .. }, .. })
}

fn is_create(change: &Change) -> bool {
    matches!(change, Change::Create { .. } | Change::Replace { .. })
}

fn parents(table: &Table) -> Vec<QName> {
    table.partition_of.iter().map(|of| of.parent.clone()).chain(table.inherits.iter().cloned()).collect()
}

/// The thing and, of a table or view that is there, its parts.
fn with_parts(schema: &Schema, path: &Path) -> Vec<Path> {
    match (schema.table(&path.qname()), path.kind) {
        (Some(table), Kind::Table) => with_own_parts(path, table),
        _ => vec![path.clone()],
    }
}

fn with_own_parts(path: &Path, table: &Table) -> Vec<Path> {
    let part = |kind| move |name: &model::Name| Path::part(kind, &path.qname(), name.clone());
    let mut parts = vec![path.clone()];
    parts.extend(table.columns.iter().map(|own| &own.name).map(part(Kind::Column)));
    parts.extend(table.constraints.iter().map(|own| &own.name).map(part(Kind::Constraint)));
    parts.extend(table.indexes.iter().map(|own| &own.name).map(part(Kind::Index)));
    parts.extend(table.triggers.iter().map(|own| &own.name).map(part(Kind::Trigger)));
    parts.extend(table.rules.iter().map(|own| &own.name).map(part(Kind::Rule)));
    parts.extend(table.policies.iter().map(|own| &own.name).map(part(Kind::Policy)));
    parts
}
