//! The same statistics as rules and advice see them: numbers by name, without what only a planner can use.

use std::collections::BTreeMap;

use model::Name;
use model::activity::{Activity, Counted, Use, WANTED_DAYS, Writes};
use model::stats::{ColumnStats, IndexStats, KeyClass, Stats, TableStats};

use super::file::{self, Column, Part, PlannerStats, Table};
use super::name;

impl PlannerStats {
    pub fn known(&self) -> Stats {
        let mut stats = Stats { activity: self.activity(), ..Stats::default() };
        for table in &self.tables {
            let Some(name) = name::read(&table.name) else { continue };
            let rows = f64::from(table.rows.max(0.0));
            let columns = table.columns.iter().filter(|column| column.inherited == is_partitioned(table));
            let columns = columns.map(|column| (column.name.as_str().into(), of_column(column, rows))).collect();
            let dead_rows = table.dead_rows.max(0) as f64;
            let modified = table.modified.map(|rows| rows.max(0) as f64);
            let together = together(table);
            stats.tables.insert(name, TableStats { rows, bytes: table.bytes, dead_rows, modified, columns, together });
        }
        for index in &self.indexes {
            let Some(name) = name::read(&index.name) else { continue };
            stats.indexes.insert(name, IndexStats { bytes: index.bytes, scans: index.scans.max(0) as u64 });
        }
        stats
    }

    /// How the database is used; nothing where the file does not say since when that was counted.
    fn activity(&self) -> Option<Activity> {
        let counted = self.counted.as_ref()?;
        let counted = Counted {
            days: counted.days,
            since: counted.since.clone(),
            at_least: counted.at_least,
            wanted: WANTED_DAYS,
        };
        let mut activity =
            Activity { counted, is_replica: self.replica, replicas: self.replicas.clone(), ..Activity::default() };
        for table in &self.tables {
            let (Some(name), Some(writes)) = (name::read(&table.name), table.writes) else { continue };
            let file::Writes { inserted, updated, in_place, deleted } = writes;
            activity.tables.insert(name, Writes { inserted, updated, in_place, deleted });
        }
        for index in &self.indexes {
            let Some(name) = name::read(&index.name) else { continue };
            let used = Use {
                last_scan: index.last_scan.clone(),
                is_built_now: index.built_now,
                referred_by: index.referred_by.as_deref().map(Into::into),
                needed: None,
            };
            activity.indexes.insert(name, used);
        }
        Some(activity)
    }
}

/// What was counted in some rows, and what `CREATE STATISTICS` says, which is more exact.
fn together(table: &Table) -> BTreeMap<(Name, Name), f64> {
    let pair = |one: &str, other: &str| {
        let (one, other) = (Name::from(one), Name::from(other));
        if one <= other { (one, other) } else { (other, one) }
    };
    let mut found: BTreeMap<_, _> =
        table.together.iter().map(|own| (pair(&own.of[0], &own.of[1]), own.distinct)).collect();
    for combination in table.extended.iter().flat_map(|own| &own.distinct) {
        if let [Part::Column(one), Part::Column(other)] = &combination.of[..] {
            found.insert(pair(one, other), combination.count);
        }
    }
    found
}

/// The statistics of a partitioned table are those of its partitions together.
fn is_partitioned(table: &Table) -> bool {
    table.kind == file::Kind::Partitioned
}

fn of_column(column: &Column, rows: f64) -> ColumnStats {
    let nulls = f64::from(column.null_frac);
    // A negative number is a share of the rows.
    let distinct = match f64::from(column.n_distinct) {
        share if share < 0.0 => -share * rows,
        count => count,
    };
    let common = column.most_common_vals.as_deref().map(values).unwrap_or_default();
    let shares = column.most_common_freqs.iter().flatten().map(|share| f64::from(*share));
    ColumnStats {
        nulls,
        width: f64::from(column.avg_width),
        distinct,
        correlation: column.correlation.map_or(0.0, f64::from),
        common: common.into_iter().zip(shares).collect(),
        bounds: column.histogram_bounds.as_deref().map(values).unwrap_or_default(),
        contents: column.contents.iter().map(|own| (own.by.class(), own.keys.iter().map(class).collect())).collect(),
    }
}

fn class(keys: &file::KeyClass) -> KeyClass {
    KeyClass { count: keys.count, rows: keys.rows, width: f64::from(keys.width), beside: f64::from(keys.beside) }
}

/// The elements of an array literal of one dimension: `{FR,"New York"}`.
fn values(text: &str) -> Vec<String> {
    let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else { return Vec::new() };
    if inner.is_empty() {
        return Vec::new();
    }
    let mut found = vec![String::new()];
    let (mut quoted, mut letters) = (false, inner.chars());
    while let Some(letter) = letters.next() {
        let last = found.last_mut().expect("one element at least");
        match letter {
            '\\' => last.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(String::new()),
            _ => last.push(letter),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_arrays() {
        assert_eq!(values("{}"), Vec::<String>::new());
        assert_eq!(values(r#"{FR,"New York","say \"hi\"","a\\b",""}"#), ["FR", "New York", "say \"hi\"", "a\\b", ""]);
    }
}
