//! From the keys of some rows to those of all.

use std::collections::BTreeMap;

use super::super::super::file::KeyClass;
use super::keys::Keys;

/// In how many rows each key was seen.
#[derive(Debug, Default)]
pub(super) struct Counted {
    rows: f64,
    seen: BTreeMap<u64, Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    times: u32,
    width: f64,
    /// The page that it was last seen on, and how often it had been there already.
    page: Option<i64>,
    again: u32,
}

/// Seen so often, a key is in as many rows as it seems.
const SURE: u32 = 6;

/// Keys with their rows and widths added up.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    keys: f64,
    times: f64,
    width: f64,
    again: f64,
}

impl Sum {
    fn add(&mut self, seen: &Seen) {
        self.keys += 1.0;
        self.times += f64::from(seen.times);
        self.width += seen.width;
        self.again += f64::from(seen.again);
    }

    /// So many keys of which each is in an equal part of the rows.
    fn class(&self, keys: f64, scale: f64) -> KeyClass {
        let tenths = |number: f64| (10.0 * number).round() / 10.0;
        KeyClass {
            count: keys.round().max(1.0),
            rows: tenths((self.times * scale / keys).max(1.0)),
            width: tenths(self.width / self.keys) as f32,
            beside: ((100.0 * self.again / self.times).round() / 100.0) as f32,
        }
    }
}

impl Counted {
    /// One row more, of this page; its keys, where it has a value.
    pub(super) fn add(&mut self, page: i64, keys: Option<Keys>) {
        self.rows += 1.0;
        for (key, width) in keys.into_iter().flatten() {
            let seen = self.seen.entry(key).or_default();
            seen.times += 1;
            seen.width = width;
            seen.again += u32::from(seen.page == Some(page));
            seen.page = Some(page);
        }
    }

    /// The keys of a table with so many rows: those that are frequent in classes of about as many rows, and all others
    /// together. How many of these there are is told from those that were seen once (Haas and Stokes, as
    /// ANALYZE does for whole values).
    pub(super) fn spread(&self, total: f64) -> Vec<KeyClass> {
        let scale = (total / self.rows.max(1.0)).max(1.0);
        let whole = scale < 1.01;
        let mut classes: BTreeMap<u32, Sum> = BTreeMap::new();
        let (mut rare, mut once) = (Sum::default(), 0.0);
        for seen in self.seen.values() {
            if seen.times >= SURE || whole {
                classes.entry(class(seen.times)).or_default().add(seen);
            } else {
                rare.add(seen);
                once += f64::from(u8::from(seen.times == 1));
            }
        }
        let mut found = Vec::new();
        if rare.keys > 0.0 {
            let keys = rare.times * rare.keys / (rare.times - once + once / scale);
            found.push(rare.class(keys, scale));
        }
        found.extend(classes.values().map(|class| class.class(class.keys, scale)));
        found
    }
}

/// Sixteen times as many rows are sixteen classes further.
fn class(times: u32) -> u32 {
    (4.0 * f64::from(times).log2()) as u32
}
