//! One act of the difference: in which phase, and as which changes.

use model::change::Aspect;
use model::object::{Object, Persistence, View};
use model::planned::Phase;
use model::query::{Query, QueryKind};
use model::step::How;
use model::{Change, Kind, Name, Path, QName, Schema, Span, Sql};
use write::words;

use super::{Draft, DraftWork, Grace, Planner, names, numbering, promises};
use crate::diff::Act;

impl Planner<'_> {
    pub(super) fn act(&mut self, now: &Schema, act: &Act) {
        let path = act.change.path();
        if self.shadowed(act) || self.consumed.contains(path) || self.succeeds(act) || self.moves(act) {
            return;
        }
        let title = words::change(now, &act.change);
        let brings = match &act.change {
            Change::Alter { .. } => true,
            Change::Create { .. } => !self.replaced.contains(path),
            _ => false,
        };
        let said_of_new = brings && self.is_of_replaced(path);
        if self.of_remade(path) || said_of_new {
            return self.switch(title, vec![act.clone()]);
        }
        if self.replaced.contains(path) {
            return self.replace(now, act);
        }
        let table = path.qname();
        let used = self.is_used(&table);
        let (deploys, phase) = self.ready_for(path);
        match &act.change {
            // Whoever has the name gives it away only then.
            Change::Create { .. } if self.takes_name(path) => {
                self.together(1, Phase::Contract, title, vec![act.clone()]);
            }
            Change::Create { object, .. } if used => match object {
                Object::Column(column) => self.new_column(path, column),
                Object::Index(index) => self.new_index(path, index, deploys, phase),
                Object::Constraint(constraint) => self.new_constraint(path, constraint, deploys, phase),
                Object::Policy(_) | Object::Trigger(_) | Object::Rule(_) => {
                    self.together(deploys, phase.max(Phase::Expand), title, vec![act.clone()]);
                }
                _ => self.together(deploys, phase, title, vec![act.clone()]),
            },
            Change::Create { object: Object::Table(own), .. }
                if self.new_partition(path, own, &title, (deploys, phase)) => {}
            Change::Create { .. } | Change::Replace { .. } => self.join_or_draft(deploys, phase, title, act),
            Change::Drop { .. } if self.is_replaced_serial(path) => self.switch(title, vec![act.clone()]),
            Change::Drop { .. } => self.dropped(now, act, title),
            Change::Rename { to, .. } if matches!(path.kind, Kind::Table | Kind::View) => {
                self.rename_relation(act, &QName::new(path.schema.clone(), to.clone()), title);
            }
            Change::Move { to, .. } if matches!(path.kind, Kind::Table | Kind::View) => {
                self.rename_relation(act, &QName::new(to.clone(), path.name.clone()), title);
            }
            Change::Rename { to, .. } => self.renamed(act, to, title),
            Change::Move { .. } => self.named_anew(act, title),
            Change::Alter { aspect, .. } => match aspect {
                Aspect::NotNull(Some(not_null)) if used && path.kind == Kind::Column && !self.is_small(&table) => {
                    self.becomes_required(path, not_null);
                }
                Aspect::NotNull(Some(_)) if path.kind == Kind::Domain => {
                    self.together(deploys, phase.max(Phase::Constrain), title, vec![act.clone()]);
                }
                Aspect::Validate | Aspect::ValidateDomainCheck(_) => {
                    self.together(deploys, phase.max(Phase::Constrain), title, vec![act.clone()]);
                }
                Aspect::Type { .. } => {
                    self.ready.insert(path.clone(), (0, Phase::Switch));
                    self.switch(title, vec![act.clone()]);
                }
                // A default that does not fit the new type makes way for a moment.
                Aspect::Default(_) if self.retyped.contains(path) => self.switch(title, vec![act.clone()]),
                Aspect::Default(None) if used && path.kind == Kind::Column && self.replaces_serial(path) => {
                    self.switch(title, vec![numbering::remembered(path), act.clone()]);
                }
                // The old application may leave the column out as long as it runs.
                Aspect::Default(None) if used && path.kind == Kind::Column && !self.counts_by_itself(path) => {
                    self.together(deploys + 1, Phase::Contract, title, vec![act.clone()]);
                }
                // Its columns have the types of the other by then.
                Aspect::OfType(Some(_)) if self.retyped.iter().any(|column| column.qname() == table) => {
                    self.switch(title, vec![act.clone()]);
                }
                // Its checks have to be valid before.
                Aspect::Inherit(_) => self.together(deploys, phase.max(Phase::Constrain), title, vec![act.clone()]),
                Aspect::RowSecurity(security) if security.enabled && used => {
                    let set = promises::settings_of(self.after, &table);
                    let deploys = deploys + u32::from(!set.is_empty());
                    self.together(deploys, phase.max(Phase::Switch), title, vec![act.clone()]);
                    let set =
                        if set.is_empty() { String::new() } else { format!(", which ask for {}", set.join(", ")) };
                    self.says(format!("whoever does not own {table} sees and writes only what its policies give{set}"));
                }
                Aspect::RowSecurity(_) | Aspect::Policy(_) => {
                    self.together(deploys, phase.max(Phase::Switch), title, vec![act.clone()]);
                }
                // To revoke from a table takes the privileges on its columns along: what is granted comes behind it.
                Aspect::Revoke(_) if self.given.contains(&table) => self.join_or_draft(deploys, phase, title, act),
                Aspect::Revoke(_) => self.together(deploys + 1, Phase::Contract, title, vec![act.clone()]),
                // Its rows are out of sight in no moment.
                Aspect::DetachPartition { partition } | Aspect::AttachPartition { partition, .. }
                    if self.rebound.contains(partition) =>
                {
                    self.switch(title, vec![act.clone()]);
                }
                Aspect::DetachPartition { partition } => self.detached(act, &table, partition, title, deploys + 1),
                Aspect::AttachPartition { partition, bound } if used || self.is_used(partition) => {
                    self.attached(act, &table, partition, bound, (deploys, phase));
                }
                Aspect::Identity(Some(identity)) if used => self.counts_on(path, identity, act, title),
                Aspect::AddDomainCheck(check) if check.valid => {
                    let unproven = model::object::DomainCheck { valid: false, ..check.clone() };
                    let add = Act::new(Change::alter(path.clone(), Aspect::AddDomainCheck(unproven)));
                    self.together(deploys, phase, title, vec![add]);
                    let validate = Aspect::ValidateDomainCheck(check.name.clone());
                    let title = format!("every old value of {path} obeys {}", model::name::quoted(&check.name));
                    self.together(
                        deploys,
                        phase.max(Phase::Constrain),
                        title,
                        vec![Act::new(Change::alter(path.clone(), validate))],
                    );
                }
                // Only what is logged can be published: the publication lets go of it first.
                Aspect::Persistence(Persistence::Unlogged) if self.was_published(&table) => {
                    self.together(deploys + 1, Phase::Contract, title, vec![act.clone()]);
                }
                Aspect::RenameValue { .. } => self.named_anew(act, title),
                // A value cannot be used in the transaction that adds it.
                Aspect::AddValue { .. } => self.draft(deploys, phase, title, DraftWork::Alone(act.clone())),
                _ => self.join_or_draft(deploys, phase, title, act),
            },
        }
    }

    fn was_published(&self, table: &QName) -> bool {
        let name = self.name_before(table).unwrap_or_else(|| table.clone());
        let publishes = |object: &Object| matches!(object, Object::Publication(own) if own.publishes(&name));
        self.before.of_kind(Kind::Publication).any(publishes)
    }

    /// The act as it is, in one moment with all others: nobody sees what is between.
    pub(super) fn plainly(&mut self, now: &Schema, act: &Act) {
        let title = words::change(now, &act.change);
        match act.change {
            // A value cannot be used in the transaction that adds it.
            Change::Alter { aspect: Aspect::AddValue { .. }, .. } => {
                self.draft(0, Phase::Expand, title, DraftWork::Alone(act.clone()));
            }
            _ => self.switch(title, vec![act.clone()]),
        }
    }

    /// What is said of a thing, and what is new altogether, goes with the draft before it when nobody is locked by it.
    fn join_or_draft(&mut self, deploys: u32, phase: Phase, title: String, act: &Act) {
        let is_new = |act: &Act| {
            let name = act.change.path().qname();
            matches!(act.change, Change::Create { .. } | Change::Alter { .. }) && !self.is_used(&name)
        };
        let joins = self.drafts.last().is_some_and(|last| {
            let DraftWork::Together(acts) = &last.work else { return false };
            // What a column loses and gets in its place it does at once.
            let same = act.change.path().kind == Kind::Column
                && acts.last().is_some_and(|last| last.change.path() == act.change.path());
            let new = is_new(act) && acts.iter().all(is_new);
            (new || same) && (last.deploys, last.phase) == (deploys, phase)
        });
        match self.drafts.last_mut() {
            Some(Draft { work: DraftWork::Together(acts), .. }) if joins => acts.push(act.clone()),
            _ => self.together(deploys, phase, title, vec![act.clone()]),
        }
    }

    /// What is written from here on says the new name.
    fn named_anew(&mut self, act: &Act, title: String) {
        self.together(0, Phase::Expand, title, vec![act.clone()]);
        if let Some(after) = promises::missed(&act.change) {
            self.says(after);
        }
    }

    /// A name that is handed on is missed in no moment: who gives it away and who takes it do so at once.
    fn renamed(&mut self, act: &Act, to: &Name, title: String) {
        let path = act.change.path();
        let hands_on = |one: &Act| match &one.change {
            Change::Rename { path: from, to: taken } => {
                let same = from.kind == path.kind && from.kind.is_part() && from.qname() == path.qname();
                same && (from.part == *to || *taken == path.part)
            }
            _ => false,
        };
        match self.drafts.last_mut() {
            Some(Draft { work: DraftWork::Together(acts), title, .. }) if acts.last().is_some_and(hands_on) => {
                acts.push(act.clone());
                let names: Vec<String> = acts
                    .iter()
                    .filter_map(|act| match &act.change {
                        Change::Rename { path, to }
                            if self.after.contains(&Path { part: to.clone(), ..path.clone() }) =>
                        {
                            Some(model::name::quoted(to).into_owned())
                        }
                        _ => None,
                    })
                    .collect();
                *title = format!("hand on the names {} in {} at once", super::listed(&names), path.qname());
            }
            _ => self.named_anew(act, title),
        }
    }

    /// Whoever runs still uses it: it goes when the application that does not is deployed.
    fn dropped(&mut self, now: &Schema, act: &Act, title: String) {
        let path = act.change.path();
        let table = path.qname();
        match path.kind {
            Kind::Column => {
                let column = now.column(&table, &path.part);
                let required = column.is_some_and(|own| {
                    own.not_null.is_some() && own.default.is_none() && own.generated.is_none() && own.identity.is_none()
                });
                let in_key = now
                    .table(&table)
                    .and_then(|table| table.primary_key())
                    .is_some_and(|key| key.columns.contains(&path.part));
                if required && !in_key {
                    let relax = Act::new(Change::alter(path.clone(), Aspect::NotNull(None)));
                    self.together(0, Phase::Expand, format!("{path} may be left out"), vec![relax]);
                }
                self.columns_go(vec![path.clone()], Vec::new());
            }
            Kind::Table => {
                let parent = now.table(&table).and_then(|own| own.partition_of.as_ref()).map(|of| of.parent.clone());
                if let Some(parent) = parent.filter(|parent| self.after.table(parent).is_some()) {
                    let detach = Aspect::DetachPartition { partition: table.clone() };
                    let detach = Act::new(Change::alter(Path::table(&parent), detach));
                    self.detached(&detach, &parent, &table, format!("detach partition {table} from {parent}"), 1);
                }
                if self.settings.grace == Grace::None {
                    return self.together(1, Phase::Contract, title, vec![act.clone()]);
                }
                // Renamed first: whoever misses it can have it back.
                let away = names::dropped(&path.name);
                let rename = Act::new(Change::Rename { path: path.clone(), to: away.clone() });
                self.together(1, Phase::Contract, format!("take table {path} away, for now by a rename"), vec![rename]);
                let gone = Path { name: away, ..path.clone() };
                self.together(2, Phase::Contract, title, vec![Act::new(Change::drop(gone))]);
            }
            Kind::Index if self.is_used(&table) => {
                let partitioned = now.table(&table).is_some_and(|table| table.is_partitioned());
                match partitioned {
                    true => self.together(1, Phase::Contract, title, vec![act.clone()]),
                    false => {
                        let how = How { concurrently: true, ..How::default() };
                        self.draft(1, Phase::Contract, title, DraftWork::Alone(Act { how, ..act.clone() }));
                    }
                }
            }
            // What a constraint forbids the new application may have to do.
            Kind::Constraint => self.together(0, Phase::Expand, title, vec![act.clone()]),
            Kind::View | Kind::MaterializedView | Kind::Trigger | Kind::Policy | Kind::Rule => {
                self.together(1, Phase::Contract, title, vec![act.clone()]);
            }
            // What a table needs goes after it, and some things are kept for a while.
            _ => self.together(1 + u32::from(self.keeps), Phase::Contract, title, vec![act.clone()]),
        }
    }

    /// Columns of one table go, in the end: after the acts that let go of them.
    pub(super) fn columns_go(&mut self, paths: Vec<Path>, mut acts: Vec<Act>) {
        let shown: Vec<String> = paths.iter().map(ToString::to_string).collect();
        let columns = if paths.len() == 1 { "column" } else { "columns" };
        let shown = super::listed(&shown);
        let drop = |paths: Vec<Path>| paths.into_iter().map(|path| Act::new(Change::drop(path)));
        if self.settings.grace != Grace::Columns {
            let title = format!("drop {columns} {shown}");
            acts.extend(drop(paths));
            return self.together(1, Phase::Contract, title, acts);
        }
        let away = |path: &Path| names::dropped(&path.part);
        acts.extend(paths.iter().map(|path| Act::new(Change::Rename { path: path.clone(), to: away(path) })));
        self.together(1, Phase::Contract, format!("take {columns} {shown} away, for now by a rename"), acts);
        let gone = paths.iter().map(|path| Path { part: away(path), ..path.clone() }).collect();
        self.together(2, Phase::Contract, format!("drop {columns} {shown}"), drop(gone).collect());
    }

    /// The column gets its values in another way at once.
    fn counts_by_itself(&self, path: &Path) -> bool {
        let column = self.after.column(&path.qname(), &path.part);
        column.is_none_or(|column| column.identity.is_some() || column.generated.is_some())
    }

    /// The name is that of a table that goes away.
    pub(super) fn takes_name(&self, path: &Path) -> bool {
        let name = path.qname();
        let held = !path.kind.is_part() && path.kind != Kind::Table && self.before.table(&name).is_some();
        held && self.after.table(&name).is_none() && !self.settings.diff.renames.iter().any(|rename| {
            matches!(rename, crate::diff::Rename::Object { from, .. } if from.kind == Kind::Table && from.qname() == name)
        })
    }

    /// The columns of a table or view, as far as they are known.
    fn shown_by(&self, name: &QName) -> Vec<Name> {
        let of_view = || self.before.view(name).map(|view| view.columns.clone());
        let of_table = self.before.table(name).map(|table| table.columns.iter().map(|own| own.name.clone()).collect());
        of_table.or_else(of_view).unwrap_or_default()
    }

    /// The old name stays as a view until nobody says it any more.
    fn rename_relation(&mut self, act: &Act, to: &QName, title: String) {
        self.moving.push(act.clone());
        // It may move and get another name: the view is of the last one.
        let there = |name: &QName| self.before.table(name).is_some() || self.before.view(name).is_some();
        let Some(old) = self.name_before(to).filter(|old| old != to && there(old)) else {
            return;
        };
        let columns = self.shown_by(&old);
        if columns.is_empty() {
            let acts = std::mem::take(&mut self.moving);
            return self.together(0, Phase::Expand, title, acts);
        }
        let kind = act.change.path().kind;
        let mut options = model::object::Options::new();
        if self.settings.diff.version.0 >= 15 {
            options.insert("security_invoker".into(), "true".into());
        }
        // Each by its name: what comes later is no part of it.
        let shown: Vec<_> = columns.iter().map(|name| model::name::quoted(name)).collect();
        let query = format!("SELECT {} FROM {to}", shown.join(", "));
        let view = View {
            name: old.clone(),
            materialized: false,
            columns,
            query: Query::opaque(QueryKind::Select, Sql::text(query), Span { start: 0, end: 0 }),
            options,
            persistence: Persistence::Permanent,
            populated: true,
            indexes: Vec::new(),
            triggers: Vec::new(),
            rules: Vec::new(),
            defaults: Vec::new(),
            tablespace: None,
            access_method: None,
        };
        let path = Path::object(Kind::View, &old);
        let mut acts = std::mem::take(&mut self.moving);
        acts.push(Act::new(Change::Create { path: path.clone(), object: Object::View(view.into()) }));
        if let Some(grants) = self.before.grants_on(&Path::object(kind, &old)) {
            let give =
                |grant: &model::object::Grant| Act::new(Change::alter(path.clone(), Aspect::Grant(grant.clone())));
            acts.extend(grants.granted.iter().map(give));
        }
        self.together(0, Phase::Expand, format!("{title}; {old} stays as a view of it"), acts);
        self.says(format!("{to} may be used; {old} is a view of it, to be read and written until it goes"));
        self.together(1, Phase::Contract, format!("drop view {old}"), vec![Act::new(Change::drop(path))]);
    }
}
