//! A finding about an index with what the statistics say of it, and the statements that mend it and take that back.

use std::collections::BTreeSet;

use model::activity::Writes;
use model::apply::{apply, naming};
use model::object::{Index, Object, Table};
use model::usage::usage;
use model::{Change, Finding, Kind, Name, QName, Schema, Severity};

use super::Report;
use crate::count::{counted, number};
use crate::index::{dropped, is_partitioned, made};

#[derive(Clone, Debug)]
pub struct Item<'a> {
    pub(super) finding: &'a Finding,
    pub(super) table: Option<QName>,
    /// The index, or the constraint that it is behind or should serve.
    pub(super) index: String,
    pub(super) bytes: u64,
    pub(super) scans: Option<u64>,
    /// Entries that were written to it since scans are counted.
    pub(super) entries: Option<u64>,
    /// What mending it gives back; nothing where it is not sure that it should be mended.
    pub(super) frees: u64,
    /// What else it costs, a clause each.
    pub(super) costs: Vec<String>,
    pub(super) statements: Vec<String>,
    pub(super) undo: Vec<String>,
    /// How the statements are to be run, where that is not as always.
    pub(super) how: Option<&'static str>,
}

impl<'a> Item<'a> {
    pub(super) fn of(finding: &'a Finding, report: &Report<'_>) -> Item<'a> {
        let mut item = Item {
            finding,
            table: finding.subject.as_ref().map(model::Path::qname),
            index: finding.subject.as_ref().map_or(String::new(), |path| path.part.to_string()),
            bytes: 0,
            scans: None,
            entries: None,
            frees: 0,
            costs: Vec::new(),
            statements: Vec::new(),
            undo: Vec::new(),
            how: None,
        };
        for change in finding.fix.iter().flat_map(|fix| &fix.changes) {
            item.change(change, report);
        }
        if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.run.is_empty()) {
            item.statements.extend(fix.run.iter().map(|statement| format!("{statement};")));
            item.measure(report);
        }
        item
    }

    fn change(&mut self, change: &Change, report: &Report<'_>) {
        let schema = report.schema;
        match change {
            Change::Drop { path, .. } if path.kind == Kind::Index => {
                let table = path.qname();
                self.statements.push(dropped(schema, &table, &path.part));
                let name = QName::new(table.schema.clone(), path.part.clone());
                let Some((_, index)) = schema.index(&name) else { return };
                // What could not be built is not built again by taking its end back.
                if index.valid {
                    self.undo.extend(made(schema, &table, index));
                }
                if let Some(owner) = schema.table(&table) {
                    self.used(report, owner, index);
                }
                if is_partitioned(schema, &table) {
                    self.how = Some(
                        "it goes at the partitioned table with all of its parts, which locks out reads and writes for a \
                         moment: SET lock_timeout = '2s' before",
                    );
                }
            }
            Change::Create { path, object: Object::Index(index) } => {
                let table = path.qname();
                let index = Index { name: free_name(schema, change, &table, index), ..(**index).clone() };
                self.statements.extend(made(schema, &table, &index));
                self.undo.push(dropped(schema, &table, &index.name));
            }
            _ => {}
        }
    }

    /// What is known of an index that is to be dropped.
    fn used(&mut self, report: &Report<'_>, table: &Table, index: &Index) {
        let Some(usage) = usage(report.stats, report.schema, table, index) else { return };
        self.bytes = usage.bytes;
        self.scans = Some(usage.scans);
        self.entries = usage.entries;
        self.frees = if self.finding.severity == Severity::Note { 0 } else { usage.bytes };
        let writes = report.stats.activity.as_ref().and_then(|activity| activity.tables.get(&table.name));
        self.costs.extend(writes.and_then(|writes| in_place(*writes, table, index)));
    }

    /// What is known of one that is to be built anew.
    fn measure(&mut self, report: &Report<'_>) {
        let Some(table) = &self.table else { return };
        let name = QName::new(table.schema.clone(), self.index.as_str());
        let Some(size) = report.stats.indexes.get(&name) else { return };
        self.bytes = size.bytes;
        self.scans = Some(size.scans);
        let used = report.stats.activity.as_ref().and_then(|activity| activity.indexes.get(&name));
        self.frees = used.and_then(|used| used.needed).map_or(0, |needed| size.bytes.saturating_sub(needed.bytes));
    }
}

/// Updates that an index keeps from being done in place (HOT): those that set a column that no other index holds.
fn in_place(writes: Writes, table: &Table, index: &Index) -> Option<String> {
    /// So few say nothing.
    const MANY: u64 = 1_000;
    if writes.updated < MANY {
        return None;
    }
    let others = table.indexes.iter().filter(|other| other.name != index.name).flat_map(Index::columns);
    let keys = table.constraints.iter().filter_map(|constraint| constraint.as_key());
    let held: BTreeSet<&Name> = others.chain(keys.flat_map(|key| key.columns.iter().chain(&key.include))).collect();
    let mut alone: Vec<&Name> = index.columns().into_iter().filter(|column| !held.contains(column)).collect();
    alone.sort();
    alone.dedup();
    let share = 100.0 * writes.in_place as f64 / writes.updated as f64;
    let share = format!("{share:.0} % of {} were done in place", counted_updates(writes.updated));
    if alone.is_empty() {
        return None;
    }
    let names: Vec<String> = alone.iter().map(|name| name.to_string()).collect();
    Some(format!("{share}; those that set {} never are, for this index alone", crate::count::list(&names)))
}

fn counted_updates(count: u64) -> String {
    match count {
        1 => counted(1, "update"),
        _ => format!("{} updates", number(count as usize)),
    }
}

/// The name that PostgreSQL would choose.
fn free_name(schema: &Schema, change: &Change, table: &QName, index: &Index) -> Name {
    if !index.name.is_empty() {
        return index.name.clone();
    }
    match apply(&mut schema.clone(), change) {
        Ok(effects) if !effects.created.is_empty() => effects.created[0].part.clone(),
        _ => naming::choose_relation_name(schema, &table.schema, &table.name, None, "idx"),
    }
}
