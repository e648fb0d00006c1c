//! What differs between two schemas, object by object, without an order.

use model::object::{Constraint, ConstraintKind, Domain, ForeignKey, Object, Publication, Statistics, Table, View};
use model::{Aspect, Change, Kind, Path, QName, Schema};

use super::{Act, Settings, alter, facts, parts};

/// One thing that differs, and what makes it alike. Without acts nothing does.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) path: Path,
    pub(super) acts: Vec<Act>,
}

impl Difference {
    pub(super) fn new(path: &Path, changes: impl IntoIterator<Item = Change>) -> Difference {
        Difference { path: path.clone(), acts: changes.into_iter().map(Act::new).collect() }
    }
}

/// Everything that differs, in the order of paths: what goes, what changes, what comes, and what is said of it.
pub(super) fn compare(now: &Schema, after: &Schema, settings: &Settings) -> Vec<Difference> {
    let mut found = Vec::new();
    for (path, object) in now.objects() {
        match after.object(path) {
            None if goes_with_another(object, after) || path.kind == Kind::Role => {}
            None => found.push(Difference::new(path, drop(now, path, object))),
            Some(wanted) if is_same(object, wanted) => {}
            Some(wanted) => {
                let pair = alter::Pair { now, after, version: settings.version, renames: &settings.renames };
                alter::object(pair, path, object, wanted, &mut found);
            }
        }
    }
    for (path, object) in after.objects().filter(|(path, _)| now.object(path).is_none()) {
        found.push(Difference::new(path, create(now, after, path, object)));
    }
    facts::compare(now, after, settings, &mut found);
    found
}

/// The members of a publication have no order, nor have the columns of statistics: the server keeps them in that of the
/// table (pg_statistic_ext.stxkeys).
fn is_same(now: &Object, wanted: &Object) -> bool {
    if let (Object::Statistics(one), Object::Statistics(other)) = (now, wanted) {
        let sorted = |own: &Statistics| {
            let mut own = own.clone();
            own.keys.sort_by_key(ToString::to_string);
            own
        };
        return sorted(one) == sorted(other);
    }
    if let (Object::Domain(one), Object::Domain(other)) = (now, wanted) {
        let plain = |own: &Domain| Domain { not_null: parts::chosen(own.not_null.as_ref()), ..own.clone() };
        return plain(one) == plain(other);
    }
    let (Object::Publication(one), Object::Publication(other)) = (now, wanted) else { return now == wanted };
    let sorted = |publication: &Publication| {
        let mut sorted = publication.clone();
        sorted.tables.sort_by(|one, other| one.table.cmp(&other.table));
        sorted.schemas.sort();
        sorted
    };
    sorted(one) == sorted(other)
}

/// A sequence falls with the column that owns it.
fn goes_with_another(object: &Object, after: &Schema) -> bool {
    match object {
        Object::Sequence(sequence) => {
            sequence.owned_by.as_ref().is_some_and(|(table, column)| after.column(table, column).is_none())
        }
        _ => false,
    }
}

/// Of tables that point at each other none can go before the other: their foreign keys go first.
fn drop(now: &Schema, path: &Path, object: &Object) -> Vec<Change> {
    let keys = match object {
        Object::Table(table) => {
            let circular =
                table.foreign_keys().filter(|(own, key)| !own.inherited && is_circular(now, key, &table.name));
            circular.map(|(own, _)| Change::drop(Path::constraint(&table.name, own.name.clone()))).collect()
        }
        _ => Vec::new(),
    };
    let detached = match object {
        Object::Table(table) => detached(now, table),
        _ => None,
    };
    keys.into_iter().chain(detached).chain([Change::drop(path.clone())]).collect()
}

/// A partition of a table that foreign keys lead to stands under those keys, until it is detached.
fn detached(now: &Schema, table: &Table) -> Option<Change> {
    let of = table.partition_of.as_ref()?;
    let mut above = Some(&of.parent);
    let mut is_target = false;
    while let Some(name) = above {
        is_target |= !now.referencing(name).is_empty();
        above = now.table(name).and_then(|table| table.partition_of.as_ref()).map(|of| &of.parent);
    }
    let aspect = Aspect::DetachPartition { partition: table.name.clone() };
    is_target.then(|| Change::alter(Path::table(&of.parent), aspect))
}

/// Whether foreign keys lead back from the other table.
fn is_circular(schema: &Schema, key: &ForeignKey, table: &QName) -> bool {
    key.table != *table && reaches(schema, &key.table, table)
}

