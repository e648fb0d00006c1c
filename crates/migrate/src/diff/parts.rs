//! Tables: what is different about them, their columns, constraints, indexes, triggers, rules and policies.

pub(super) mod column;
mod constraint;

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{Index, IndexKey, NotNull, Object, Options, Policy, Rule, Table, Trigger};
use model::step::How;
use model::{Change, Kind, Name, Path, QName};

use super::Act;
use super::alter::Pair;
use super::compare::Difference;

pub(super) fn table(pair: Pair<'_>, path: &Path, now: &Table, wanted: &Table, found: &mut Vec<Difference>) {
    let name = &wanted.name;
    if now.partition_by != wanted.partition_by || now.foreign.is_some() != wanted.foreign.is_some() {
        // Rows would have to move: a plan can do that, one statement cannot.
        found.push(Difference { path: path.clone(), acts: Vec::new() });
    }
    descent(pair, path, now, wanted, found);
    column::columns(pair, now, wanted, found);
    constraint::constraints(now, wanted, found);
    indexes(name, &now.indexes, &wanted.indexes, found);
    triggers(name, &now.triggers, &wanted.triggers, found);
    rules(name, &now.rules, &wanted.rules, found);
    policies(name, &now.policies, &wanted.policies, found);
    let aspects = aspects(now, wanted);
    if !aspects.is_empty() {
        found.push(Difference::new(path, aspects.into_iter().map(|aspect| Change::alter(path.clone(), aspect))));
    }
}

/// Parents of all kinds.
fn descent(pair: Pair<'_>, path: &Path, now: &Table, wanted: &Table, found: &mut Vec<Difference>) {
    let name = &wanted.name;
    let mut changes = Vec::new();
    if now.partition_of != wanted.partition_of {
        if let Some(of) = &now.partition_of {
            let aspect = Aspect::DetachPartition { partition: name.clone() };
            let detach = Act::new(Change::alter(Path::table(&of.parent), aspect));
            let acts = std::iter::once(detach).chain(forgotten(pair, now, &of.parent)).collect();
            found.push(Difference { path: path.clone(), acts });
        }
        if let Some(of) = &wanted.partition_of {
            let aspect = Aspect::AttachPartition { partition: name.clone(), bound: of.bound.clone() };
            changes.push(Change::alter(Path::table(&of.parent), aspect));
        }
    }
    let left = now.inherits.iter().filter(|parent| !wanted.inherits.contains(parent));
    changes.extend(left.map(|parent| Change::alter(path.clone(), Aspect::NoInheritFrom(parent.clone()))));
    let joined = wanted.inherits.iter().filter(|parent| !now.inherits.contains(parent));
    changes.extend(joined.map(|parent| Change::alter(path.clone(), Aspect::Inherit(parent.clone()))));
    if !changes.is_empty() {
        found.push(Difference::new(path, changes));
    }
}

/// Version 14 takes a foreign key that leads to the partitioned table itself away with the partition. What is to have it
/// gets it anew.
fn forgotten(pair: Pair<'_>, partition: &Table, parent: &QName) -> Vec<Act> {
    if pair.version.0 > 14 {
        return Vec::new();
    }
    let own = partition.foreign_keys().filter(|(constraint, key)| constraint.inherited && key.table == *parent);
    let drop = |name: &Name| Act {
        change: Change::drop(Path::constraint(&partition.name, name.clone())),
        how: How { if_exists: true, ..How::default() },
    };
    own.map(|(constraint, _)| drop(&constraint.name)).collect()
}

/// Whether the table gets a parent that it does not have yet: it needs the parent's columns and checks before that.
fn joins(now: &Table, wanted: &Table) -> bool {
    let parents = |table: &Table| {
        let whole = table.partition_of.iter().map(|of| of.parent.clone());
        whole.chain(table.inherits.iter().cloned()).collect::<BTreeSet<QName>>()
    };
    !parents(wanted).is_subset(&parents(now)) || wanted.of_type.is_some() && now.of_type.is_none()
}

/// NOT NULL with its name only where somebody chose it: that does not follow the column or domain.
pub(super) fn chosen(not_null: Option<&NotNull>) -> Option<NotNull> {
    let mut own = not_null.cloned()?;
    own.name = own.name.take().filter(|name| !is_made_up(name));
    Some(own)
}

