//! The file of statistics: versioned JSON, one line for each table and index, the same bytes for the same statistics.
//!
//! It holds all that `check --stats` reads (`rows`, `bytes`, `dead_rows`, `modified`, `scans`) and, beside it, what the planner
//! knows. Values of columns are array literals as PostgreSQL writes them: `{FR,DE}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What this code writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// All that a planner knows of a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannerStats {
    pub version: u32,
    /// Of the server: `17.2`.
    pub server: String,
    pub values: Values,
    /// Bytes of a page.
    pub page: u32,
    pub locale: Locale,
    /// Those that the planner heeds, as `SHOW` writes them.
    pub settings: BTreeMap<String, String>,
    /// What the role was not allowed to see or the version does not show, a clause each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Since when scans and writes were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// The server is a replica, whose scans are its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replica: bool,
    /// Replicas that were connected, whose scans are not in these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replicas: Vec<String>,
    #[serde(default)]
    pub tables: Vec<Table>,
    #[serde(default)]
    pub indexes: Vec<Index>,
}

/// Whether values of the data are among the statistics: the most common ones, and the bounds of histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    Kept,
    /// Left where they are.
    Left,
}

/// Since when the server has counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub days: f64,
    pub since: String,
    /// Nobody reset the statistics: they are at least as old as the server's start.
    #[serde(default, skip_serializing_if = "is_default")]
    pub at_least: bool,
}

/// Rows that were written since then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writes {
    pub inserted: u64,
    pub updated: u64,
    /// Updates that wrote no index.
    pub in_place: u64,
    pub deleted: u64,
}

/// How the database sorts text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locale {
    pub encoding: String,
    pub collate: String,
    pub ctype: String,
}

/// A table, or what the planner reads like one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub kind: Kind,
    /// As ANALYZE counted them; -1 where it never did.
    pub rows: f32,
    /// With everything but its indexes.
    pub bytes: u64,
    pub dead_rows: i64,
    /// Rows that were written since ANALYZE, as the server counts them: whether the statistics are fresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<Writes>,
    /// Of its file, now.
    pub pages: u32,
    /// Of its file when the rows were counted: the planner takes rows per page from the two.
    pub analyzed_pages: i32,
    pub all_visible: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toast: Option<Toast>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended: Vec<Extended>,
    /// Columns that hang on each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Pair>,
}

/// Two columns with fewer combinations than their values would have by chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub of: [String; 2],
    pub distinct: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Table,
    /// It has no file; statistics are those of all partitions together.
    Partitioned,
    Matview,
    Foreign,
}

/// Where long values are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Toast {
    pub rows: f32,
    pub pages: u32,
    pub analyzed_pages: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub name: String,
    pub table: String,
    pub method: String,
    pub bytes: u64,
    pub scans: i64,
    /// The day of the last one, where the server keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_scan: Option<String>,
    /// It was being built.
    #[serde(default, skip_serializing_if = "is_default")]
    pub built_now: bool,
    /// The foreign key that refers to its columns and chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_by: Option<String>,
    pub rows: f32,
    pub pages: u32,
    pub analyzed_pages: i32,
    /// Levels of a B-tree above its leaves: the planner counts each as a part of the cost of a descent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gin: Option<Gin>,
    /// Statistics of its expressions; a column of the table has them there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
}

/// What is in the pages of a GIN: numbers that cost as much as the real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gin {
    pub pending_pages: u32,
    pub key_pages: u32,
    pub row_pages: u32,
    pub keys: u64,
}

/// A row of `pg_stats`, under its names there, but for the two ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// From 1, in an index; 0 where the name says which column it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub number: i16,
    /// Of the table and its children together.
    #[serde(default, skip_serializing_if = "is_default")]
    pub inherited: bool,
    pub null_frac: f32,
    pub avg_width: i32,
    pub n_distinct: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_common_vals: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_common_freqs: Option<Vec<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram_bounds: Option<String>,
    /// The ends of a column that leads an index, as they were when it was exported: the planner looks there when a
    /// range ends beyond a histogram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_common_elems: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_common_elem_freqs: Option<Vec<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elem_count_histogram: Option<Vec<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_length_histogram: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_empty_frac: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_bounds_histogram: Option<String>,
    /// What a GIN would find inside its values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Contents>,
}

/// What the keys are that a GIN finds in the values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    pub by: By,
    pub keys: Vec<KeyClass>,
}

/// How values are taken apart: by which operator class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// `jsonb_ops`
    Jsonb,
    /// `jsonb_path_ops`
    JsonbPaths,
    /// `array_ops`
    Elements,
    /// `tsvector_ops`
    Words,
    /// `gin_trgm_ops`
    Trigrams,
}

impl By {
    pub fn class(self) -> &'static str {
        match self {
            By::Jsonb => "jsonb_ops",
            By::JsonbPaths => "jsonb_path_ops",
            By::Elements => "array_ops",
            By::Words => "tsvector_ops",
            By::Trigrams => "gin_trgm_ops",
        }
    }
}

/// So many keys that are each in so many rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyClass {
    pub count: f64,
    pub rows: f64,
    /// Bytes of a key.
    pub width: f32,
    /// The part of its rows that are on the page of another.
    #[serde(default, skip_serializing_if = "is_default")]
    pub beside: f32,
}

/// What `CREATE STATISTICS` collects of several columns together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extended {
    pub name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub inherited: bool,
    /// Of how many parts the values in `common` are, in this order.
    pub of: Vec<Part>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distinct: Vec<Combination>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub common: Vec<Common>,
    /// Statistics of its expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expressions: Vec<Column>,
}

/// What extended statistics are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    Column(String),
    /// Its number among the expressions of the object, from 1.
    Expression(i16),
}

/// How many combinations of values there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    pub of: Vec<Part>,
    pub count: f64,
}

/// In which part of the rows the first ones decide about the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dependency {
    pub of: Vec<Part>,
    pub degree: f64,
}

/// A common combination of values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Common {
    pub values: Vec<Option<String>>,
    pub frequency: f32,
    /// What it would be if the columns were independent.
    pub base_frequency: f32,
}

impl PlannerStats {
    /// The file: a line for the head, a line for each table and each index.
    pub fn to_json(&self) -> String {
        let head = PlannerStats { tables: Vec::new(), indexes: Vec::new(), ..self.clone() };
        let head = json(&head);
        let head = head.strip_suffix(r#""tables":[],"indexes":[]}"#).expect("the lists are last, and empty");
        let lines = |lines: Vec<String>| match lines.is_empty() {
            true => "[]".to_owned(),
            false => format!("[\n{}\n]", lines.join(",\n")),
        };
        let tables = lines(self.tables.iter().map(json).collect());
        let indexes = lines(self.indexes.iter().map(json).collect());
        format!("{head}\n\"tables\":{tables},\n\"indexes\":{indexes}}}\n")
    }

    /// What a file says. One that was written by hand for `check --stats` lacks what the planner needs.
    pub fn parse(text: &str) -> Result<PlannerStats, Error> {
        let next = "Write one of a database: palladio stats export URL -o FILE";
        let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|cause| Error::refused(format!("no JSON of statistics: {cause}"), next))?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(other) => {
                return Err(Error::refused(format!("statistics of version {other}; version {VERSION} is read"), next));
            }
            None => return Err(Error::refused(format!("statistics without a \"version\"; {VERSION} is read"), next)),
        }
        serde_json::from_value(value)
            .map_err(|cause| Error::refused(format!("no statistics of the planner: {cause}"), next))
    }

    /// The major version of the server; 0 where the file does not say it.
    pub fn major(&self) -> u16 {
        self.server.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("these structs have only text for keys")
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
