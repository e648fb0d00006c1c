//! Which part of a table is worth an index of its own: one that many calls ask for, not that of a constant that happens
//! to stand in one query.

use std::collections::BTreeMap;

use model::stats::TableStats;
use model::{Expr, QName};

use crate::asked::{Asked, ConditionKind};
use crate::selectivity;

/// A condition that keeps more than this of a table is no reason to leave the rest out of an index.
const MOST: f64 = 0.3;
/// So much of all calls asks for the same constant where it is no accident.
const NEARLY_ALL: f64 = 0.95;
/// A column with no more values than this has states, and a query for one of them means that state.
const STATES: f64 = 50.0;
/// A value that is so much more frequent than the average one is hot.
const HOT: f64 = 5.0;

/// What the workload compares columns to: calls by table and key, then by constant; a parameter is no constant.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    calls: BTreeMap<(QName, String), ByConstant>,
}

/// Queries and calls.
type ByConstant = BTreeMap<Option<String>, (usize, f64)>;

impl Constants {
    pub(crate) fn add(&mut self, asked: &Asked, calls: f64) {
        for condition in &asked.conditions {
            if matches!(condition.kind, ConditionKind::Equal | ConditionKind::In) {
                let value = condition.value.as_ref().filter(|_| condition.kind == ConditionKind::Equal);
                let key = (asked.table.clone(), condition.key.to_string());
                let known = self.calls.entry(key).or_default().entry(value.map(Expr::to_string)).or_default();
                known.0 += 1;
                known.1 += calls;
            }
        }
    }

    /// Several queries ask for this one, and nearly no call for another.
    fn shared(&self, table: &QName, key: &Expr, value: &Expr) -> bool {
        let Some(known) = self.calls.get(&(table.clone(), key.to_string())) else { return false };
        let all: f64 = known.values().map(|(_, calls)| calls).sum();
        known.get(&Some(value.to_string())).is_some_and(|(queries, calls)| *queries > 1 && *calls >= NEARLY_ALL * all)
    }
}

/// Why an index of this part alone is worth making, if it is.
pub(crate) fn reason(table: &QName, predicate: &Expr, stats: &TableStats, constants: &Constants) -> Option<String> {
    let share = selectivity::of(predicate, stats);
    if share > MOST {
        return None;
    }
    let part = format!("{} of the rows", percent(share));
    let Expr::Binary { op, left, right } = predicate else { return Some(part) };
    if op != "=" {
        return Some(part);
    }
    if constants.shared(table, left, right) {
        return Some(format!("{part}, and nearly every call that asks by {left} asks for it"));
    }
    let known = left.as_column().and_then(|name| stats.columns.get(name))?;
    selectivity::common(left, right, stats)?;
    if known.distinct <= STATES {
        return Some(format!("{part}, one of {:.0} values of {left}", known.distinct));
    }
    (share * known.distinct >= HOT)
        .then(|| format!("{part}, {:.0} times as many as other values of {left}", share * known.distinct))
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        small if small < 0.1 => "under 0.1 %".to_owned(),
        small if small < 10.0 => format!("{small:.1} %"),
        more => format!("{more:.0} %"),
    }
}

#[cfg(test)]
mod tests;
