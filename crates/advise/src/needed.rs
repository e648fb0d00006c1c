//! How large a B-tree that is there would be if it were built now; nothing where that cannot be said within a fifth.
//!
//! The statistics leave two things open that decide about merged entries: how many combinations of several columns there
//! are, and how many values ANALYZE missed in its sample. Where it matters which, nothing is said.

use model::object::{Index, Table};
use model::stats::TableStats;
use model::{Name, Schema};

use crate::size::size;

/// How far apart the least and the most may be.
const APART: f64 = 1.2;
/// Of a table with fewer rows ANALYZE reads all of them.
const READ_WHOLE: f64 = 30_000.0;
/// ANALYZE may see half of the values that there are.
const MISSED: f64 = 2.0;
/// Rows written since ANALYZE, of all, up to which its numbers count.
const FRESH: f64 = 0.2;
/// Longer values may be compressed.
const LONGEST: f64 = 500.0;

/// Bytes of the index with so many entries, as the server counted them.
pub fn needed(schema: &Schema, table: &Table, stats: &TableStats, index: &Index, entries: f64) -> Option<u64> {
    let is_fresh = stats.modified.is_none_or(|rows| rows <= FRESH * stats.rows);
    if index.method != "btree" || entries <= 0.0 || !is_fresh {
        return None;
    }
    let keys: Vec<&Name> = index.keys.iter().map(|key| key.expr.as_column()).collect::<Option<_>>()?;
    for column in keys.iter().copied().chain(&index.include) {
        let known = stats.columns.get(column)?;
        if known.width > LONGEST {
            return None;
        }
    }
    let whole = Index { predicate: None, ..index.clone() };
    let built = |distinct: &dyn Fn(&Name, f64) -> f64| {
        let mut stats = TableStats { rows: entries, ..stats.clone() };
        for (name, column) in &mut stats.columns {
            column.distinct = distinct(name, column.distinct).clamp(1.0, entries);
        }
        size(schema, table, &stats, &whole).bytes()
    };
    let distinct = |name: &Name| stats.columns[name].distinct;
    let most = keys.iter().max_by(|one, other| distinct(one).total_cmp(&distinct(other))).copied()?;
    let said = built(&|_, distinct| distinct);
    let mut ends = vec![said];
    if keys.len() > 1 {
        // One column may decide about all others.
        ends.push(built(&|name, distinct| if name == most { distinct } else { 1.0 }));
    }
    if stats.rows > READ_WHOLE || index.predicate.is_some() {
        ends.push(built(&|_, distinct| distinct * MISSED));
    }
    if index.predicate.is_some() {
        // The rows of a part may have fewer values than all of them.
        let share = (entries / stats.rows.max(1.0)).min(1.0);
        ends.push(built(&|_, distinct| distinct * share));
    }
    let (least, greatest) = (ends.iter().min()?, ends.iter().max()?);
    (*greatest as f64 <= APART * *least as f64).then_some(said)
}
