//! Things that are dropped and made again: indexes and constraints beside their successor, all others in one moment.

use std::collections::BTreeSet;

use model::object::{Constraint, ConstraintKind, Index, Object};
use model::planned::Phase;
use model::step::How;
use model::{Aspect, Change, Kind, Path, QName, Schema};
use write::words;

use super::{DraftWork, Grace, Planner, names};
use crate::diff::Act;

impl Planner<'_> {
    pub(super) fn find_replaced(&mut self, acts: &[Act]) {
        let paths = |wanted: fn(&Change) -> bool| -> BTreeSet<Path> {
            acts.iter().filter(|act| wanted(&act.change)).map(|act| act.change.path().clone()).collect()
        };
        let dropped = paths(|change| matches!(change, Change::Drop { .. }));
        let created = paths(|change| matches!(change, Change::Create { .. }));
        self.replaced = dropped.intersection(&created).filter(|path| !self.consumed.contains(path)).cloned().collect();
        // A procedure and a function of one name and the same arguments cannot be there together.
        let routine = |path: &&Path| path.kind.has_signature();
        let alike =
            |one: &Path, other: &Path| one.kind != other.kind && (Path { kind: other.kind, ..one.clone() }) == *other;
        for gone in dropped.iter().filter(routine) {
            for come in created.iter().filter(routine).filter(|come| alike(gone, come)) {
                self.replaced.extend([gone.clone(), come.clone()]);
            }
        }
        let partitions = |wanted: fn(&Aspect) -> Option<&QName>| -> BTreeSet<QName> {
            let aspects = acts.iter().filter_map(|act| match &act.change {
                Change::Alter { aspect, .. } => wanted(aspect),
                _ => None,
            });
            aspects.cloned().collect()
        };
        let left = partitions(|aspect| match aspect {
            Aspect::DetachPartition { partition } => Some(partition),
            _ => None,
        });
        let joined = partitions(|aspect| match aspect {
            Aspect::AttachPartition { partition, .. } => Some(partition),
            _ => None,
        });
        self.find_taken_over(acts);
        self.rebound = left.intersection(&joined).cloned().collect();
        let given = acts.iter().filter(|act| matches!(act.change, Change::Alter { aspect: Aspect::Grant(_), .. }));
        self.given = given.map(|act| act.change.path().qname()).collect();
        let retyped = acts.iter().filter(|act| matches!(act.change, Change::Alter { aspect: Aspect::Type { .. }, .. }));
        self.retyped = retyped.map(|act| act.change.path().clone()).collect();
        let kept = |path: &&Path| match path.kind {
            Kind::Table => self.settings.grace != Grace::None,
            Kind::Column => self.settings.grace == Grace::Columns,
            _ => false,
        };
        self.keeps = dropped.iter().any(|path| kept(&path));
        for path in &self.replaced {
            self.ready.insert(path.clone(), (0, Phase::Switch));
        }
    }

    /// The path is that of a thing that is made anew, or of a part of one: what is said of it is lost with the old one.
    pub(super) fn is_of_replaced(&self, path: &Path) -> bool {
        let owners = [Kind::View, Kind::MaterializedView, Kind::Table];
        let of_owner = |kind: Kind| self.replaced.contains(&Path::object(kind, &path.qname()));
        let own = !path.kind.is_part() && self.replaced.contains(path);
        own || path.kind.is_part() && owners.into_iter().any(of_owner)
    }

    /// Unique indexes that go where a key of the same columns comes: the key takes them over, and nothing is built.
    fn find_taken_over(&mut self, acts: &[Act]) {
        let created = acts.iter().filter_map(|act| match &act.change {
            Change::Create { path, object: Object::Constraint(constraint) } => Some((path, constraint)),
            _ => None,
        });
        for (path, constraint) in created {
            let (ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) = &constraint.kind else { continue };
            let Some(name) = self.name_before(&path.qname()) else { continue };
            let Some(table) = self.before.table(&name).filter(|table| !table.is_partitioned()) else { continue };
            let wanted = super::fresh::index_of(constraint, key);
            let same = |index: &&Index| Index { name: wanted.name.clone(), ..(*index).clone() } == wanted;
            let goes = |index: &&Index| {
                let own = Path::index(&path.qname(), index.name.clone());
                acts.iter().any(|act| matches!(&act.change, Change::Drop { path, .. } if *path == own))
            };
            if let Some(index) = table.indexes.iter().filter(goes).find(same) {
                let own = Path::index(&path.qname(), index.name.clone());
                self.replaced.remove(&own);
                self.consumed.insert(own);
                self.taken_over.insert(path.clone(), index.name.clone());
            }
        }
    }

    pub(super) fn replace(&mut self, now: &Schema, act: &Act) {
        let path = act.change.path();
        let beside = self.is_used(&path.qname()) && self.goes_beside(path);
        match &act.change {
            Change::Drop { .. } if beside => {}
            Change::Create { object: Object::Index(index), .. } if beside => self.replace_index(path, index),
            Change::Create { object: Object::Constraint(constraint), .. } if beside => {
                self.replace_constraint(path, constraint);
            }
            Change::Create { .. } => {
                let title = format!("{} {path} in its new shape", path.kind.sql().to_lowercase());
                self.switch(title, vec![act.clone()]);
            }
            _ => self.switch(words::change(now, &act.change), vec![act.clone()]),
        }
    }

    /// Whether the new one can stand beside the old one: of an ordinary table, and not what foreign keys stand on.
    fn goes_beside(&self, path: &Path) -> bool {
        let table = path.qname();
        let (Some(now), Some(wanted)) =
            (self.name_before(&table).and_then(|name| self.before.table(&name)), self.after.table(&table))
        else {
            return false;
        };
        if now.is_partitioned() || wanted.partition_of.is_some() {
            return false;
        }
        match path.kind {
            Kind::Index => !self.is_referenced(path) && !self.stands_on_retyped(path),
            Kind::Constraint => wanted.constraint(&path.part).is_some_and(|own| match &own.kind {
                ConstraintKind::Exclude(_) => false,
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    !key.without_overlaps && !self.is_referenced(path)
                }
                _ => own.valid,
            }),
            _ => false,
        }
    }

    /// A column of the index changes its type where it is: only then there is what it takes.
    fn stands_on_retyped(&self, index: &Path) -> bool {
        let table = self.after.table(&index.qname());
        let own = table.and_then(|table| table.indexes.iter().find(|own| own.name == index.part));
        let columns = own.into_iter().flat_map(|own| own.keys.iter().flat_map(|key| key.expr.columns()));
        let mut columns = columns.map(|name| Path::column(&index.qname(), name.clone()));
        columns.any(|column| self.retyped.contains(&column))
    }

    fn is_referenced(&self, key: &Path) -> bool {
        let Some(table) = self.name_before(&key.qname()) else { return false };
        !self.before.referencing(&table).is_empty()
    }

    fn replace_index(&mut self, path: &Path, index: &Index) {
        let lent = names::new(&index.name);
        let twin = Path { part: lent.clone(), ..path.clone() };
        self.new_index(&twin, &Index { name: lent, ..index.clone() }, 0, Phase::Expand);
        let how = How { concurrently: true, ..How::default() };
        let title = format!("drop the old index {}", model::name::quoted(&index.name));
        self.draft(0, Phase::Constrain, title, DraftWork::Alone(Act { change: Change::drop(path.clone()), how }));
        let rename = Act::new(Change::Rename { path: twin, to: index.name.clone() });
        let title = format!("the new index is called {}", model::name::quoted(&index.name));
        self.together(0, Phase::Constrain, title, vec![rename]);
    }

    fn replace_constraint(&mut self, path: &Path, constraint: &Constraint) {
        let lent = names::new(&constraint.name);
        let twin = Path { part: lent.clone(), ..path.clone() };
        let title = format!("{path} holds in its new shape");
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                let index = super::fresh::index_of(constraint, key);
                let index = Index { name: lent.clone(), ..index };
                self.new_index(&Path::index(&path.qname(), lent.clone()), &index, 0, Phase::Expand);
                let using = super::fresh::using_index(constraint, &lent);
                let object = Object::Constraint(Box::new(using));
                let create = Change::Create { path: path.clone(), object };
                let acts = vec![Act::new(Change::drop(path.clone())), Act::new(create)];
                self.together(0, Phase::Constrain, title, acts);
            }
            _ => {
                let new = Constraint { name: lent, ..constraint.clone() };
                self.new_constraint(&twin, &new, 0, Phase::Expand);
                let rename = Change::Rename { path: twin, to: constraint.name.clone() };
                let acts = vec![Act::new(Change::drop(path.clone())), Act::new(rename)];
                self.together(0, Phase::Constrain, title, acts);
            }
        }
    }
}