/// A name such as the database chooses: `orders_id_not_null`, also when the column has another name by now.
fn is_made_up(name: &Name) -> bool {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit()).ends_with("_not_null")
}

/// Whether the table leaves a parent that it has, be it to come back with other bounds.
fn leaves(now: &Table, wanted: &Table) -> bool {
    let partition = now.partition_of.is_some() && now.partition_of != wanted.partition_of;
    partition || now.inherits.iter().any(|parent| !wanted.inherits.contains(parent))
}

fn aspects(now: &Table, wanted: &Table) -> Vec<Aspect> {
    let mut aspects = Vec::new();
    if now.of_type != wanted.of_type {
        // Of another type it may have other columns, which are its own in between.
        let of = if now.of_type.is_some() { None } else { wanted.of_type.clone() };
        aspects.push(Aspect::OfType(of));
    }
    if now.persistence != wanted.persistence {
        aspects.push(Aspect::Persistence(wanted.persistence));
    }
    let of_foreign = |table: &Table| table.foreign.as_ref().map(|foreign| foreign.options.clone()).unwrap_or_default();
    let options = match wanted.foreign {
        Some(_) => self::options(&of_foreign(now), &of_foreign(wanted)),
        None => self::options(&now.options, &wanted.options),
    };
    if !options.is_empty() {
        aspects.push(Aspect::Options(options));
    }
    if let Some(tablespace) = wanted.tablespace.as_ref().filter(|_| now.tablespace != wanted.tablespace) {
        aspects.push(Aspect::Tablespace(tablespace.clone()));
    }
    if let Some(method) = wanted.access_method.as_ref().filter(|_| now.access_method != wanted.access_method) {
        aspects.push(Aspect::AccessMethod(method.clone()));
    }
    if now.row_security != wanted.row_security {
        aspects.push(Aspect::RowSecurity(wanted.row_security));
    }
    if now.replica_identity != wanted.replica_identity {
        aspects.push(Aspect::ReplicaIdentity(wanted.replica_identity.clone()));
    }
    aspects
}

/// What is to be set, and what to be reset.
pub(super) fn options(now: &Options, wanted: &Options) -> Vec<(Name, Option<Name>)> {
    let lost = now.keys().filter(|name| !wanted.contains_key(*name)).map(|name| (name.clone(), None));
    let set = wanted.iter().filter(|(name, value)| now.get(*name) != Some(value));
    lost.chain(set.map(|(name, value)| (name.clone(), Some(value.clone())))).collect()
}

/// Pairs things by name, then those that are left and the same but for their name.
struct Matched<'a, T> {
    both: Vec<(&'a T, &'a T)>,
    renamed: Vec<(&'a T, &'a T)>,
    gone: Vec<&'a T>,
    come: Vec<&'a T>,
}

fn matched<'a, T>(
    now: &'a [T],
    wanted: &'a [T],
    name: fn(&T) -> &Name,
    same: &dyn Fn(&T, &T) -> bool,
) -> Matched<'a, T> {
    let mut found = Matched { both: Vec::new(), renamed: Vec::new(), gone: Vec::new(), come: Vec::new() };
    found.come = wanted.iter().filter(|new| now.iter().all(|old| name(old) != name(new))).collect();
    for old in now {
        if let Some(new) = wanted.iter().find(|new| name(new) == name(old)) {
            found.both.push((old, new));
        } else if let Some(at) = found.come.iter().position(|new| same(old, new)) {
            found.renamed.push((old, found.come.remove(at)));
        } else {
            found.gone.push(old);
        }
    }
    found
}