/// The object and, one by one, those of its parts that may have to wait for something else.
pub(super) fn create(now: &Schema, after: &Schema, path: &Path, object: &Object) -> Vec<Change> {
    let whole = |object| Change::Create { path: path.clone(), object };
    match object {
        Object::Table(table) => create_table(after, path, table),
        Object::View(view) => create_view(path, view),
        Object::Sequence(sequence) => {
            let mut sequence = sequence.clone();
            // Its owner may draw its numbers from it, and comes after it. And a table of somebody's takes a sequence of the
            // same role alone, which it is only afterwards.
            sequence.owned_by = sequence.owned_by.filter(|(table, column)| {
                now.column(table, column).is_some() && now.owner(&Path::table(table)).is_none()
            });
            vec![whole(Object::Sequence(sequence))]
        }
        other => vec![whole(other.clone())],
    }
}

fn create_table(after: &Schema, path: &Path, table: &Table) -> Vec<Change> {
    let mut bare = table.clone();
    let name = &table.name;
    let part = |kind, part: &model::Name| Path::part(kind, name, part.clone());
    let mut inside = Vec::new();
    let circular = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => is_circular(after, key, name),
        _ => false,
    };
    for constraint in std::mem::take(&mut bare.constraints).into_iter().filter(|own| !own.inherited) {
        match circular(&constraint) {
            true => inside.push((part(Kind::Constraint, &constraint.name), Object::Constraint(Box::new(constraint)))),
            false => bare.constraints.push(constraint),
        }
    }
    let indexes = std::mem::take(&mut bare.indexes).into_iter();
    for index in indexes.filter(|index| !index.inherited && index.attached_to.is_none()) {
        inside.push((part(Kind::Index, &index.name), Object::Index(Box::new(index))));
    }
    for trigger in std::mem::take(&mut bare.triggers).into_iter().filter(|trigger| !trigger.inherited) {
        inside.push((part(Kind::Trigger, &trigger.name), Object::Trigger(Box::new(trigger))));
    }
    for rule in std::mem::take(&mut bare.rules) {
        inside.push((part(Kind::Rule, &rule.name), Object::Rule(Box::new(rule))));
    }
    for policy in std::mem::take(&mut bare.policies) {
        inside.push((part(Kind::Policy, &policy.name), Object::Policy(Box::new(policy))));
    }
    // They come from the parents; what is another with the child is the difference of the next round.
    match bare.partition_of {
        Some(_) => bare.columns.clear(),
        None => bare.columns.retain(|column| !column.inherited || bare.of_type.is_some()),
    }
    let later = parts::column::unsayable(&mut bare);
    let identity = std::mem::take(&mut bare.replica_identity);
    let whole = Change::Create { path: path.clone(), object: Object::Table(bare.into()) };
    let inside = inside.into_iter().map(|(path, object)| Change::Create { path, object });
    let identity = (identity != model::object::ReplicaIdentity::Default)
        .then(|| Change::alter(path.clone(), Aspect::ReplicaIdentity(identity)));
    std::iter::once(whole).chain(later).chain(inside).chain(identity).collect()
}

fn create_view(path: &Path, view: &View) -> Vec<Change> {
    let mut bare = view.clone();
    let part = |kind, part: &model::Name| Path::part(kind, &view.name, part.clone());
    let mut changes = Vec::new();
    for trigger in std::mem::take(&mut bare.triggers) {
        let path = part(Kind::Trigger, &trigger.name);
        changes.push(Change::Create { path, object: Object::Trigger(Box::new(trigger)) });
    }
    for rule in std::mem::take(&mut bare.rules) {
        let path = part(Kind::Rule, &rule.name);
        changes.push(Change::Create { path, object: Object::Rule(Box::new(rule)) });
    }
    for (column, default) in std::mem::take(&mut bare.defaults) {
        changes.push(Change::alter(path.clone(), Aspect::ViewDefault { column, default: Some(default) }));
    }
    changes.insert(0, Change::Create { path: path.clone(), object: Object::View(bare.into()) });
    changes
}

/// Whether foreign keys lead from one table to another.
fn reaches(schema: &Schema, from: &QName, to: &QName) -> bool {
    let mut seen = vec![from];
    let mut at = 0;
    while at < seen.len() {
        let Some(table) = schema.table(seen[at]) else { return false };
        for (_, key) in table.foreign_keys() {
            if key.table == *to {
                return true;
            }
            if !seen.contains(&&key.table) {
                seen.push(&key.table);
            }
        }
        at += 1;
    }
    false
}
