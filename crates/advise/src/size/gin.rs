//! A GIN holds each key once, with a compressed list of its rows (`gininsert.c`, `ginpostinglist.c`, `gindatapage.c`).
//!
//! It is built from a tree in memory, which is written in the order of the keys: a page that is full is split in the
//! middle, and its first half is never written to again, until the tree begins anew with more rows.

use model::Type;
use model::object::{Index, IndexKey, Table};
use model::stats::{KeyClass, TableStats};

use super::{Key, PAGE, aligned};

/// Of a page of keys, and of a page of rows, what they can hold.
const KEYS: f64 = 8160.0;
const ROWS: f64 = 8152.0;

/// A longer list of rows gets pages of its own.
const LIST: f64 = 2704.0;

/// What a page of rows begins a part with, and how long parts are.
const PART: f64 = 8.0;
const PARTS: f64 = 256.0;

/// `maintenance_work_mem`, where nobody changed it.
const MEMORY: f64 = 64.0 * 1024.0 * 1024.0;

/// Pages of an index of these keys, over a share of the rows.
pub(super) fn pages(table: &Table, stats: &TableStats, index: &Index, share: f64, keys: &[Key<'_>]) -> f64 {
    let several = index.keys.len() > 1;
    let mut sum = Sum::default();
    for (own, key) in index.keys.iter().zip(keys) {
        let known = key
            .column
            .and_then(|name| stats.columns.get(name))
            .and_then(|known| known.contents.get(class(table, own).as_str()));
        match known {
            Some(classes) => classes.iter().for_each(|class| sum.add(stats, class, share, several)),
            None => guessed(stats, key, own).iter().for_each(|class| sum.add(stats, class, share, several)),
        }
    }
    // The first page says what is in the others.
    1.0 + sum.key_pages() + sum.pages
}

/// The operator class, which may be left to the type.
fn class(table: &Table, key: &IndexKey) -> String {
    if let Some(class) = &key.opclass {
        return class.name.to_string();
    }
    let ty = key.expr.as_column().and_then(|name| table.column(name)).map(|column| &column.ty);
    match ty {
        Some(Type::Jsonb) => "jsonb_ops",
        Some(Type::TsVector) => "tsvector_ops",
        _ => "array_ops",
    }
    .to_owned()
}

#[derive(Debug, Default)]
struct Sum {
    /// Of keys with their short lists.
    keys: f64,
    bytes: f64,
    /// For the long lists.
    pages: f64,
    /// What the tree in memory takes.
    memory: f64,
}

impl Sum {
    fn add(&mut self, stats: &TableStats, class: &KeyClass, share: f64, several: bool) {
        let rows = class.rows * share;
        // Of keys in few rows, some are in none of those that the index is about.
        let count = if rows >= 1.0 { class.count } else { class.count * rows };
        let rows = rows.max(1.0);
        let gap = Gap::new(stats, rows, class.beside * share);
        // The number of the key's column stands before it, where there are several.
        let key = aligned(8.0 + if several { 2.0 } else { 0.0 } + class.width, 8.0);
        self.memory += count * (72.0 + if class.width > 8.0 { aligned(class.width, 8.0) + 16.0 } else { 0.0 })
            + count * rows.max(5.0) * 8.0;
        let list = PART + (rows - 1.0) * gap.bytes();
        if key + list <= LIST {
            self.keys += count;
            self.bytes += count * (4.0 + key + lists(rows, gap.bytes()));
            return;
        }
        self.keys += count;
        self.bytes += count * (4.0 + key);
        let leaves = (rows * gap.bytes() * (1.0 + PART / PARTS) / ROWS).ceil();
        self.pages += count * if leaves > 1.0 { leaves + (leaves / 800.0).ceil() } else { 1.0 };
    }

    fn key_pages(&self) -> f64 {
        if self.keys == 0.0 {
            return 1.0;
        }
        let each = self.bytes / self.keys;
        let fit = (KEYS / each).floor().max(1.0);
        // Half of them, and the one that did not fit, stay behind; what comes in a second turn fills the gaps.
        let stay = ((fit + 1.0) / 2.0).floor() + if fit < 64.0 { 1.0 } else { 0.0 };
        let held = if self.memory <= MEMORY { stay.min(fit) } else { 0.77 * KEYS / each };
        let leaves = (self.keys / held.max(1.0)).ceil();
        leaves + (leaves / 200.0).ceil().max(if leaves > 1.0 { 1.0 } else { 0.0 })
    }
}

/// A list of about so many rows: some keys have one more, some one less.
fn lists(rows: f64, bytes: f64) -> f64 {
    let list = |more: f64| aligned(PART + more * bytes, 8.0);
    let more = rows - 1.0;
    if more >= 6.0 {
        return list(more);
    }
    let mut probability = (-more).exp();
    let mut sum = 0.0;
    for count in 0..24 {
        sum += probability * list(f64::from(count));
        probability *= more / f64::from(count + 1);
    }
    sum
}

/// How far the rows of a key are from each other.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// In pages, on average.
    pages: f64,
    /// Whether the next one is on the same page.
    beside: f64,
}

impl Gap {
    /// Of rows that lie anywhere, or, where more of them than that were seen on one page, closer.
    fn new(stats: &TableStats, rows: f64, seen: f64) -> Gap {
        let pages = (stats.bytes as f64 / f64::from(PAGE)).max(1.0);
        let held = (rows / pages).max(1e-9);
        let beside = (1.0 - (1.0 - (-held).exp()) / held).max(seen).clamp(0.0, 1.0);
        Gap { pages: (pages / (rows * (1.0 - beside)).max(1.0)).max(1.0), beside }
    }

    /// Seven bits to a byte, of a number of which the last eleven say where on the page a row is.
    fn bytes(self) -> f64 {
        let within = |pages: f64| 1.0 - (-pages / self.pages).exp();
        let [two, three, four] = [8.0, 1024.0, 131_072.0].map(within);
        let far = 2.0 * two + 3.0 * (three - two) + 4.0 * (four - three) + 5.0 * (1.0 - four);
        self.beside + (1.0 - self.beside) * far
    }
}

/// What may be inside values of that width, when nobody looked.
fn guessed(stats: &TableStats, key: &Key<'_>, own: &IndexKey) -> [KeyClass; 1] {
    let present = stats.rows * (1.0 - key.nulls);
    if own.opclass.as_ref().is_some_and(|class| class.name == "gin_trgm_ops") {
        // As many as letters, from a few thousand.
        let count = 3000.0_f64.min(present.max(1.0));
        return [KeyClass { count, rows: (present * key.width / count).max(1.0), width: 4.0, beside: 0.0 }];
    }
    // Words of a document, keys of an object.
    let elements = (key.width / 12.0).max(1.0);
    let count =
        ((key.distinct * elements).min(stats.rows * elements).sqrt() * 20.0).clamp(1.0, (present * elements).max(1.0));
    [KeyClass { count, rows: (present * elements / count).max(1.0), width: 12.0, beside: 0.0 }]
}