pub(super) fn indexes(owner: &QName, now: &[Index], wanted: &[Index], found: &mut Vec<Difference>) {
    // A part of an index that is renamed, or dropped and made again, has another parent by name.
    let same = |old: &Index, new: &Index| {
        let attached = old.attached_to.is_some() == new.attached_to.is_some();
        let as_old = Index {
            name: old.name.clone(),
            attached_to: old.attached_to.clone(),
            keys: old.keys.clone(),
            ..new.clone()
        };
        attached && as_old == *old && plain_keys(&old.keys) == plain_keys(&new.keys)
    };
    let path = |index: &Index| Path::index(owner, index.name.clone());
    // A new index of the parent takes an equal one of the partition as its part. Where both are wanted, what was taken
    // goes on as the part, and the other one is made again beside it.
    for old in now.iter().filter(|old| old.attached_to.is_some()) {
        let alone = wanted.iter().any(|new| new.name == old.name && new.attached_to.is_none());
        let part = |new: &&Index| {
            new.attached_to == old.attached_to
                && comparable(old) == comparable(new)
                && now.iter().all(|own| own.name != new.name)
        };
        if let Some(new) = wanted.iter().find(part).filter(|_| alone) {
            found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
        }
    }
    let pairs = matched(now, wanted, |index| &index.name, &same);
    let is_part = |index: &Index| index.inherited || index.attached_to.is_some();
    for (old, new) in pairs.renamed {
        found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
    }
    // What partitions have from their parent goes and comes with it.
    for old in pairs.gone.into_iter().filter(|index| !is_part(index)) {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    for new in pairs.come.into_iter().filter(|index| !index.inherited) {
        let object = Object::Index(Box::new(Index { attached_to: None, ..new.clone() }));
        let create = Change::Create { path: path(new), object };
        found.push(Difference::new(&path(new), [create].into_iter().chain(attach(new, owner))));
    }
    for (old, new) in pairs.both.into_iter().filter(|(old, new)| old != new) {
        index(&path(new), owner, old, new, found);
    }
    let cluster = |indexes: &[Index]| indexes.iter().find(|index| index.clustered).map(|index| index.name.clone());
    if cluster(now) != cluster(wanted) {
        let table = Path::table(owner);
        found.push(Difference::new(&table, [Change::alter(table.clone(), Aspect::ClusterOn(cluster(wanted)))]));
    }
}

fn attach(index: &Index, owner: &QName) -> Option<Change> {
    let parent = index.attached_to.clone().filter(|_| !index.inherited)?;
    let name = QName::new(owner.schema.clone(), index.name.clone());
    let path = Path::index(&QName::new(parent.schema.clone(), ""), parent.name.clone());
    Some(Change::alter(path, Aspect::AttachIndex(name)))
}

/// The keys without the schemas of their operator classes: a source that does not know the class leaves the schema out.
pub(super) fn plain_keys<'a>(keys: impl IntoIterator<Item = &'a IndexKey>) -> Vec<IndexKey> {
    let plain = |key: &IndexKey| IndexKey {
        opclass: key.opclass.as_ref().map(|class| QName::new("", class.name.clone())),
        ..key.clone()
    };
    keys.into_iter().map(plain).collect()
}

/// What no ALTER changes.
fn comparable(index: &Index) -> Index {
    Index {
        name: Name::default(),
        options: Options::new(),
        tablespace: None,
        statistics: Vec::new(),
        clustered: false,
        attached_to: None,
        inherited: false,
        valid: true,
        keys: plain_keys(&index.keys),
        ..index.clone()
    }
}

fn index(path: &Path, owner: &QName, old: &Index, new: &Index, found: &mut Vec<Difference>) {
    let finished = new.valid && !old.valid && !new.inherited;
    if comparable(old) != comparable(new) || finished && old.attached_to == new.attached_to {
        if !(old.inherited || old.attached_to.is_some()) {
            let object = Object::Index(Box::new(Index { attached_to: None, ..new.clone() }));
            let create = Change::Create { path: path.clone(), object };
            let changes = [Change::drop(path.clone()), create].into_iter().chain(attach(new, owner));
            found.push(Difference::new(path, changes));
        }
        return;
    }
    let mut aspects = Vec::new();
    let options = options(&old.options, &new.options);
    if !options.is_empty() {
        aspects.push(Aspect::Options(options));
    }
    if let Some(tablespace) = new.tablespace.as_ref().filter(|_| old.tablespace != new.tablespace) {
        aspects.push(Aspect::Tablespace(tablespace.clone()));
    }
    let keys: BTreeSet<u16> = old.statistics.iter().chain(&new.statistics).map(|(key, _)| *key).collect();
    for key in keys {
        let target = |index: &Index| index.statistics.iter().find(|(own, _)| *own == key).map(|(_, target)| *target);
        if target(old) != target(new) {
            aspects.push(Aspect::KeyStatistics { key, target: target(new) });
        }
    }
    let mut changes: Vec<Change> = aspects.into_iter().map(|aspect| Change::alter(path.clone(), aspect)).collect();
    if old.attached_to.is_none() {
        changes.extend(attach(new, owner));
    }
    if !changes.is_empty() {
        found.push(Difference::new(path, changes));
    }
}

