//! How many combinations two columns have. The planner multiplies; of columns that hang on each other there are far
//! fewer, and an index over both is smaller by that, as equal keys share an entry. Some rows of many pages are read,
//! each value as a number, and counted here. Only what is far from the product is kept.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::super::file::{Column, Kind, Pair, Table};
use super::super::name;
use super::some;
use crate::Error;
use crate::name::qualified;

/// Smaller tables have small indexes.
const PAGES: u32 = 256;
/// So many rows, each of another page where there are as many: neighbours are alike.
const ROWS: f64 = 6000.0;
const COLUMNS: usize = 16;
/// A product that is no further off says enough.
const NEAR: f64 = 0.8;

pub(super) fn read(transaction: &mut Transaction<'_>, table: &Table) -> Result<Vec<Pair>, Error> {
    let is_large = table.pages >= PAGES && matches!(table.kind, Kind::Table | Kind::Matview) && table.rows >= 1.0;
    if !is_large {
        return Ok(Vec::new());
    }
    let Some(from) = name::read(&table.name) else { return Ok(Vec::new()) };
    // What is different in every row, or the same in all, makes no combinations.
    let repeats = |distinct: f32| (-0.95..0.0).contains(&distinct) || distinct > 1.0;
    let columns = table.columns.iter().filter(|own| !own.inherited && repeats(own.n_distinct) && own.avg_width <= 200);
    let columns: Vec<&Column> = columns.take(COLUMNS).collect();
    if columns.len() < 2 {
        return Ok(Vec::new());
    }
    let shown: Vec<String> = columns
        .iter()
        .map(|own| format!("coalesce(hashtext(t.{}::text), 0)", model::name::quoted(&own.name)))
        .collect();
    let pages = f64::from(table.pages);
    let part = some::part(ROWS, pages);
    // So many rows of each page; the die falls the same way every time.
    let share = (ROWS / pages).ceil() * pages / f64::from(table.rows);
    let query = format!(
        "SELECT {} FROM ONLY {} AS t{part} WHERE random() < {share} LIMIT {}",
        shown.join(", "),
        qualified(&from),
        2.0 * ROWS,
    );
    transaction.batch_execute("SELECT setseed(0)")?;
    // Without them columns count as independent.
    let Some(found) = some::within(transaction, 2, &query)? else { return Ok(Vec::new()) };
    let rows = f64::from(table.rows);
    let values = columns.iter().enumerate().map(|(number, own)| {
        let distinct = f64::from(own.n_distinct);
        let distinct = if distinct < 0.0 { -distinct * rows } else { distinct };
        (distinct, found.iter().map(|row| row.get(number)).collect())
    });
    let values: Vec<(f64, Vec<i32>)> = values.collect();
    let mut pairs = Vec::new();
    for one in 0..columns.len() {
        for other in one + 1..columns.len() {
            let counted = Counted::of(&values[one].1, &values[other].1);
            let product = values[one].0 * values[other].0;
            // As many as rows find when they fall anywhere.
            let by_chance = product * (1.0 - (-rows / product).exp());
            let together = counted.among(rows).min(by_chance);
            if together < NEAR * by_chance && counted.are_fewer_than(by_chance) {
                let of = [columns[one].name.clone(), columns[other].name.clone()];
                pairs.push(Pair { of, distinct: together.round() });
            }
        }
    }
    Ok(pairs)
}

/// Pairs of some rows: how many different ones, and how many of them come how often.
struct Counted {
    rows: f64,
    seen: f64,
    times: BTreeMap<usize, f64>,
}

impl Counted {
    fn of(one: &[i32], other: &[i32]) -> Counted {
        let mut pairs: Vec<(i32, i32)> = one.iter().copied().zip(other.iter().copied()).collect();
        pairs.sort_unstable();
        let mut times = BTreeMap::new();
        for same in pairs.chunk_by(|one, other| one == other) {
            *times.entry(same.len()).or_default() += 1.0;
        }
        Counted { rows: pairs.len() as f64, seen: times.values().sum(), times }
    }

    /// Whether more rows are alike than when there are so many pairs, and not by accident.
    fn are_fewer_than(&self, by_chance: f64) -> bool {
        let expected = self.rows - by_chance * (1.0 - (-self.rows / by_chance).exp());
        let alike = self.rows - self.seen;
        alike >= 25.0 && alike > expected + 4.0 * expected.sqrt()
    }

    /// How many there are in so many rows: a jackknife of the second order, with the frequent ones apart (Haas,
    /// Naughton, Seshadri and Stokes, 1995: `Duj2a`). Pairs are of very different frequency, and the first order, which
    /// ANALYZE takes, finds a third of them.
    fn among(&self, total: f64) -> f64 {
        const FREQUENT: usize = 50;
        let part = (self.rows / total).min(1.0);
        let rare = || self.times.range(..=FREQUENT).map(|(times, count)| (*times as f64, *count));
        let frequent: f64 = self.times.range(FREQUENT + 1..).map(|(_, count)| count).sum();
        let rows: f64 = rare().map(|(times, count)| times * count).sum();
        let seen: f64 = rare().map(|(_, count)| count).sum();
        let once = self.times.get(&1).copied().unwrap_or(0.0);
        if part >= 1.0 || rows == 0.0 {
            return self.seen;
        }
        let left = (1.0 - (1.0 - part) * once / rows).max(part);
        let first = seen / left;
        let alike: f64 = rare().map(|(times, count)| times * (times - 1.0) * count).sum();
        let uneven = (first / (rows * rows) * alike + first * part / rows - 1.0).max(0.0);
        frequent + (seen - once * (1.0 - part) * (1.0 - part).ln() * uneven / part) / left
    }
}
