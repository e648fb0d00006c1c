//! What later schemas ask of the rows of tables that are there.

use std::collections::BTreeSet;

use live::sample::{Ahead, Condition};
use model::change::Aspect;
use model::object::{Column, Constraint, ConstraintKind, Index, NotNull, Object, Table};
use model::{Change, Name, QName, Schema, apply};

/// The schema with what those behind it ask, the next first. What `follows` denies gets other values on the way, or is
/// something else under its name.
pub(super) fn of(now: &Schema, later: &[&Schema], follows: &dyn Fn(&QName, &Name) -> bool) -> Ahead {
    let mut ahead = Ahead::nothing(now);
    let mut asked: Vec<Asked> = now.tables().flat_map(|table| of_table(now, table, later, follows)).collect();
    // What refers to keys comes behind them.
    asked.sort_by_key(|asked| asked.is_reference);
    for (number, mut asked) in asked.into_iter().enumerate() {
        asked.call(&format!("palladio_ahead_{number}"));
        let add = write::sql::postgres::change(&ahead.then, &asked.change);
        let before = ahead.then.clone();
        let (Ok(_), Some(back)) = (apply(&mut ahead.then, &asked.change), asked.back()) else {
            ahead.then = before;
            continue;
        };
        let drop = write::sql::postgres::change(&ahead.then, &back);
        let [add, drop] = [add, drop].map(|statements| statements.join(" "));
        ahead.conditions.push(Condition { table: asked.table, name: asked.name, add, drop });
    }
    ahead
}

/// What one table is asked for.
struct Asked {
    table: QName,
    /// What people call it.
    name: String,
    change: Change,
    is_reference: bool,
}

impl Asked {
    fn new(table: &Table, name: String, change: Change) -> Asked {
        Asked { table: table.name.clone(), name, change, is_reference: false }
    }

    /// Gives it a name that nothing else has.
    fn call(&mut self, name: &str) {
        let Change::Create { path, object } = &mut self.change else { return };
        path.part = name.into();
        match object {
            Object::Constraint(own) => own.name = name.into(),
            Object::Index(own) => own.name = name.into(),
            _ => {}
        }
    }

    fn back(&self) -> Option<Change> {
        match &self.change {
            Change::Create { path, .. } => Some(Change::drop(path.clone())),
            Change::Alter { path, .. } => Some(Change::alter(path.clone(), Aspect::NotNull(None))),
            _ => None,
        }
    }
}

fn of_table(now: &Schema, table: &Table, later: &[&Schema], follows: &dyn Fn(&QName, &Name) -> bool) -> Vec<Asked> {
    let mut same: BTreeSet<&Name> = table.columns.iter().map(|own| &own.name).collect();
    same.retain(|name| follows(&table.name, name));
    let mut found: Vec<Asked> = Vec::new();
    let mut constraints: Vec<&ConstraintKind> = table.constraints.iter().map(|own| &own.kind).collect();
    let mut indexes: Vec<&Index> = Vec::new();
    let mut required: BTreeSet<&Name> = BTreeSet::new();
    for next in later {
        let Some(next) = next.table(&table.name) else { break };
        // The values of a column that becomes another are no longer those that were made.
        same.retain(
            |name| matches!((table.column(name), next.column(name)), (Some(old), Some(new)) if is_same(old, new)),
        );
        for column in next.columns.iter().filter(|own| own.not_null.is_some() && same.contains(&own.name)) {
            if table.column(&column.name).is_some_and(Column::is_nullable) && required.insert(&column.name) {
                let path = model::Path::column(&table.name, column.name.clone());
                let name = format!("{}.{} NOT NULL", table.name, column.name);
                found.push(Asked::new(table, name, Change::alter(path, Aspect::NotNull(Some(NotNull::default())))));
            }
        }
        for own in next.constraints.iter().filter(|own| own.enforced && !own.inherited) {
            let named = own.columns();
            if constraints.contains(&&own.kind) || named.is_empty() || !named.iter().all(|name| same.contains(name)) {
                continue;
            }
            constraints.push(&own.kind);
            let is_reference = match &own.kind {
                ConstraintKind::ForeignKey(key) if now.table(&key.table).is_none() => continue,
                ConstraintKind::ForeignKey(_) => true,
                _ => false,
            };
            let change = Change::add_constraint(&table.name, for_rows(table, own));
            found.push(Asked { is_reference, ..Asked::new(table, own.name.to_string(), change) });
        }
        for own in next.indexes.iter().filter(|own| own.unique && !own.inherited) {
            let keys = own.keys.iter().flat_map(|key| key.expr.columns());
            let named: Vec<&Name> = keys.chain(own.predicate.iter().flat_map(|own| own.columns())).collect();
            let is_there = table.indexes.iter().any(|old| old.name == own.name) || indexes.contains(&own);
            if !is_there && !named.is_empty() && named.iter().all(|name| same.contains(name)) {
                indexes.push(own);
                let index = Index { include: Vec::new(), attached_to: None, ..own.clone() };
                found.push(Asked::new(table, own.name.to_string(), Change::add_index(&table.name, index)));
            }
        }
    }
    found
}

fn is_same(old: &Column, new: &Column) -> bool {
    old.ty == new.ty && old.collation == new.collation && old.generated == new.generated
}

/// The same for a table that may have a primary key of another kind.
fn for_rows(table: &Table, constraint: &Constraint) -> Constraint {
    let mut own = constraint.clone();
    (own.valid, own.deferrable) = (true, Default::default());
    let has_key = || table.constraints.iter().any(|old| matches!(old.kind, ConstraintKind::PrimaryKey(_)));
    match &own.kind {
        ConstraintKind::PrimaryKey(key) if has_key() => own.kind = ConstraintKind::Unique(key.clone()),
        _ => {}
    }
    own
}

/// What is to be known of rows that were made for what is asked later.
pub(super) fn note(obeyed: &BTreeSet<String>) -> Option<String> {
    /// A sentence, not a list.
    const MOST: usize = 3;
    let mut names: Vec<String> = obeyed.iter().take(MOST).cloned().collect();
    match obeyed.len().saturating_sub(MOST) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    let said = report::count::list(&names);
    (!names.is_empty()).then(|| format!("The rows were made to obey {said}: a row of yours that does not stops this"))
}
