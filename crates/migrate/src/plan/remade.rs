//! Tables that no ALTER brings into their new shape without writing every row under its lock: one that becomes
//! partitioned, or gets a stored generated column. The new one is made beside the old one, a trigger keeps it in step,
//! rows are copied in batches, and the two change places in one transaction. From then on the old one is kept in step,
//! so that there is a way back, until it is dropped.

use std::collections::BTreeSet;

use model::change::Aspect;
use model::name::{literal, quoted};
use model::object::{
    Column, Constraint, ConstraintKind, Event, ForeignKey, Level, Object, PartitionStrategy, RowSecurity, Table, Timing,
};
use model::planned::{Backfill, Phase};
use model::{Change, Expr, Kind, Name, Path, QName, Schema, Sql, apply};

use super::required::BATCH;
use super::{DraftWork, Planner, names, numbers, shadow, trigger, values};
use crate::diff::{self, Act, Diff};

/// One table that is made anew.
#[derive(Clone, Debug)]
pub(super) struct Remade {
    pub(super) table: QName,
    /// What the new one is called first, and the old one in the end.
    lent: QName,
    old: QName,
    /// A unique key of both, by which their rows are the same.
    key: Vec<Name>,
    /// The key by which the old rows are gone through.
    walk: Vec<Name>,
    /// Columns of the new table, each with its value from the columns of the old one; and the other way round.
    forth: Vec<(Name, String)>,
    back: Result<Vec<(Name, String)>, String>,
    /// Columns of the old table that nobody writes any more, and that have to be.
    relaxed: Vec<Name>,
    /// Foreign keys that lead to it: the table that has them, and how they are.
    referring: Vec<(QName, Constraint)>,
    pub(super) title: String,
    /// What the application has to know of it.
    note: String,
}

