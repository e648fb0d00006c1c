//! Partitions come and go while others use the table: made beside it and attached, detached before they go.

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, Object, PartitionStrategy, Table};
use model::planned::Phase;
use model::step::How;
use model::{Change, Expr, Path, QName, Schema, Sql};

use super::{DraftWork, Planner, locks, names};
use crate::diff::Act;

impl Planner<'_> {
    /// A new partition is made as a table of its own: to make it in its place would lock everybody out of the whole.
    pub(super) fn new_partition(&mut self, path: &Path, table: &Table, title: &str) -> bool {
        let Some(of) = &table.partition_of else { return false };
        let plain = table.foreign.is_none() && table.inherits.is_empty() && table.of_type.is_none();
        if !plain || !self.is_used(&of.parent) || self.takes_name(path) || self.replaced.contains(path) {
            return false;
        }
        // With the columns that it would have got from the whole.
        let Some(whole) = self.after.table(&table.name) else { return false };
        let mut alone = Table { partition_of: None, ..whole.clone() };
        for column in &mut alone.columns {
            let own = std::sync::Arc::make_mut(column);
            own.inherited = false;
            own.identity = None;
        }
        // The others come from the table that it joins.
        alone.constraints.retain(|own| matches!(own.kind, ConstraintKind::Check(_)));
        alone.constraints.iter_mut().for_each(|own| own.inherited = false);
        alone.indexes.clear();
        alone.triggers.clear();
        let object = Object::Table(alone.into());
        let create = Act::new(Change::Create { path: path.clone(), object });
        let attach = Aspect::AttachPartition { partition: table.name.clone(), bound: of.bound.clone() };
        let attach = Act::new(Change::alter(Path::table(&of.parent), attach));
        // In one transaction: nobody has rows in it yet.
        self.together(0, Phase::Expand, format!("{title} and attach it to {}", of.parent), vec![create, attach]);
        true
    }

    /// A table with rows joins: a check of its bounds that is made sure of before spares the scan under the lock.
    pub(super) fn attached(&mut self, parent: &QName, partition: &QName, act: &Act, title: String) {
        let Aspect::AttachPartition { bound, .. } = (match &act.change {
            Change::Alter { aspect, .. } => aspect,
            _ => return,
        }) else {
            return;
        };
        let bounds =
            self.before.table(parent).and_then(|table| within(table, bound)).filter(|_| self.is_used(partition));
        let Some(bounds) = bounds else {
            return self.together(0, Phase::Constrain, title, vec![act.clone()]);
        };
        let name = names::bounds(&partition.name);
        let check = Constraint { valid: false, ..Constraint::new(name.clone(), ConstraintKind::Check(bounds)) };
        let path = Path::constraint(partition, name);
        let add = Act::new(Change::add_constraint(partition, check));
        self.together(0, Phase::Expand, format!("{partition} takes only rows within its bounds"), vec![add]);
        let validate = Act::new(Change::alter(path.clone(), Aspect::Validate));
        self.together(0, Phase::Constrain, format!("every row of {partition} is within its bounds"), vec![validate]);
        self.together(0, Phase::Constrain, title, vec![act.clone(), Act::new(Change::drop(path))]);
    }

    /// It leaves its table while others go on; where there is a default partition that cannot be, and is done at once.
    pub(super) fn detached(&mut self, parent: &QName, partition: &QName, act: &Act, title: String, deploys: u32) {
        if self.before.children(parent).any(|child| locks::is_default(self.before, child)) {
            return self.together(deploys, Phase::Contract, title, vec![act.clone()]);
        }
        let how = How { concurrently: true, ..How::default() };
        self.draft(deploys, Phase::Contract, title, DraftWork::Alone(Act { how, ..act.clone() }));
        let forget = Aspect::Other(Sql::text(forget_bounds(self.before, partition)));
        let clean = Act::new(Change::alter(Path::table(partition), forget));
        self.together(deploys, Phase::Contract, format!("{partition} forgets its bounds"), vec![clean]);
    }
}

/// DETACH CONCURRENTLY leaves a check of the old bounds behind, under a name that the server chose.
pub(super) fn forget_bounds(before: &Schema, partition: &QName) -> String {
    let wanted = before.table(partition).into_iter().flat_map(|table| &table.constraints);
    let names: Vec<String> = wanted.map(|own| model::name::literal(&own.name)).collect();
    let table = model::name::literal(&partition.to_string());
    format!(
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = {table}::regclass \
         AND contype = 'c' AND conname <> ALL (ARRAY[{}]::text[]) LOOP \
         EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', {table}, name); END LOOP; END $$",
        names.join(", ")
    )
}

/// What a row of these bounds obeys, where one column decides.
fn within(parent: &Table, bound: &Sql) -> Option<Expr> {
    let by = parent.partition_by.as_ref()?;
    let [key] = by.keys.as_slice() else { return None };
    let column = model::name::quoted(key.expr.as_column()?);
    let bound = bound.to_string();
    let values = bound.trim().strip_prefix("FOR VALUES ")?;
    let text = match by.strategy {
        PartitionStrategy::Range => {
            let (from, to) = values.strip_prefix("FROM (")?.strip_suffix(')')?.split_once(") TO (")?;
            let bounded = |value: &str, open: &str| (value.trim() != open).then(|| value.trim().to_owned());
            let from = bounded(from, "MINVALUE").map(|value| format!(" AND {column} >= {value}"));
            let to = bounded(to, "MAXVALUE").map(|value| format!(" AND {column} < {value}"));
            format!("{column} IS NOT NULL{}{}", from.unwrap_or_default(), to.unwrap_or_default())
        }
        PartitionStrategy::List => {
            let list = values.strip_prefix("IN (")?.strip_suffix(')')?;
            if list.split(',').any(|value| value.trim().eq_ignore_ascii_case("NULL")) {
                return None;
            }
            format!("{column} IS NOT NULL AND {column} IN ({list})")
        }
        PartitionStrategy::Hash => return None,
    };
    Some(Expr::Text(Sql::text(text)))
}
