//! What stands in the way of a change has to go before it and come back after it: views over a column that changes its
//! type, triggers of a function that is made anew, and whatever needs those.

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, Index, Object};
use model::{Change, Kind, Path, Schema, Type};

use super::Act;
use super::cast::keeps_default;
use super::compare::{Difference, create};
use super::ties::{Ties, owner};

/// What is done about a thing that CREATE OR REPLACE could bring into its new shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Replaced,
    /// The old one is in the way of what the new one needs: it goes first.
    Anew,
}

/// The acts of all differences, with those that clear their way.
pub(super) fn cleared(now: &Schema, after: &Schema, differences: Vec<Difference>, manner: Manner) -> Vec<Act> {
    let acts = differences.into_iter().flat_map(|difference| difference.acts);
    let acts: Vec<Act> = acts
        .flat_map(|act| match act.change {
            Change::Replace { path, object } if manner == Manner::Anew && now.contains(&path) => {
                let drop = Change::drop(path.clone());
                std::iter::once(drop).chain(again_as(now, after, &path, &object)).map(Act::new).collect()
            }
            change => vec![Act { change, how: act.how }],
        })
        .collect();
    let mut way = Way { now, after, ties: Ties::of(now), later: Ties::of(after), dropped: BTreeSet::new(), acts };
    let mut waiting = Vec::new();
    for act in &way.acts {
        match &act.change {
            Change::Drop { path, .. } => {
                way.dropped.insert(path.clone());
                waiting.push(path.clone());
            }
            Change::Alter { path, aspect: Aspect::Type { .. } } => {
                waiting.push(path.clone());
                below(now, path, &mut waiting);
            }
            _ => {}
        }
    }
    while let Some(target) = waiting.pop() {
        for holder in way.hindrances(&target) {
            way.make_anew(&holder);
            waiting.push(holder);
        }
    }
    way.acts
}

/// The columns that are what they are because a parent's is.
fn below(now: &Schema, column: &Path, found: &mut Vec<Path>) {
    for child in now.children(&column.qname()) {
        if now.column(child, &column.part).is_some_and(|own| own.inherited) {
            let path = Path::column(child, column.part.clone());
            below(now, &path, found);
            found.push(path);
        }
    }
}

struct Way<'a> {
    now: &'a Schema,
    after: &'a Schema,
    ties: Ties,
    later: Ties,
    dropped: BTreeSet<Path>,
    acts: Vec<Act>,
}

impl Way<'_> {
    /// Who has to be made anew because of the target: nobody that goes anyway.
    fn hindrances(&self, target: &Path) -> Vec<Path> {
        let mut holders: BTreeSet<&Path> = self.ties.to(target).collect();
        for part in self.columns_of(target) {
            holders.extend(self.ties.to(&part));
        }
        let stays = |holder: &&Path| {
            let inside = owner(self.now, holder);
            !self.dropped.contains(*holder)
                && inside.as_ref().is_none_or(|owner| !self.dropped.contains(owner) && owner != target)
                && *holder != target
                && self.after.contains(holder)
        };
        let holders = holders.into_iter().filter(stays);
        holders.filter(|holder| self.hinders(holder, target)).cloned().collect()
    }

    fn columns_of(&self, target: &Path) -> Vec<Path> {
        let name = target.qname();
        let columns: Vec<model::Name> = match target.kind {
            Kind::View | Kind::MaterializedView => self.now.view(&name).map_or(Vec::new(), |view| view.columns.clone()),
            _ => Vec::new(),
        };
        columns.into_iter().map(|column| Path::column(&name, column)).collect()
    }

    fn hinders(&self, holder: &Path, target: &Path) -> bool {
        if !self.dropped.contains(target) {
            return self.hinders_retyping(holder, target);
        }
        // What is gone afterwards is named by nobody any more: the holder's own change sees to that.
        if !self.after.contains(target) {
            // But a call names a function by its name alone, and stands on whichever fits; so it is to be said again.
            if target.kind.has_signature() {
                return self.later.from(holder).any(|other| other.qname() == target.qname());
            }
            // A foreign key names the columns, and stands on whatever key they have.
            return holder.kind == Kind::Constraint && matches!(target.kind, Kind::Constraint | Kind::Index);
        }
        // These fall with a column or table, and the next round makes them again.
        let falls = match holder.kind {
            Kind::Sequence | Kind::Statistics | Kind::Publication => true,
            Kind::Constraint | Kind::Index => target.kind == Kind::Column && target.qname() == holder.qname(),
            _ => false,
        };
        !falls && !self.is_inherited(holder)
    }

    fn hinders_retyping(&self, holder: &Path, column: &Path) -> bool {
        let table = column.qname();
        let types = (self.now.column(&table, &column.part), self.after.column(&table, &column.part));
        let (Some(old), Some(new)) = types else { return false };
        let own_type = old.ty.user_defined().is_some() || new.ty.user_defined().is_some();
        let compatible = compatible(&old.ty, &new.ty) && !own_type;
        match holder.kind {
            Kind::View | Kind::MaterializedView | Kind::Trigger | Kind::Policy | Kind::Rule | Kind::Publication => {
                !self.is_inherited(holder)
            }
            Kind::Function | Kind::Procedure => true,
            Kind::Column => {
                let generated = self.now.column(&holder.qname(), &holder.part);
                generated.is_some_and(|column| column.generated.is_some() && !column.inherited)
            }
            Kind::Constraint => {
                let constraint = self.now.table(&holder.qname()).and_then(|table| table.constraint(&holder.part));
                constraint.is_some_and(|own| !own.inherited && !compatible && is_compiled(own))
            }
            Kind::Index => {
                let index = self.now.table(&holder.qname()).and_then(|table| table.index(&holder.part));
                index.is_some_and(|own| own.attached_to.is_none() && !compatible && has_expression(own))
            }
            _ => false,
        }
    }

    fn is_inherited(&self, path: &Path) -> bool {
        let Some(table) = self.now.table(&path.qname()).filter(|_| path.kind.is_part()) else { return false };
        match path.kind {
            Kind::Column => table.column(&path.part).is_some_and(|column| column.inherited),
            Kind::Constraint => table.constraint(&path.part).is_some_and(|own| own.inherited),
            Kind::Index => table.index(&path.part).is_some_and(|own| own.attached_to.is_some()),
            Kind::Trigger => table.triggers.iter().any(|own| own.name == path.part && own.inherited),
            _ => false,
        }
    }

    /// Drops the thing and makes it again in its new shape; a default is only taken away for a while.
    fn make_anew(&mut self, holder: &Path) {
        let name = holder.qname();
        if holder.kind == Kind::Column
            && let (Some(old), Some(new)) =
                (self.now.column(&name, &holder.part), self.after.column(&name, &holder.part))
            && old.generated.is_none()
            && new.generated.is_none()
        {
            let is_default = |act: &Act| {
                act.change.path() == holder && matches!(&act.change, Change::Alter { aspect: Aspect::Default(_), .. })
            };
            self.acts.retain(|act| !is_default(act));
            let set = |default| Act::new(Change::alter(holder.clone(), Aspect::Default(default)));
            self.acts.insert(0, set(None));
            self.acts.push(set(new.default.clone()));
            return;
        }
        self.dropped.insert(holder.clone());
        self.acts.retain(|act| !about(&act.change, holder));
        let again = again(self.now, self.after, holder);
        self.acts.push(Act::new(Change::drop(holder.clone())));
        self.acts.extend(again.into_iter().map(Act::new));
    }
}