impl Planner<'_> {
    /// Finds the tables, makes the first drafts, and says what is left to do when they have changed places.
    pub(super) fn find_remade(&mut self, found: &Diff) -> Option<(Schema, Vec<Act>)> {
        let tables: BTreeSet<QName> =
            self.after.tables().filter(|table| self.is_remade(table, found)).map(|table| table.name.clone()).collect();
        self.remakes = tables.iter().filter_map(|table| self.remake(table)).collect();
        if self.remakes.is_empty() {
            return None;
        }
        let mut now = self.before.clone();
        for remade in self.remakes.clone() {
            self.ready.insert(Path::table(&remade.table), (0, Phase::Switch));
            let mut acts = self.beside(&remade);
            acts.extend(self.change_places(&remade));
            for act in acts {
                apply(&mut now, &act.change).ok()?;
            }
        }
        let rest = diff::diff(&now, self.after, &self.settings.diff);
        for remade in self.remakes.clone() {
            self.holders.extend(shadow::holders(&now, &remade.old));
            self.old_goes(&remade, &now);
        }
        Some((now, rest.acts))
    }

    fn is_remade(&self, wanted: &Table, found: &Diff) -> bool {
        let Some(now) = self.before.table(&wanted.name) else { return false };
        let own = |act: &&Act| act.change.path().qname() == wanted.name;
        let computes = |act: &Act| matches!(&act.change, Change::Create { object: Object::Column(column), .. } if column.generated.as_ref().is_some_and(|own| own.stored));
        let grows = || !self.is_small(&wanted.name) && found.acts.iter().filter(own).any(computes);
        let ordinary = |table: &Table| {
            table.foreign.is_none()
                && table.inherits.is_empty()
                && table.partition_of.is_none()
                && table.of_type.is_none()
        };
        let has_children = now.partition_by.is_none() && self.before.children(&now.name).next().is_some();
        ordinary(now) && ordinary(wanted) && !has_children && (now.partition_by != wanted.partition_by || grows())
    }

    fn remake(&self, table: &QName) -> Option<Remade> {
        let (now, wanted) = (self.before.table(table)?, self.after.table(table)?);
        let renamed = self
            .settings
            .diff
            .renames
            .iter()
            .any(|rename| matches!(rename, crate::diff::Rename::Object { from, .. } if from.qname() == *table));
        let parts = tree(self.after, table);
        if renamed || parts.iter().skip(1).any(|part| self.before.relation(part).is_some()) {
            return None;
        }
        let same = |name: &Name| match (now.column(name), wanted.column(name)) {
            (Some(one), Some(other)) => one.ty == other.ty && one.generated.is_none() && other.generated.is_none(),
            _ => false,
        };
        let keys = wanted.constraints.iter().filter_map(Constraint::as_key).map(|key| key.columns.clone());
        let key = keys.into_iter().find(|key| key.iter().all(same))?;
        let walk = self.batch_key(table)?;
        let (mut forth, mut back, mut lost, mut relaxed) = (Vec::new(), Vec::new(), None, Vec::new());
        for column in wanted.columns.iter().filter(|column| column.generated.is_none()) {
            let path = Path::column(table, column.name.clone());
            let fill = self.fill(&path).map(ToString::to_string);
            let from = now.column(&column.name).filter(|own| own.generated.is_none());
            match (fill, from) {
                (Some(fill), _) => forth.push((column.name.clone(), fill)),
                (None, Some(own)) => forth.push((column.name.clone(), self.converted(own, column))),
                (None, None) if column.default.is_some() || column.identity.is_some() || column.not_null.is_none() => {}
                (None, None) => return None,
            }
        }
        for column in now.columns.iter().filter(|column| column.generated.is_none()) {
            let fill =
                self.fill(&Path::column(table, column.name.clone())).filter(|_| wanted.column(&column.name).is_none());
            match (fill, wanted.column(&column.name)) {
                (Some(fill), _) => back.push((column.name.clone(), fill.to_string())),
                (None, Some(own)) if own.ty == column.ty => {
                    back.push((column.name.clone(), quoted(&own.name).into_owned()))
                }
                (None, Some(own)) => {
                    match shadow::safely(
                        [self.before, self.after],
                        &Expr::column(own.name.clone()),
                        &own.ty,
                        &column.ty,
                    ) {
                        Some(value) => back.push((column.name.clone(), value)),
                        None => {
                            lost = Some(format!(
                                "what is written to {table}.{} as {} has no place in {}",
                                quoted(&own.name),
                                own.ty,
                                column.ty
                            ))
                        }
                    }
                }
                (None, None) if column.not_null.is_some() && column.default.is_none() && column.identity.is_none() => {
                    relaxed.push(column.name.clone());
                }
                (None, None) => {}
            }
        }
        let referring = self.after.referencing(table).into_iter().filter(|(other, own)| {
            let known = self.before.table(&other.name).and_then(|before| before.constraint(&own.name));
            other.name != *table
                && !own.inherited
                && own.valid
                && known.is_some_and(|known| known.as_foreign_key().is_some())
        });
        let (title, note) = words(now, wanted);
        Some(Remade {
            lent: QName::new(table.schema.clone(), names::new(&table.name)),
            old: QName::new(table.schema.clone(), names::old(&table.name)),
            key,
            walk,
            forth,
            back: lost.map_or(Ok(back), Err),
            relaxed,
            referring: referring.map(|(other, own)| (other.name.clone(), own.clone())).collect(),
            title,
            note,
            table: table.clone(),
        })
    }

    fn converted(&self, from: &Column, to: &Column) -> String {
        let operand = Expr::column(from.name.clone());
        let mapped = values::mapped(&self.settings.values, &operand, &from.ty, &to.ty);
        mapped.unwrap_or_else(|| diff::converted([self.before, self.after], operand, &from.ty, &to.ty)).to_string()
    }

    /// The target with the new table under its lent name, its keys and indexes as well, and nothing in it that would
    /// give values or ask for rights before it counts.
    fn lent(&self, remade: &Remade) -> Schema {
        let mut scratch = self.after.clone();
        let table = Path::table(&remade.table);
        let mut changes = vec![Change::Rename { path: table, to: remade.lent.name.clone() }];
        let Some(wanted) = self.after.table(&remade.table) else { return scratch };
        let part = |kind, name: &Name| Path::part(kind, &remade.lent, name.clone());
        for (kind, name) in named_parts(wanted) {
            changes.push(Change::Rename { path: part(kind, name), to: names::new(name) });
        }
        for trigger in wanted.triggers.iter().filter(|own| !own.inherited) {
            changes.push(Change::drop(part(Kind::Trigger, &trigger.name)));
        }
        changes.extend(wanted.rules.iter().map(|rule| Change::drop(part(Kind::Rule, &rule.name))));
        // Whoever writes the old table writes this one through the trigger, with the same rights, and sees no more in it.
        let guarded = self.before.table(&remade.table).is_some_and(|table| table.row_security.enabled);
        if !guarded {
            changes.extend(wanted.policies.iter().map(|policy| Change::drop(part(Kind::Policy, &policy.name))));
        }
        let security = RowSecurity { enabled: guarded, forced: false };
        changes.push(Change::alter(Path::table(&remade.lent), Aspect::RowSecurity(security)));
        changes.push(Change::alter(Path::table(&remade.lent), Aspect::ReplicaIdentity(Default::default())));
        for (name, _) in &remade.forth {
            let path = part(Kind::Column, name);
            let column = wanted.column(name);
            if column.is_some_and(|own| own.identity.is_some()) {
                changes.push(Change::alter(path.clone(), Aspect::Identity(None)));
            }
            if column.is_some_and(|own| own.default.is_some()) {
                changes.push(Change::alter(path, Aspect::Default(None)));
            }
        }
        for change in &changes {
            let _ = apply(&mut scratch, change);
        }
        scratch
    }

    /// The drafts that make the new table and fill it; what they do to the schema.
    fn beside(&mut self, remade: &Remade) -> Vec<Act> {
        let scratch = self.lent(remade);
        let Remade { table, lent, .. } = remade;
        let mut all: Vec<Act> = Vec::new();
        let mut made = Vec::new();
        for part in tree(&scratch, lent) {
            made.extend(diff::again(self.before, &scratch, &Path::table(&part)).into_iter().map(Act::new));
        }
        let whole = (Path::table(table), Path::table(lent));
        let columns =
            remade.forth.iter().map(|(name, _)| (Path::column(table, name.clone()), Path::column(lent, name.clone())));
        for (from, to) in std::iter::once(whole).chain(columns) {
            let granted = self.before.grants_on(&from).into_iter().flat_map(|grants| &grants.granted);
            made.extend(granted.map(|grant| Act::new(Change::alter(to.clone(), Aspect::Grant(grant.clone())))));
        }
        all.extend(made.iter().cloned());
        self.together(0, Phase::Expand, format!("create {lent}, {}", remade.title), made);
        let step = remade.keep(&remade.table, lent, &remade.forth);
        all.extend(step.iter().cloned());
        self.together(0, Phase::Expand, format!("keep it in step with {table}"), step);
        let backfill = Backfill {
            table: table.clone(),
            key: remade.walk.clone(),
            into: Some(lent.clone()),
            set: remade.forth.clone(),
            condition: format!("NOT EXISTS (SELECT 1 FROM {lent} WHERE {})", remade.same(lent, &quoted(&table.name))),
            batch: BATCH,
        };
        self.draft(0, Phase::Backfill, format!("copy the rows of {table} to {lent}"), DraftWork::Backfill(backfill));
        // A transaction that began before a row was copied does not see the copy that it should delete.
        let statement = format!(
            "DELETE FROM {lent} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {});",
            remade.same(table, &quoted(&lent.name))
        );
        let work = DraftWork::Update { table: lent.clone(), statement };
        self.draft(0, Phase::Constrain, format!("{lent} has no row that {table} has not"), work);
        let analyze = Act::new(Change::alter(Path::table(lent), Aspect::Other(Sql::text(format!("ANALYZE {lent}")))));
        self.together(0, Phase::Constrain, format!("statistics of {lent}"), vec![analyze]);
        for (other, own) in &remade.referring {
            let twin = Constraint { name: names::new(&own.name), ..retargeted(own, lent) };
            let path = Path::constraint(other, twin.name.clone());
            all.push(Act::new(Change::add_constraint(other, twin.clone())));
            self.new_constraint(&path, &twin, 0, Phase::Constrain);
        }
        all
    }

    /// The moment: everything that only one table can have goes from the old one to the new one.
    fn change_places(&mut self, remade: &Remade) -> Vec<Act> {
        let Remade { table, lent, old, .. } = remade;
        let (Some(now), Some(wanted)) = (self.before.table(table), self.after.table(table)) else { return Vec::new() };
        let rename = |path: Path, to: Name| Act::new(Change::Rename { path, to });
        let mut acts = remade.let_go(table);
        for (other, own) in &remade.referring {
            acts.push(Act::new(Change::drop(Path::constraint(other, own.name.clone()))));
        }
        // What is written to the old table from now on was written to the new one, and its triggers have fired.
        for own in now.triggers.iter().filter(|own| !own.inherited) {
            acts.push(Act::new(Change::drop(Path::part(Kind::Trigger, table, own.name.clone()))));
        }
        for (kind, name) in named_parts(now) {
            acts.push(rename(Path::part(kind, table, name.clone()), names::old(name)));
        }
        let numbered: Vec<(&Name, &QName)> = now
            .columns
            .iter()
            .filter_map(|column| Some((&column.name, &column.identity.as_ref()?.sequence.name)))
            .collect();
        for (_, sequence) in &numbered {
            acts.push(rename(Path::object(Kind::Sequence, sequence), names::old(&sequence.name)));
        }
        acts.push(rename(Path::table(table), old.name.clone()));
        acts.push(rename(Path::table(lent), table.name.clone()));
        for (kind, name) in named_parts(wanted) {
            acts.push(rename(Path::part(kind, table, names::new(name)), name.clone()));
        }
        for (other, own) in &remade.referring {
            acts.push(rename(Path::constraint(other, names::new(&own.name)), own.name.clone()));
        }
        for sequence in self.after.sequences() {
            let owner = sequence.owned_by.as_ref().is_some_and(|(owner, _)| owner == table);
            if owner && self.before.sequence(&sequence.name).is_some() {
                let path = Path::object(Kind::Sequence, &sequence.name);
                acts.push(Act::new(Change::alter(path, Aspect::Sequence(Box::new(sequence.clone())))));
            }
        }
        for column in wanted.columns.iter().filter(|column| remade.forth.iter().any(|(name, _)| *name == column.name)) {
            let Some(identity) = &column.identity else { continue };
            let path = Path::column(table, column.name.clone());
            acts.push(Act::new(Change::alter(path.clone(), Aspect::Identity(Some(identity.clone())))));
            let goes_on = numbered.iter().find(|(name, _)| **name == column.name).map(|(_, sequence)| {
                let sequence = QName::new(sequence.schema.clone(), names::old(&sequence.name));
                let serial =
                    format!("pg_get_serial_sequence({}, {})", literal(&table.to_string()), literal(&column.name));
                format!("SELECT setval({serial}, last_value, is_called) FROM {sequence}")
            });
            let goes_on = goes_on.unwrap_or_else(|| numbers::go_on(table, &column.name));
            acts.push(Act::new(Change::alter(path, Aspect::Other(Sql::text(goes_on)))));
            self.switch_back.first.push(format!("{};", numbers::remember(table, &column.name)));
            if now.column(&column.name).is_some_and(|own| own.identity.is_some()) {
                self.switch_back.last.push(format!("{};", numbers::go_on(table, &column.name)));
            }
        }
        for name in &remade.relaxed {
            acts.push(Act::new(Change::alter(Path::column(old, name.clone()), Aspect::NotNull(None))));
        }
        match &remade.back {
            Ok(back) => acts.extend(remade.keep(table, old, back)),
            Err(why) => self.switch_lost = Some(why.clone()),
        }
        self.switch(format!("{table} is the new table, {}", remade.title), acts.clone());
        self.switch_note = Some(remade.note.clone());
        acts
    }

    fn old_goes(&mut self, remade: &Remade, now: &Schema) {
        let Remade { table, old, .. } = remade;
        let mut acts = if remade.back.is_ok() { remade.let_go(table) } else { Vec::new() };
        let mut parts = tree(now, old);
        parts.reverse();
        acts.extend(parts.iter().map(|part| Act::new(Change::drop(Path::table(part)))));
        self.consumed.extend(parts.iter().map(Path::table));
        let gone = [Kind::Function, Kind::Trigger];
        for act in &acts {
            if let Change::Drop { path, .. } = &act.change
                && gone.contains(&path.kind)
            {
                self.consumed.insert(path.clone());
            }
        }
        self.together(1, Phase::Contract, format!("drop table {old}"), acts);
    }

    /// Whether the act belongs into the moment at which a table changes places.
    pub(super) fn of_remade(&self, path: &Path) -> bool {
        let of_table = self.remakes.iter().any(|remade| remade.table == path.qname())
            && (path.kind.is_part() || path.kind == Kind::Table);
        of_table || self.holders.contains(path)
    }
}

