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
    /// How many combinations two columns have, in the order of their names, where that is far from the product.
    pub together: BTreeMap<(Name, Name), f64>,
}

impl TableStats {
    /// How many combinations the two have, where somebody counted them.
    pub fn together(&self, one: &Name, other: &Name) -> Option<f64> {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        self.together.get(&(first.clone(), second.clone())).copied()
    }
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
    /// Values that are not common, from the least to the greatest, with as many rows between any two.
    pub bounds: Vec<String>,
    /// What a GIN finds inside its values, by operator class.
    pub contents: BTreeMap<&'static str, Vec<KeyClass>>,
}

/// So many keys of a GIN that are each in so many rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyClass {
    pub count: f64,
    pub rows: f64,
    /// Bytes of a key.
    pub width: f64,
    /// The part of its rows that are on the page of another.
    pub beside: f64,
}