pub(super) fn triggers(owner: &QName, now: &[Trigger], wanted: &[Trigger], found: &mut Vec<Difference>) {
    let same =
        |old: &Trigger, new: &Trigger| Trigger { name: old.name.clone(), ..new.clone() } == *old && !old.inherited;
    let pairs = matched(now, wanted, |trigger| &trigger.name, &same);
    let path = |trigger: &Trigger| Path::part(Kind::Trigger, owner, trigger.name.clone());
    for (old, new) in pairs.renamed {
        found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
    }
    for old in pairs.gone.into_iter().filter(|trigger| !trigger.inherited) {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    let create = |new: &Trigger| Change::Create { path: path(new), object: Object::Trigger(Box::new(new.clone())) };
    for new in pairs.come.into_iter().filter(|trigger| !trigger.inherited) {
        found.push(Difference::new(&path(new), [create(new)]));
    }
    for (old, new) in pairs.both.into_iter().filter(|(old, new)| old != new) {
        let enabled_alone = Trigger { enabled: new.enabled, inherited: new.inherited, ..old.clone() } == *new;
        let changes = match enabled_alone {
            true if old.enabled == new.enabled => Vec::new(),
            true => vec![Change::alter(path(new), Aspect::Enabled(new.enabled))],
            false if old.inherited => Vec::new(),
            false => vec![Change::drop(path(old)), create(new)],
        };
        if !changes.is_empty() {
            found.push(Difference::new(&path(new), changes));
        }
    }
}

pub(super) fn rules(owner: &QName, now: &[Rule], wanted: &[Rule], found: &mut Vec<Difference>) {
    let same = |old: &Rule, new: &Rule| Rule { name: old.name.clone(), ..new.clone() } == *old;
    let pairs = matched(now, wanted, |rule| &rule.name, &same);
    let path = |rule: &Rule| Path::part(Kind::Rule, owner, rule.name.clone());
    for (old, new) in pairs.renamed {
        found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
    }
    for old in pairs.gone {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    let object = |new: &Rule| Object::Rule(Box::new(new.clone()));
    for new in pairs.come {
        found.push(Difference::new(&path(new), [Change::Create { path: path(new), object: object(new) }]));
    }
    for (old, new) in pairs.both.into_iter().filter(|(old, new)| old != new) {
        let change = match (Rule { enabled: new.enabled, ..old.clone() }) == *new {
            true => Change::alter(path(new), Aspect::Enabled(new.enabled)),
            false => Change::Replace { path: path(new), object: object(new) },
        };
        found.push(Difference::new(&path(new), [change]));
    }
}

fn policies(owner: &QName, now: &[Policy], wanted: &[Policy], found: &mut Vec<Difference>) {
    let same = |old: &Policy, new: &Policy| Policy { name: old.name.clone(), ..new.clone() } == *old;
    let pairs = matched(now, wanted, |policy| &policy.name, &same);
    let path = |policy: &Policy| Path::part(Kind::Policy, owner, policy.name.clone());
    for (old, new) in pairs.renamed {
        found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
    }
    for old in pairs.gone {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    let create = |new: &Policy| Change::Create { path: path(new), object: Object::Policy(Box::new(new.clone())) };
    for new in pairs.come {
        found.push(Difference::new(&path(new), [create(new)]));
    }
    for (old, new) in pairs.both.into_iter().filter(|(old, new)| old != new) {
        // ALTER POLICY cannot take an expression away, nor change what the policy is for.
        let alters = old.command == new.command
            && old.permissive == new.permissive
            && (old.using.is_none() || new.using.is_some())
            && (old.check.is_none() || new.check.is_some());
        let changes = match alters {
            true => vec![Change::alter(path(new), Aspect::Policy(Box::new(new.clone())))],
            false => vec![Change::drop(path(old)), create(new)],
        };
        found.push(Difference::new(&path(new), changes));
    }
}
