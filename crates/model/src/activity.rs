//! What a server counted of the use of a database: since when, who reads besides it, how often each index was read and
//! each table written.

use std::collections::BTreeMap;

use crate::name::{Name, QName};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    pub counted: Counted,
    /// The server is a replica itself: what is read elsewhere, the primary too, is not counted here.
    pub is_replica: bool,
    /// Replicas that are connected, as the server calls them.
    pub replicas: Vec<String>,
    /// Servers whose scans were added to these.
    pub added: Vec<String>,
    pub tables: BTreeMap<QName, Writes>,
    pub indexes: BTreeMap<QName, Use>,
}

impl Activity {
    /// Whether "not read" can be said: counted for long enough, on the server where writes go.
    pub fn says_unread(&self) -> bool {
        !self.is_replica && self.counted.days >= self.counted.wanted
    }

    /// What is known of an index, by the table that it is of.
    pub fn of_index(&self, table: &QName, index: &Name) -> Option<&Use> {
        self.indexes.get(&QName::new(table.schema.clone(), index.clone()))
    }

    pub fn is_built_now(&self, table: &QName, index: &Name) -> bool {
        self.of_index(table, index).is_some_and(|used| used.is_built_now)
    }

    /// A foreign key chose the index: the server drops neither without the other.
    pub fn is_referred_to(&self, table: &QName, index: &Name) -> bool {
        self.of_index(table, index).is_some_and(|used| used.referred_by.is_some())
    }
}

/// For how long scans and writes have been counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// Days; the fewest of all servers that were asked.
    pub days: f64,
    /// The day when it began: `2026-03-02`.
    pub since: String,
    /// Nobody reset the statistics, and the server's start is the latest that they can begin with.
    pub at_least: bool,
    /// Days that have to be counted before "not read" is taken for "not needed".
    pub wanted: f64,
}

/// Rows that were written since then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Writes {
    pub inserted: u64,
    pub updated: u64,
    /// Updates that changed no indexed column and found room on the page: no index was written.
    pub in_place: u64,
    pub deleted: u64,
}

impl Writes {
    /// Entries that each index of the table got.
    pub fn entries(&self) -> u64 {
        self.inserted + self.updated.saturating_sub(self.in_place)
    }
}

/// What is known of one index beside its size and its scans.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Use {
    /// The day of the last scan, where the server keeps it (16 and later).
    pub last_scan: Option<String>,
    /// A build of it is at work.
    pub is_built_now: bool,
    /// The foreign key that refers to its columns and chose it.
    pub referred_by: Option<Name>,
    pub needed: Option<Needed>,
}

/// How large an index would be if it were built now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needed {
    pub bytes: u64,
    /// The server read the index and counted; else it is computed from statistics.
    pub is_measured: bool,
}

/// Jobs that run once a month have run.
pub const WANTED_DAYS: f64 = 30.0;
