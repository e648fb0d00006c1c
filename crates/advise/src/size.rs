//! How large an index will be, from statistics alone.
//!
//! B-trees are computed as `CREATE INDEX` fills them (`nbtsort.c`, `nbtdedup.c`): leaves to their fill factor, equal keys
//! merged into posting lists where the operator class allows it. Other methods are told by what their pages hold on
//! average; the tests measure how far off that is.

mod gin;
mod storage;

use std::collections::BTreeSet;

use model::object::{Index, Table};
use model::stats::{ColumnStats, TableStats};
use model::{Expr, Name, Schema};

use crate::selectivity;
use storage::{Storage, storage};

/// What the planner and the disk will see of an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub rows: f64,
    pub pages: u32,
    /// Levels of a B-tree above its leaves.
    pub height: u32,
}

pub const PAGE: u32 = 8192;

impl Size {
    pub fn bytes(&self) -> u64 {
        u64::from(self.pages) * u64::from(PAGE)
    }
}

/// The size of an index on a table with these statistics.
pub fn size(schema: &Schema, table: &Table, stats: &TableStats, index: &Index) -> Size {
    let share = index.predicate.as_ref().map_or(1.0, |predicate| selectivity::of(predicate, stats));
    let rows = (stats.rows * share).max(0.0).round();
    let mut keys: Vec<Key> = index.keys.iter().map(|key| Key::of(schema, table, stats, &key.expr)).collect();
    if let Some(predicate) = &index.predicate {
        keys.iter_mut().for_each(|key| key.within(stats, predicate, share));
    }
    match index.method.as_str() {
        "btree" => btree(schema, table, stats, index, rows, keys),
        "hash" => hash(rows, &keys),
        "brin" => {
            let pages = f64::from((stats.bytes / u64::from(PAGE)) as u32);
            let ranges = pages / 128.0;
            let width: f64 = keys.iter().map(|key| 2.0 * key.width).sum();
            plain(rows, 1.0 + (ranges / 1360.0).ceil() + (ranges * (width + 12.0) / 8100.0).ceil())
        }
        "gin" => plain(rows, gin::pages(table, stats, index, share, &keys)),
        // GiST and its like: an entry for each row, pages two thirds full.
        _ => {
            let width: f64 = keys.iter().map(|key| key.width).sum();
            plain(rows, (rows * (16.0 + width) / (8150.0 * 0.67)).ceil() + 1.0)
        }
    }
}

fn plain(rows: f64, pages: f64) -> Size {
    Size { rows, pages: whole(pages), height: 0 }
}

/// Entries of a hash index on a page, and how many it is meant to have.
const HASHED: f64 = 407.0;
const BUCKET: f64 = 305.0;

/// Buckets come in steps: doubled at first, from 512 on in quarters of the next doubling (`_hash_spareindex`). Between
/// two powers some buckets are split and the others hold twice as much, often more than a page.
fn hash(rows: f64, keys: &[Key<'_>]) -> Size {
    let present = rows * keys.first().map_or(1.0, |key| 1.0 - key.nulls);
    let wanted = (present / BUCKET).max(2.0);
    let above = wanted.log2().ceil().exp2();
    let below = above / 2.0;
    let buckets = match above > 512.0 {
        true => below + ((wanted - below) / (below / 4.0)).ceil() * below / 4.0,
        false => above,
    };
    let each = keys.first().map_or(1.0, |key| (present / key.distinct).max(1.0));
    let overflow = |load: f64| {
        // Equal keys fall into one bucket together.
        let spread = (load * (each + 1.0)).sqrt().max(1.0);
        let beyond = |end: f64| 1.0 / (1.0 + (1.702 * (end - load) / spread).exp());
        (1..=64).map(|page| beyond(HASHED * f64::from(page))).sum::<f64>()
    };
    let unsplit = above - buckets;
    let load = present / above;
    plain(rows, buckets + 2.0 + unsplit * overflow(2.0 * load) + (buckets - unsplit) * overflow(load))
}

fn whole(pages: f64) -> u32 {
    pages.ceil().clamp(1.0, f64::from(u32::MAX)) as u32
}

/// A key or an included column of an index.
#[derive(Clone, Debug)]
struct Key<'a> {
    column: Option<&'a Name>,
    storage: Storage,
    width: f64,
    nulls: f64,
    distinct: f64,
    common: &'a [(String, f64)],
}

