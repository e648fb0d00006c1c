//! Shadows: a column beside the one whose rows would be rewritten, or that gets another name. It is kept in step by a
//! trigger, filled in batches, gets its own indexes and constraints, and takes the place of the old one.

mod sync;
mod twins;

pub(super) use sync::safely;

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{Column, NotNull, Object};
use model::planned::Phase;
use model::{Change, Kind, Name, Path, QName, Schema, Sql, Type, apply, stored};

use super::{Planner, names, numbers};
use crate::diff::{Act, Rename};
use twins::Twin;

/// One column and what takes its place.
#[derive(Clone, Debug)]
pub(super) struct Shadow {
    /// By its name after the renames of tables, which come first.
    table: QName,
    /// What the application calls it now.
    old: Name,
    /// What the shadow is called until then, and what it is called in the end.
    lent: Name,
    last: Name,
    manner: Manner,
    before: Column,
    after: Column,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Another type under the same name: there is one moment at which they change places.
    Retype,
    /// Another name: both are there until the application knows only the new one.
    Rename,
}

impl Planner<'_> {
    /// The columns that are not altered where they are.
    pub(super) fn find_shadows(&mut self, now: &Schema, acts: &[Act]) {
        let dropped =
            |path: &Path| acts.iter().any(|act| matches!(&act.change, Change::Drop { path: own, .. } if own == path));
        let created = acts.iter().filter(|act| matches!(act.change, Change::Create { .. }));
        self.remade = created.map(|act| act.change.path().clone()).filter(dropped).collect();
        let mut now = now.clone();
        for act in acts {
            if let Some(shadow) = self.shadow_of(&now, act) {
                match self.shadows.iter_mut().find(|known| known.table == shadow.table && known.last == shadow.last) {
                    // A rename that is retyped as well is one shadow.
                    Some(known) => known.after = shadow.after,
                    None => self.shadows.push(shadow),
                }
            }
            apply(&mut now, &act.change).expect("the acts of a difference were tried in this order");
        }
        self.keep_types_whole(acts);
        for act in acts {
            if let Change::Rename { path, to } = &act.change
                && matches!(path.kind, Kind::Constraint | Kind::Index)
            {
                let owner = self.name_after(&path.qname());
                self.renamed_parts.insert(Path::part(path.kind, &owner, to.clone()), path.part.clone());
            }
        }
        for twin in self.twins() {
            let table = twin.last.qname();
            let before = self.name_before(&table).unwrap_or(table);
            self.consumed.extend(twin.old.iter().map(|old| Path::part(old.kind, &before, old.part.clone())));
            self.consumed.extend(twin.old);
            self.consumed.insert(twin.last);
        }
        let renamed: Vec<Shadow> = self.shadows.iter().filter(|own| own.manner == Manner::Rename).cloned().collect();
        let readers = self.readers(&renamed.iter().collect::<Vec<_>>());
        self.consumed.extend(readers.into_iter().map(|act| act.change.path().clone()));
    }

    fn shadow_of(&self, now: &Schema, act: &Act) -> Option<Shadow> {
        let path = act.change.path();
        let (last, manner) = match &act.change {
            Change::Rename { path, to } if path.kind == Kind::Column => (to.clone(), Manner::Rename),
            Change::Alter { aspect: Aspect::Type { ty, .. }, .. } if path.kind == Kind::Column => {
                let column = now.column(&path.qname(), &path.part)?;
                let using = act.how.using.iter().find(|(name, _)| *name == path.part).map(|(_, expr)| expr);
                if stored::keeps_rows(now, &path.part, &column.ty, ty, using) {
                    return None;
                }
                (path.part.clone(), Manner::Retype)
            }
            _ => return None,
        };
        let table = self.name_after(&path.qname());
        let (one, other) = (self.before.table(&self.name_before(&table)?)?, self.after.table(&table)?);
        let after = other.column(&last)?.clone();
        let old = self.column_before(&table, &last);
        let before = one.column(&old)?.clone();
        let simple = before.generated.is_none() && after.generated.is_none() && !before.inherited;
        let in_key = one.partition_by.iter().flat_map(|by| &by.keys).any(|key| key.expr.columns().contains(&&old));
        // A name that somebody else has or gets cannot stand beside the other.
        let free = manner == Manner::Retype || one.column(&last).is_none() && other.column(&old).is_none();
        let countable = manner == Manner::Retype || before.identity.is_none();
        if self.is_small(&table) || !simple || !free || in_key || !countable || one.foreign.is_some() {
            return None;
        }
        let lent = if manner == Manner::Rename { last.clone() } else { names::new(&last) };
        Some(Shadow { table, old, lent, last, manner, before, after })
    }

    /// The table's name when its own renames are done.
    pub(super) fn name_after(&self, name: &QName) -> QName {
        let renamed = self.settings.diff.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if !from.kind.is_part() && from.qname() == *name => Some(to.qname()),
            _ => None,
        });
        renamed.unwrap_or_else(|| name.clone())
    }

    /// What the column of this last name is called now.
    pub(super) fn column_before(&self, table: &QName, last: &Name) -> Name {
        let owner = self.name_before(table).unwrap_or_else(|| table.clone());
        let renamed = self.settings.diff.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if from.kind == Kind::Column && from.qname() == owner && to.part == *last => {
                Some(from.part.clone())
            }
            _ => None,
        });
        renamed.unwrap_or_else(|| last.clone())
    }

    /// A type that is made anew changes places at the same moment as its columns; where one of them is no shadow, none
    /// is.
    fn keep_types_whole(&mut self, acts: &[Act]) {
        let retyped: BTreeSet<Path> = acts
            .iter()
            .filter(|act| matches!(act.change, Change::Alter { aspect: Aspect::Type { .. }, .. }))
            .map(|act| act.change.path().clone())
            .collect();
        for ty in self.rebuilt_types(acts) {
            let uses = |ty_of: &Type| ty_of.user_defined() == Some(&ty);
            let whole = retyped.iter().all(|path| {
                let of_it = self.after.column(&path.qname(), &path.part).is_some_and(|column| uses(&column.ty));
                !of_it || self.shadows.iter().any(|own| own.table == path.qname() && own.last == path.part)
            });
            if !whole {
                self.shadows.retain(|shadow| !uses(&shadow.after.ty));
            }
        }
        // Several types in one column do not occur, and a type without columns needs no shadow.
        let used = |ty: &QName| self.shadows.iter().any(|shadow| shadow.after.ty.user_defined() == Some(ty));
        let rebuilt: Vec<QName> = self.rebuilt_types(acts).into_iter().filter(|ty| used(ty)).collect();
        for ty in rebuilt {
            for kind in [Kind::Enum, Kind::Domain, Kind::Composite, Kind::Range] {
                self.consumed.insert(Path::object(kind, &ty));
                let aside = acts.iter().find_map(|act| match &act.change {
                    Change::Rename { path, to } if path.kind == kind && path.qname() == ty => Some(to.clone()),
                    _ => None,
                });
                self.consumed.extend(aside.map(|name| Path::object(kind, &QName::new(ty.schema.clone(), name))));
            }
        }
    }

    /// Types whose old shape steps aside for a new one.
    fn rebuilt_types(&self, acts: &[Act]) -> Vec<QName> {
        let is_type = |kind| matches!(kind, Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range);
        let aside = acts.iter().filter_map(|act| match &act.change {
            Change::Rename { path, .. } if is_type(path.kind) && self.after.object(path).is_some() => {
                Some(path.qname())
            }
            _ => None,
        });
        aside.collect()
    }

    /// Whether the shadows do what the act would do.
    pub(super) fn shadowed(&mut self, act: &Act) -> bool {
        let path = act.change.path();
        if path.kind != Kind::Column {
            return false;
        }
        let table = self.name_after(&path.qname());
        let found = self.shadows.iter().find(|own| {
            own.table == table
                && match &act.change {
                    Change::Rename { path, to } => {
                        own.manner == Manner::Rename && own.old == path.part && own.last == *to
                    }
                    Change::Alter { path, .. } => own.last == path.part,
                    _ => false,
                }
        });
        let Some(shadow) = found else { return false };
        let said = |aspect: &Aspect| matches!(aspect, Aspect::Grant(_) | Aspect::Revoke(_) | Aspect::Comment(_));
        match &act.change {
            // What is said of a column is said again when its shadow has the name.
            Change::Alter { aspect, .. } if said(aspect) => {}
            Change::Alter { aspect: Aspect::Type { .. }, .. } if shadow.manner == Manner::Retype && !self.swapped => {
                self.swapped = true;
                self.swap();
            }
            _ => {}
        }
        true
    }

    /// The steps before the shadows take their places, and those after.
    pub(super) fn fill_shadows(&mut self) {
        if self.shadows.is_empty() {
            return;
        }
        let shadows = self.shadows.clone();
        let scratch = self.scratch();
        for (path, object) in self.lent_types(&scratch) {
            let title = format!("create type {}", path.qname());
            self.together(0, Phase::Expand, title, vec![Act::new(Change::Create { path, object })]);
        }
        let sight = sync::Sight { before: self.before, scratch: &scratch, values: &self.settings.values };
        let tables: BTreeSet<&QName> = shadows.iter().map(|shadow| &shadow.table).collect();
        for table in tables {
            let own: Vec<&Shadow> = shadows.iter().filter(|shadow| shadow.table == *table).collect();
            let mut acts: Vec<Act> = own.iter().map(|shadow| Act::new(shadow.bare(&scratch))).collect();
            for manner in [Manner::Retype, Manner::Rename] {
                let alike: Vec<&Shadow> = own.iter().filter(|shadow| shadow.manner == manner).copied().collect();
                acts.extend(sync::create(&sight, &alike));
            }
            let names: Vec<String> =
                own.iter().map(|shadow| Path::column(table, shadow.lent.clone()).to_string()).collect();
            let them = if names.len() == 1 { "it" } else { "them" };
            let title = format!("add {} and keep {them} in step", super::listed(&names));
            self.together(0, Phase::Expand, title, acts);
            let renamed = own.iter().filter(|shadow| shadow.manner == Manner::Rename);
            let pairs: Vec<String> = renamed
                .map(|shadow| {
                    let path = |name: &Name| Path::column(table, name.clone());
                    format!("{} and {} are the same, whichever is written", path(&shadow.old), path(&shadow.last))
                })
                .collect();
            if !pairs.is_empty() {
                self.says(pairs.join("; "));
            }
            for shadow in &own {
                let value = shadow.forth(&sight, None).to_string();
                let condition = format!("{} IS NULL AND {} IS NOT NULL", quoted(&shadow.lent), quoted(&shadow.old));
                self.backfill(table, vec![(shadow.lent.clone(), value)], condition, 0);
                if let Some(not_null) = &shadow.after.not_null {
                    self.require(table, &shadow.lent, &NotNull { name: None, ..not_null.clone() }, 0);
                }
            }
        }
        let twins = self.twins();
        for twin in &twins {
            self.build(twin);
        }
        self.contract_shadows(&shadows, &twins);
    }

    /// The moment of the retyped ones: everything of the old column goes, and the shadow gets its name.
    fn swap(&mut self) {
        let scratch = self.scratch();
        let shadows: Vec<Shadow> = self.shadows.iter().filter(|own| own.manner == Manner::Retype).cloned().collect();
        let twins: Vec<Twin> = self.twins().into_iter().filter(|twin| twin.manner == Manner::Retype).collect();
        let statistics = self.statistics_on(&shadows);
        let mut acts: Vec<Act> = statistics.iter().map(|path| Act::new(Change::drop(path.clone()))).collect();
        let tables: BTreeSet<&QName> = shadows.iter().map(|shadow| &shadow.table).collect();
        for table in &tables {
            let own: Vec<&Shadow> = shadows.iter().filter(|shadow| shadow.table == **table).collect();
            acts.extend(sync::drop(&own));
        }
        acts.extend(twins::drop_old(&twins));
        for shadow in &shadows {
            acts.extend(shadow.step_aside());
        }
        for (path, _) in self.lent_types(&scratch) {
            let last = self.last_type(&path);
            let old = Path { name: names::old(&last.name), ..last.clone() };
            acts.push(Act::new(Change::Rename { path: last.clone(), to: old.name }));
            acts.push(Act::new(Change::Rename { path, to: last.name.clone() }));
        }
        acts.extend(twins::take_over(&twins));
        for shadow in &shadows {
            acts.extend(shadow.dress(self.after));
        }
        for path in &statistics {
            acts.extend(crate::diff::again(self.after, self.after, path).into_iter().map(Act::new));
        }
        // Until the old column goes, it has what is written from now on, so that there is a way back.
        for table in &tables {
            let own: Vec<&Shadow> = shadows.iter().filter(|shadow| shadow.table == **table).collect();
            match sync::keep_old(&own, self.before, self.after) {
                Ok(kept) => acts.extend(kept),
                Err(why) => self.switch_lost = Some(why),
            }
        }
        for shadow in shadows.iter().filter(|shadow| shadow.before.identity.is_some()) {
            self.switch_back.first.push(format!("{};", numbers::remember(&shadow.table, &shadow.last)));
            self.switch_back.last.push(format!("{};", numbers::go_on(&shadow.table, &shadow.last)));
        }
        self.switch(titles(&shadows), acts);
        let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
        self.switch_note = Some(format!(
            "the columns of {} stand in another order: an INSERT names those that it fills",
            super::listed(&tables)
        ));
        for shadow in &shadows {
            self.ready.insert(Path::column(&shadow.table, shadow.last.clone()), (0, Phase::Switch));
        }
    }

    /// Statistics stay with a column under whatever name: those of the new one are made anew.
    fn statistics_on(&self, shadows: &[Shadow]) -> Vec<Path> {
        let mut found = BTreeSet::new();
        for shadow in shadows {
            let Some(table) = self.name_before(&shadow.table) else { continue };
            let column = Path::column(&table, shadow.old.clone());
            for (path, object) in self.before.objects().filter(|(path, _)| path.kind == Kind::Statistics) {
                let ties = model::apply::references::ties(self.before, path, object);
                if ties.iter().any(|(_, target)| *target == column)
                    && self.after.contains(path)
                    && !self.remade.contains(path)
                {
                    found.insert(path.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    /// What is left of the old columns goes when nobody uses them any more.
    fn contract_shadows(&mut self, shadows: &[Shadow], twins: &[Twin]) {
        let retyped: Vec<&Shadow> = shadows.iter().filter(|own| own.manner == Manner::Retype).collect();
        let tables: BTreeSet<&QName> = retyped.iter().map(|shadow| &shadow.table).collect();
        for table in tables {
            let own: Vec<&Shadow> = retyped.iter().filter(|own| own.table == *table).copied().collect();
            let mut acts = Vec::new();
            if sync::keep_old(&own, self.before, self.after).is_ok() {
                acts.extend(sync::drop(&own));
            }
            let olds: Vec<Path> = own.iter().map(|own| Path::column(table, names::old(&own.last))).collect();
            acts.extend(olds.iter().map(|path| Act::new(Change::drop(path.clone()))));
            let olds: Vec<String> = olds.iter().map(ToString::to_string).collect();
            self.together(1, Phase::Contract, format!("drop {} {}", columns(&olds), super::listed(&olds)), acts);
        }
        let types: Vec<(Path, Object)> = self.lent_types(&self.scratch());
        for (path, _) in types {
            let last = self.last_type(&path);
            let old = Path { name: names::old(&last.name), ..last };
            self.together(1, Phase::Contract, format!("drop type {}", old.qname()), vec![Act::new(Change::drop(old))]);
        }
        let renamed: Vec<Shadow> = shadows.iter().filter(|own| own.manner == Manner::Rename).cloned().collect();
        let tables: BTreeSet<QName> = renamed.iter().map(|shadow| shadow.table.clone()).collect();
        for table in tables {
            let own: Vec<&Shadow> = renamed.iter().filter(|shadow| shadow.table == table).collect();
            let mut acts = sync::drop(&own);
            acts.extend(self.readers(&own));
            let twins: Vec<Twin> =
                twins.iter().filter(|twin| twin.manner == Manner::Rename && twin.follows(&table)).cloned().collect();
            acts.extend(twins::drop_old(&twins));
            acts.extend(own.iter().map(|shadow| Act::new(Change::drop(Path::column(&table, shadow.old.clone())))));
            acts.extend(twins::take_over(&twins));
            for shadow in &own {
                acts.extend(shadow.dress(self.after));
            }
            let names: Vec<String> =
                own.iter().map(|shadow| Path::column(&table, shadow.old.clone()).to_string()).collect();
            self.together(1, Phase::Contract, format!("drop {} {}", columns(&names), super::listed(&names)), acts);
        }
    }

    /// Views and what else reads a column that goes, as they read the new one.
    fn readers(&self, shadows: &[&Shadow]) -> Vec<Act> {
        let mut acts = Vec::new();
        let olds: BTreeSet<Path> = shadows
            .iter()
            .filter_map(|own| Some(Path::column(&self.name_before(&own.table)?, own.old.clone())))
            .collect();
        let fixed = [Kind::View, Kind::MaterializedView, Kind::Trigger, Kind::Policy, Kind::Rule, Kind::Statistics];
        let mut holders: BTreeSet<Path> = BTreeSet::new();
        for (path, object) in self.before.objects() {
            let ties = model::apply::references::ties(self.before, path, object);
            holders.extend(ties.into_iter().filter(|(_, target)| olds.contains(target)).map(|(holder, _)| holder));
        }
        // What is made anew in the switch reads the new column from then on.
        let stays = |holder: &Path| fixed.contains(&holder.kind) && !self.remade.contains(holder);
        for holder in holders.into_iter().filter(stays) {
            let holder = match holder.kind.is_part() {
                true => {
                    let owner = self.name_after(&holder.qname());
                    Path { schema: owner.schema, name: owner.name, ..holder }
                }
                false => holder,
            };
            let Some(again) = crate::diff::again(self.after, self.after, &holder).into_iter().next() else { continue };
            match (holder.kind, again) {
                (Kind::View, Change::Create { path, object }) => acts.push(Act::new(Change::Replace { path, object })),
                (_, create) => acts.extend([Act::new(Change::drop(holder)), Act::new(create)]),
            }
        }
        acts
    }

    /// The target with the names that are lent to shadows and types for a while.
    fn scratch(&self) -> Schema {
        let mut scratch = self.after.clone();
        let mut rename = |path: Path, to: Name| {
            let _ = apply(&mut scratch, &Change::Rename { path, to });
        };
        for shadow in self.shadows.iter().filter(|own| own.lent != own.last) {
            rename(Path::column(&shadow.table, shadow.last.clone()), shadow.lent.clone());
        }
        for path in self.rebuilt() {
            let lent = names::new(&path.name);
            rename(path, lent);
        }
        scratch
    }

    /// The types that change places, by their last names.
    fn rebuilt(&self) -> Vec<Path> {
        let is_type = |kind| matches!(kind, Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range);
        let types = self.consumed.iter().filter(|path| is_type(path.kind));
        types.filter(|path| self.before.object(path).is_some() && self.after.object(path).is_some()).cloned().collect()
    }

    fn lent_types(&self, scratch: &Schema) -> Vec<(Path, Object)> {
        let lent = self.rebuilt().into_iter().map(|path| Path { name: names::new(&path.name), ..path });
        lent.filter_map(|path| Some((path.clone(), scratch.object(&path)?.clone()))).collect()
    }

    fn last_type(&self, lent: &Path) -> Path {
        let found = self.rebuilt().into_iter().find(|path| names::new(&path.name) == lent.name);
        found.unwrap_or_else(|| lent.clone())
    }
}

/// `orders.id and items.order_id become bigint`
fn titles(shadows: &[Shadow]) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for shadow in shadows {
        let rebuilt = shadow.before.ty == shadow.after.ty;
        let ty = if rebuilt { format!("the new {}", shadow.after.ty) } else { shadow.after.ty.to_string() };
        let path = Path::column(&shadow.table, shadow.last.clone()).to_string();
        match groups.iter_mut().find(|(known, _)| *known == ty) {
            Some((_, paths)) => paths.push(path),
            None => groups.push((ty, vec![path])),
        }
    }
    let group = |(ty, paths): &(String, Vec<String>)| {
        format!("{} {} {ty}", super::listed(paths), if paths.len() == 1 { "becomes" } else { "become" })
    };
    groups.iter().map(group).collect::<Vec<_>>().join(", ")
}

/// Who names the table or its columns: objects, and parts of others.
pub(super) fn holders(schema: &Schema, table: &QName) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    for (path, object) in schema.objects() {
        let ties = model::apply::references::ties(schema, path, object);
        let own = ties.into_iter().filter(|(holder, target)| target.qname() == *table && holder.qname() != *table);
        found.extend(own.map(|(holder, _)| holder));
    }
    found
}

impl Shadow {
    /// The new column without anything that would touch rows.
    fn bare(&self, scratch: &Schema) -> Change {
        let wanted = scratch.column(&self.table, &self.lent).unwrap_or(&self.after);
        let column = Column {
            name: self.lent.clone(),
            collation: wanted.collation.clone(),
            storage: wanted.storage.clone(),
            compression: wanted.compression.clone(),
            ..Column::new(self.lent.clone(), wanted.ty.clone())
        };
        Change::add_column(&self.table, column)
    }

    /// The old column gives its name away, and with it what only one can have.
    fn step_aside(&self) -> Vec<Act> {
        let path = Path::column(&self.table, self.last.clone());
        let mut acts = Vec::new();
        let mut alter = |aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
        if self.before.identity.is_some() {
            alter(Aspect::Other(Sql::text(numbers::remember(&self.table, &self.last))));
            alter(Aspect::Identity(None));
        }
        if self.before.default.is_some() {
            alter(Aspect::Default(None));
        }
        if self.before.not_null.is_some() {
            alter(Aspect::NotNull(None));
        }
        acts.push(Act::new(Change::Rename { path, to: names::old(&self.last) }));
        let lent = Path::column(&self.table, self.lent.clone());
        acts.push(Act::new(Change::Rename { path: lent, to: self.last.clone() }));
        acts
    }

    /// What the column has in the end besides its type: numbers, a default, what is said of it.
    fn dress(&self, after: &Schema) -> Vec<Act> {
        let path = Path::column(&self.table, self.last.clone());
        let mut acts = Vec::new();
        let mut alter = |path: &Path, aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
        let owner = Some((self.table.clone(), self.last.clone()));
        for sequence in after.sequences().filter(|own| own.owned_by == owner) {
            let path = Path::object(Kind::Sequence, &sequence.name);
            alter(&path, Aspect::Sequence(Box::new(sequence.clone())));
        }
        if let Some(identity) = &self.after.identity {
            alter(&path, Aspect::Identity(Some(identity.clone())));
            alter(&path, Aspect::Other(Sql::text(numbers::go_on(&self.table, &self.last))));
        }
        if let Some(default) = &self.after.default {
            alter(&path, Aspect::Default(Some(default.clone())));
        }
        if self.after.statistics.is_some() {
            alter(&path, Aspect::ColumnStatistics(self.after.statistics));
        }
        if let Some(comment) = after.comment(&path) {
            alter(&path, Aspect::Comment(Some(comment.clone())));
        }
        for grant in after.grants_on(&path).into_iter().flat_map(|grants| &grants.granted) {
            alter(&path, Aspect::Grant(grant.clone()));
        }
        acts
    }
}

fn columns(names: &[String]) -> &'static str {
    if names.len() == 1 { "column" } else { "columns" }
}

fn quoted(name: &str) -> String {
    model::name::quoted(name).into_owned()
}
