//! What a workload writes, and what an index makes of that.

use std::collections::{BTreeMap, BTreeSet};

use model::query::QueryKind;
use model::workload::Workload;
use model::{Name, QName, Schema};

use crate::candidates::Candidate;
use crate::size::Size;

/// Rows that the workload writes, by table, and by column where only some are changed.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    inserted: BTreeMap<QName, f64>,
    updated: BTreeMap<(QName, Name), f64>,
}

impl Writes {
    pub(crate) fn of(schema: &Schema, workload: &Workload) -> Writes {
        let mut writes = Writes::default();
        for asked in &workload.queries {
            asked.query.walk(&mut |level| {
                let Some(write) = &level.write else { return };
                if schema.table(&write.table).is_none() {
                    return;
                }
                if matches!(level.kind, QueryKind::Insert | QueryKind::Merge) {
                    *writes.inserted.entry(write.table.clone()).or_default() +=
                        asked.calls * f64::from(write.rows.max(1));
                }
                for (column, _) in &write.assignments {
                    *writes.updated.entry((write.table.clone(), column.clone())).or_default() += asked.calls;
                }
            });
        }
        writes
    }

    pub(crate) fn of_index(&self, candidate: &Candidate) -> f64 {
        let inserted = self.inserted.get(&candidate.table).copied().unwrap_or(0.0);
        let columns: BTreeSet<&Name> = candidate.index.columns().into_iter().collect();
        let updated = columns.into_iter().filter_map(|name| self.updated.get(&(candidate.table.clone(), name.clone())));
        inserted + updated.sum::<f64>()
    }
}

/// What an entry in an index costs: the descent, and a page that is changed and logged.
pub(crate) fn per_write(size: &Size) -> f64 {
    0.125 * f64::from(size.height + 1) + 1.0
}
