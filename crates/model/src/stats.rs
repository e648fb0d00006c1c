//! Statistics of a running database: sizes, how often things are used, and what columns hold.

use std::collections::BTreeMap;

use crate::activity::Activity;
use crate::name::{Name, QName};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    pub tables: BTreeMap<QName, TableStats>,
    pub indexes: BTreeMap<QName, IndexStats>,
    /// How the database is used, where somebody asked.
    pub activity: Option<Activity>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableStats {
    pub rows: f64,
    pub bytes: u64,
    /// Rows that vacuum has yet to clean.
    pub dead_rows: f64,
    /// Rows changed since the last ANALYZE; nothing where nobody said it.
    pub modified: Option<f64>,
    /// What is known of its columns; empty where only sizes are known.
    pub columns: BTreeMap<Name, ColumnStats>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexStats {
    pub bytes: u64,
    /// Scans since the statistics were reset.
    pub scans: u64,
}

/// What ANALYZE found in a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStats {
    /// The share of rows in which it is NULL.
    pub nulls: f64,
    /// Bytes of a value, on average.
    pub width: f64,
    /// How many values it has that are not NULL.
    pub distinct: f64,
    /// How far the rows lie in the order of its values: from -1 to 1.
    pub correlation: f64,
    /// The most common values, as the database writes them, each with its share of the rows.
    pub common: Vec<(String, f64)>,
}
