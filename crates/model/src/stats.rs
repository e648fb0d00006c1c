//! Statistics of a running database: sizes and how often things are used.

use std::collections::BTreeMap;

use crate::name::QName;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    pub tables: BTreeMap<QName, TableStats>,
    pub indexes: BTreeMap<QName, IndexStats>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TableStats {
    pub rows: f64,
    pub bytes: u64,
    /// Rows that vacuum has yet to clean.
    pub dead_rows: f64,
    /// Rows changed since the last ANALYZE; nothing where nobody said it.
    pub modified: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexStats {
    pub bytes: u64,
    /// Scans since the statistics were reset.
    pub scans: u64,
}