impl Remade {
    /// `orders__new.id = orders.id`
    fn same(&self, one: &QName, row: &str) -> String {
        let one = quoted(&one.name);
        let pairs = self.key.iter().map(|key| format!("{one}.{} = {row}.{}", quoted(key), quoted(key)));
        pairs.collect::<Vec<_>>().join(" AND ")
    }

    fn names(&self, table: &QName) -> [QName; 2] {
        [names::sync(table, "rows"), names::along(table, "rows")]
    }

    /// What is written to the first table is written to the other.
    fn keep(&self, table: &QName, other: &QName, values: &[(Name, String)]) -> Vec<Act> {
        let [each, all] = self.names(table);
        let columns: Vec<_> = values.iter().map(|(name, _)| quoted(name)).collect();
        let columns = columns.join(", ");
        let exprs: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        let row = format!("SELECT {} FROM (SELECT NEW.*) AS {}", exprs.join(", "), quoted(&self.table.name));
        let lines = format!(
            "    IF TG_OP = 'DELETE' THEN
        DELETE FROM {other} WHERE {};
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE {other} SET ({columns}) = ({row}) WHERE {};
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO {other} ({columns}) OVERRIDING SYSTEM VALUE {row} ON CONFLICT DO NOTHING;
    RETURN NULL;
",
            self.same(other, "OLD"),
            self.same(other, "OLD"),
        );
        let events = vec![Event::Insert, Event::Update(Vec::new()), Event::Delete];
        let (timing, variables) = (Timing::After, String::new());
        let each = trigger::Made { name: each, table, timing, events, level: Level::Row, variables, lines };
        let lines = format!("    DELETE FROM {other};\n    RETURN NULL;\n");
        let events = vec![Event::Truncate];
        let all = trigger::Made {
            name: all,
            table,
            timing,
            events,
            level: Level::Statement,
            variables: String::new(),
            lines,
        };
        each.create().into_iter().chain(all.create()).collect()
    }