/// Whether the change is one of the thing or of a part of it.
fn about(change: &Change, thing: &Path) -> bool {
    let path = change.path();
    path == thing || !thing.kind.is_part() && path.kind.is_part() && path.qname() == thing.qname()
}

fn again_as(now: &Schema, after: &Schema, path: &Path, object: &Object) -> Vec<Change> {
    match object {
        Object::View(_) => create(now, after, path, object),
        _ => vec![Change::Create { path: path.clone(), object: object.clone() }],
    }
}

/// What makes the thing as it is to be.
pub(crate) fn again(now: &Schema, after: &Schema, path: &Path) -> Vec<Change> {
    if let Some(object) = after.object(path) {
        return create(now, after, path, object);
    }
    let owner = path.qname();
    let (table, view) = (after.table(&owner), after.view(&owner));
    let indexes = table.map(|table| &table.indexes).or(view.map(|view| &view.indexes)).into_iter().flatten();
    let triggers = table.map(|table| &table.triggers).or(view.map(|view| &view.triggers)).into_iter().flatten();
    let rules = table.map(|table| &table.rules).or(view.map(|view| &view.rules)).into_iter().flatten();
    let mut policies = table.into_iter().flat_map(|table| &table.policies);
    let part = &path.part;
    let object = match path.kind {
        Kind::Column => after.column(&owner, part).map(|column| Object::Column(Box::new(column.clone()))),
        Kind::Constraint => {
            table.and_then(|table| table.constraint(part)).map(|own| Object::Constraint(Box::new(own.clone())))
        }
        Kind::Index => {
            indexes.into_iter().find(|own| own.name == *part).map(|own| Object::Index(Box::new(own.clone())))
        }
        Kind::Trigger => {
            triggers.into_iter().find(|own| own.name == *part).map(|own| Object::Trigger(Box::new(own.clone())))
        }
        Kind::Rule => rules.into_iter().find(|own| own.name == *part).map(|own| Object::Rule(Box::new(own.clone()))),
        Kind::Policy => policies.find(|own| own.name == *part).map(|own| Object::Policy(Box::new(own.clone()))),
        _ => None,
    };
    object.map(|object| Change::Create { path: path.clone(), object }).into_iter().collect()
}

/// What was compiled for the type: expressions, and the operator of a foreign key.
fn is_compiled(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_))
}

fn has_expression(index: &Index) -> bool {
    index.predicate.is_some() || index.keys.iter().any(|key| key.expr.as_column().is_none() || key.opclass.is_some())
}

/// Types that the operators of checks and keys take alike.
fn compatible(old: &Type, new: &Type) -> bool {
    let plain = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(_));
    keeps_default(old, new) || plain(old) && plain(new)
}
