//! What nodes say of themselves: memory, disk, blocks, time of reading and writing.

use crate::name::Name;

/// Blocks of eight kilobytes, and what reading and writing them took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Buffers {
    pub shared_hit: f64,
    pub shared_read: f64,
    pub shared_dirtied: f64,
    pub shared_written: f64,
    pub local_hit: f64,
    pub local_read: f64,
    pub local_dirtied: f64,
    pub local_written: f64,
    pub temp_read: f64,
    pub temp_written: f64,
    /// Milliseconds, with `track_io_timing`; those of local blocks are among them before version 17.
    pub read_ms: f64,
    pub write_ms: f64,
    pub local_read_ms: f64,
    pub local_write_ms: f64,
    pub temp_read_ms: f64,
    pub temp_write_ms: f64,
}

impl Buffers {
    /// Shared blocks that were looked at.
    pub fn shared(&self) -> f64 {
        self.shared_hit + self.shared_read
    }

    pub fn is_empty(&self) -> bool {
        *self == Buffers::default()
    }
}

/// What goes into the log of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wal {
    pub records: f64,
    /// Whole pages, written when a page changes for the first time after a checkpoint.
    pub full_pages: f64,
    pub bytes: f64,
    pub buffers_full: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sorting {
    /// `quicksort`, `top-N heapsort`, `external merge`, …
    pub method: Name,
    pub kilobytes: u64,
    pub on_disk: bool,
}

/// The groups of an incremental sort.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    pub count: f64,
    pub methods: Vec<Name>,
    pub average_memory: u64,
    pub peak_memory: u64,
    pub average_disk: u64,
    pub peak_disk: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hashing {
    pub buckets: f64,
    pub original_buckets: f64,
    pub batches: f64,
    pub original_batches: f64,
    pub peak_kilobytes: u64,
}

/// Of an aggregate that hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aggregation {
    pub planned_partitions: f64,
    pub batches: f64,
    pub peak_kilobytes: u64,
    pub disk_kilobytes: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memoization {
    pub hits: f64,
    pub misses: f64,
    pub evictions: f64,
    pub overflows: f64,
    pub peak_kilobytes: u64,
}

/// Where rows are kept that are read again (since version 17 and 18).
#[derive(Clone, Debug, PartialEq)]
pub struct Storage {
    /// `Memory` or `Disk`.
    pub kind: Name,
    pub kilobytes: u64,
}

/// Pages that a bitmap named row by row, and those that it named as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Blocks {
    pub exact: f64,
    pub lossy: f64,
}

/// One process of a parallel plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worker {
    pub number: u32,
    pub rows: f64,
    pub loops: f64,
    pub total_ms: Option<f64>,
    pub sort: Option<Sorting>,
    pub aggregation: Option<Aggregation>,
    pub memoize: Option<Memoization>,
    pub blocks: Option<Blocks>,
    pub buffers: Buffers,
    pub wal: Wal,
}

/// Code made for one statement; times are milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Jit {
    pub functions: f64,
    pub inlining: bool,
    pub optimization: bool,
    pub expressions: bool,
    pub deforming: bool,
    pub generation_ms: f64,
    pub inlining_ms: f64,
    pub optimization_ms: f64,
    pub emission_ms: f64,
    pub total_ms: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    pub name: Name,
    /// The constraint that it is for.
    pub constraint: Option<Name>,
    pub relation: Option<Name>,
    pub ms: Option<f64>,
    pub calls: f64,
}

/// What it took to make the rows ready for the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Serialization {
    pub ms: Option<f64>,
    pub kilobytes: u64,
    /// `text` or `binary`.
    pub format: Name,
    pub buffers: Buffers,
}