impl<'a> Key<'a> {
    fn of(schema: &Schema, table: &'a Table, stats: &'a TableStats, expr: &'a Expr) -> Key<'a> {
        let column = expr.as_column();
        // An expression has about as many values as the column in it has.
        let inner = column.or_else(|| expr.columns().into_iter().next());
        let known: Option<&ColumnStats> = inner.and_then(|name| stats.columns.get(name));
        let ty = column.and_then(|name| table.column(name)).map(|column| &column.ty);
        let storage = ty.map_or(Storage::TEXT, |ty| storage(schema, ty));
        Key {
            column,
            storage,
            width: storage.fixed.unwrap_or_else(|| known.map_or(32.0, |known| known.width)),
            nulls: known.map_or(0.0, |known| known.nulls),
            distinct: known.map_or(stats.rows / 10.0, |known| distinct(known, stats)).max(1.0),
            common: known.map_or(&[], |known| &known.common),
        }
    }
}

/// ANALYZE reads no more pages than it wants rows: 300 for each of the 100 values that it keeps.
const SAMPLED: f64 = 30_000.0;

/// How many values a column has. Where equal values lie side by side, rows of one page are more alike than rows of the
/// whole table, and of a large table ANALYZE takes several rows of the same pages: it sees values again that often, and
/// reports fewer than there are.
fn distinct(known: &ColumnStats, stats: &TableStats) -> f64 {
    let pages = stats.bytes as f64 / f64::from(PAGE);
    if known.correlation.abs() < 0.9 || pages <= SAMPLED || known.distinct < 1.0 {
        return known.distinct;
    }
    let corrected = (known.distinct * pages / SAMPLED).min(stats.rows);
    // Runs longer than a page are counted well.
    if stats.rows / corrected < stats.rows / pages / 2.0 { corrected } else { known.distinct }
}

/// Bytes of a leaf that are filled: the rest of the page after header and special space, less what the fill factor
/// leaves free, and a high key.
const LEAF: f64 = 8152.0 - 819.0;
/// Pages above the leaves are filled to 70 %.
const INNER: f64 = 8152.0 - 2457.0;
/// The longest posting list that a build makes (`_bt_load`).
const POSTING: f64 = 812.0;
const HEADER: f64 = 8.0;
const POINTER: f64 = 4.0;

fn btree(schema: &Schema, table: &Table, stats: &TableStats, index: &Index, rows: f64, keys: Vec<Key<'_>>) -> Size {
    let included: Vec<Expr> = index.include.iter().map(|name| Expr::column(name.clone())).collect();
    let included: Vec<Key> =
        included.iter().map(|column| Key::of(schema, table, stats, column)).map(Key::detached).collect();
    let tuple = tuple(keys.iter().chain(&included));
    let fill = index.options.iter().find(|(name, _)| name.as_str() == "fillfactor");
    let fill = fill.and_then(|(_, value)| value.parse::<f64>().ok()).unwrap_or(90.0);
    let leaf = LEAF + 8152.0 * (fill - 90.0) / 100.0;
    let merges = index.include.is_empty() && keys.iter().all(|key| key.storage.merges);
    let is_unique = index.unique || holds_a_key(table, &keys);
    let bytes = match merges && !is_unique {
        true => merged(stats, rows, tuple, &keys),
        false if keys.len() + included.len() == 1 => {
            rows * (1.0 - keys[0].nulls) * (filled(&keys[0]) + POINTER) + rows * keys[0].nulls * (EMPTY + POINTER)
        }
        false => rows * (tuple + POINTER),
    };
    // What does not fit any more stays free: half a tuple on average, less on pages of posting lists.
    let waste = ((tuple + POINTER) / 2.0).min(leaf / 4.0);
    let leaves = (bytes / (leaf - waste)).ceil().max(1.0);
    let pivot = self::tuple(keys.iter()) + POINTER;
    let (mut pages, mut level, mut height) = (leaves + 1.0, leaves, 0);
    while level > 1.0 {
        level = (level / (INNER / pivot).floor().max(2.0)).ceil();
        pages += level;
        height += 1;
    }
    Size { rows, pages: whole(if rows == 0.0 { 1.0 } else { pages }), height }
}

impl Key<'_> {
    /// Values of the rows that a predicate leaves. A value that hangs on what the predicate is about is in all of its
    /// rows there or in none; others are there when one of their rows is.
    fn within(&mut self, stats: &TableStats, predicate: &Expr, share: f64) {
        let all = self.distinct.max(1.0);
        let each = (stats.rows / all).max(1.0);
        let mut left = 1.0 - (1.0 - share.min(1.0)).powf(each);
        for column in predicate.columns() {
            let together = self.column.and_then(|own| stats.together(own, column));
            left = together.map_or(left, |together| left.min((together / all).max(1.0) * share));
        }
        self.distinct = (all * left).max(1.0);
    }

    fn detached(self) -> Key<'static> {
        Key { column: None, common: &[], ..self }
    }
}

/// The bytes of an entry: its header, a bitmap where something is NULL, each column aligned, the whole aligned to 8.
fn tuple<'k>(keys: impl Iterator<Item = &'k Key<'k>>) -> f64 {
    let keys: Vec<&Key<'_>> = keys.collect();
    let whole: f64 = keys.iter().map(|key| 1.0 - key.nulls).product();
    if whole == 0.0 || whole == 1.0 {
        return tuple_of(&keys, whole == 1.0);
    }
    // Most entries have all of their values.
    let full: Vec<Key<'_>> = keys.iter().map(|key| Key { nulls: 0.0, ..(*key).clone() }).collect();
    whole * tuple_of(&full.iter().collect::<Vec<_>>(), true) + (1.0 - whole) * tuple_of(&keys, false)
}