    fn let_go(&self, table: &QName) -> Vec<Act> {
        self.names(table).iter().flat_map(|name| trigger::drop(name, table)).collect()
    }
}

/// Keys, exclusions and indexes: no two in a schema have the same name.
fn named_parts(table: &Table) -> Vec<(Kind, &Name)> {
    let constraints = table
        .constraints
        .iter()
        .filter(|own| own.has_index() && !own.inherited)
        .map(|own| (Kind::Constraint, &own.name));
    let indexes = table.indexes.iter().filter(|own| own.attached_to.is_none()).map(|own| (Kind::Index, &own.name));
    constraints.chain(indexes).collect()
}

/// The table and its partitions, those of partitions behind them.
fn tree(schema: &Schema, table: &QName) -> Vec<QName> {
    let mut found = vec![table.clone()];
    let mut at = 0;
    while at < found.len() {
        found.extend(schema.children(&found[at]).cloned().collect::<Vec<_>>());
        at += 1;
    }
    found
}

fn retargeted(own: &Constraint, table: &QName) -> Constraint {
    let kind = match &own.kind {
        ConstraintKind::ForeignKey(key) => {
            ConstraintKind::ForeignKey(ForeignKey { table: table.clone(), ..key.clone() })
        }
        other => other.clone(),
    };
    Constraint { kind, ..own.clone() }
}

/// What becomes of the table, and what the application has to know of it.
fn words(now: &Table, wanted: &Table) -> (String, String) {
    let name = &wanted.name;
    let mut notes = Vec::new();
    let fresh: Vec<String> = wanted
        .columns
        .iter()
        .filter(|column| now.column(&column.name).is_none())
        .map(|column| Path::column(name, column.name.clone()).to_string())
        .collect();
    if !fresh.is_empty() {
        notes.push(format!("{} may be used", super::listed(&fresh)));
    }
    let title = match &wanted.partition_by {
        Some(by) if now.partition_by != wanted.partition_by => {
            let columns: Vec<&Name> = by.keys.iter().flat_map(|key| key.expr.columns()).collect();
            let keys: Vec<String> = by.keys.iter().map(|key| key.expr.to_string()).collect();
            let strategy = match by.strategy {
                PartitionStrategy::Range => "range",
                PartitionStrategy::List => "list",
                PartitionStrategy::Hash => "hash",
            };
            let lacks = |own: &Constraint| {
                own.as_key().is_some_and(|key| columns.iter().any(|column| !key.columns.contains(column)))
            };
            if now.constraints.iter().any(lacks) {
                notes.push(format!("each key of {name} has {} in it, also for ON CONFLICT", super::listed(&keys)));
            }
            format!("partitioned by {strategy} of {}", keys.join(", "))
        }
        None if now.partition_by.is_some() => "without partitions".to_owned(),
        _ => "with its generated columns".to_owned(),
    };
    notes.push(format!("the columns of {name} may stand in another order: an INSERT names those that it fills"));
    let old = QName::new(name.schema.clone(), names::old(&name.name));
    notes.push(format!("{old} has the same rows until it goes, and a write to {name} writes both"));
    (title, notes.join("; "))
}