fn tuple_of(keys: &[&Key<'_>], full: bool) -> f64 {
    let (mut offset, mut varies) = (0.0_f64, false);
    // Behind values of varying length the gap is half as long as it can be, on average.
    let pad = |offset: f64, to: f64, varies: bool| if varies { offset + (to - 1.0) / 2.0 } else { aligned(offset, to) };
    for key in keys {
        match key.storage.fixed {
            Some(_) => offset = pad(offset, key.storage.align, varies),
            // Short values of varying length begin anywhere.
            None => varies |= !key.storage.padded,
        }
        varies |= key.nulls > 0.0 && key.nulls < 1.0;
        offset += key.width * (1.0 - key.nulls);
    }
    pad(HEADER + if full { 0.0 } else { 8.0 } + offset, 8.0, varies)
}

/// An entry of nothing but NULL.
const EMPTY: f64 = 16.0;

/// The bytes of an entry with a value.
fn filled(key: &Key<'_>) -> f64 {
    let key = Key { nulls: 0.0, ..key.clone() };
    tuple(std::iter::once(&key))
}

fn aligned(bytes: f64, to: f64) -> f64 {
    (bytes / to).ceil() * to
}

/// A unique key of the table is among the columns: no two entries are equal.
fn holds_a_key(table: &Table, keys: &[Key<'_>]) -> bool {
    let columns: BTreeSet<&Name> = keys.iter().filter_map(|key| key.column).collect();
    table.unique_keys().any(|key| key.into_iter().all(|column| columns.contains(column)))
}

/// Entries with equal keys share one, with a list of their rows.
fn merged(stats: &TableStats, rows: f64, tuple: f64, keys: &[Key<'_>]) -> f64 {
    if let [key] = keys {
        let tuple = filled(key);
        // Common values are as frequent as statistics say, the others share the rest.
        let common: f64 = key.common.iter().map(|(_, share)| share).sum();
        let mut bytes: f64 = key.common.iter().map(|(_, share)| lists(1.0, rows * share, tuple)).sum();
        bytes += if key.nulls > 0.0 { lists(1.0, rows * key.nulls, EMPTY) } else { 0.0 };
        let left = (rows * (1.0 - common - key.nulls)).max(0.0);
        let others = (key.distinct - key.common.len() as f64).max(1.0).min(left.max(1.0));
        return bytes + lists(others, left, tuple);
    }
    let combinations = combinations(stats, keys);
    // Of so many combinations some do not occur, as rows fall into them at random.
    let distinct = if combinations > rows { scattered(rows, combinations) } else { combinations };
    lists(distinct.clamp(1.0, rows.max(1.0)), rows, tuple)
}

/// How many combinations there can be: the product, or fewer where columns hang on each other.
fn combinations(stats: &TableStats, keys: &[Key<'_>]) -> f64 {
    let values = |key: &Key<'_>| key.distinct + f64::from(u8::from(key.nulls > 0.0));
    let mut found = 1.0;
    for (number, key) in keys.iter().enumerate() {
        // With one that stands before it, each value of that one has so many.
        let beside = keys[..number].iter().filter_map(|other| {
            let known = stats.together(other.column?, key.column?)?;
            Some((known / values(other)).max(1.0))
        });
        found *= beside.fold(values(key), f64::min);
    }
    found.max(keys.iter().map(values).fold(1.0, f64::max))
}

/// How many of the places are taken when so many things fall into them.
fn scattered(things: f64, places: f64) -> f64 {
    if places > 1e3 * things { things } else { places * (1.0 - (-things / places).exp()) }
}

/// The bytes of `rows` entries with `distinct` keys.
fn lists(distinct: f64, rows: f64, tuple: f64) -> f64 {
    let each = rows / distinct;
    if each <= 1.05 {
        return rows * (tuple + POINTER);
    }
    if each < 4.0 {
        // How many rows a key has differs: a list of one is a plain entry.
        let mut probability = (-(each - 1.0)).exp();
        let mut bytes = 0.0;
        for more in 0..24_i32 {
            let count = f64::from(more + 1);
            let size = if more == 0 { tuple } else { tuple + aligned(6.0 * count, 8.0) };
            bytes += probability * (size + POINTER);
            probability *= (each - 1.0) / (f64::from(more) + 1.0);
        }
        return distinct * bytes;
    }
    let parts = ((tuple + 6.0 * each) / POSTING).ceil().max(1.0);
    distinct * (parts * (tuple + POINTER) + aligned(6.0 * each, 8.0))
}
