//! What the first page of a GIN counts: pages with keys, pages with rows, keys. The planner reads it for everybody, and
//! with `random_page_cost` at 1 and everything else at 0 a search for `k` keys costs (`gincostestimate` in `selfuncs.c`)
//!
//! ```text
//! pending pages + k * round(key pages ^ 0.15) + max(ceil(k * row pages / keys), 1)
//! ```
//!
//! Three searches give the three terms; numbers are chosen for the clone that give the same. Since 16 a search has steps
//! as well: with `cpu_operator_cost` at 1 and everything else at 0 each key costs (measured on 16, 17 and 18)
//!
//! ```text
//! 2 * (log2(keys) + 50 * round(key pages ^ 0.15)) + 51 + 50 * row pages / keys
//! ```

use model::QName;
use postgres::Transaction;

use super::super::file::Gin;
use super::super::name;
use super::explain::scan;
use super::relations::Relations;
use crate::Error;
use crate::name::qualified;

const SESSION: &str = "
    SET LOCAL cpu_operator_cost = 0;
    SET LOCAL random_page_cost = 1;
    SET LOCAL enable_bitmapscan = on;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_indexonlyscan = off;";

/// Those of one column, with the type that it is searched by.
const INDEXES: &str = "
    SELECT i.indexrelid, i.indrelid, pg_get_indexdef(i.indexrelid, 1, false), pg_get_expr(i.indpred, i.indrelid),
           format_type(o.opcintype, NULL)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam AND m.amname = 'gin'
         JOIN pg_opclass o ON o.oid = i.indclass[0]
    WHERE i.indnatts = 1 AND i.indisvalid AND has_table_privilege(i.indrelid, 'SELECT') AND i.indexrelid = ANY ($1)";

/// So many keys that a part of a page for each adds up.
const MANY: usize = 1000;

pub(super) fn read(transaction: &mut Transaction<'_>, relations: &mut Relations) -> Result<(), Error> {
    transaction.batch_execute(SESSION)?;
    let wanted: Vec<u32> = relations.indexes.keys().copied().collect();
    for row in transaction.query(INDEXES, &[&wanted])? {
        let Some(index) = relations.indexes.get_mut(&row.get(0)) else { continue };
        let Some(table) = name::read(&index.table) else { continue };
        let search =
            Search { table: &table, index: &index.name, column: row.get(2), predicate: row.get(3), ty: row.get(4) };
        let costs = [1, MANY, 2 * MANY].map(|keys| search.cost(transaction, keys));
        transaction.batch_execute("SET LOCAL cpu_operator_cost = 1; SET LOCAL random_page_cost = 0")?;
        let steps = [MANY, 2 * MANY].map(|keys| search.cost(transaction, keys));
        transaction.batch_execute("SET LOCAL cpu_operator_cost = 0; SET LOCAL random_page_cost = 1")?;
        if let ([Some(one), Some(many), Some(more)], [Some(steps), Some(more_steps)]) = (costs, steps) {
            index.gin = numbers(index.pages, [one, many, more], more_steps - steps);
        }
    }
    Ok(())
}

struct Search<'a> {
    table: &'a QName,
    index: &'a str,
    column: &'a str,
    predicate: Option<&'a str>,
    ty: &'a str,
}

impl Search<'_> {
    /// Of so many keys that are not there.
    fn cost(&self, transaction: &mut Transaction<'_>, keys: usize) -> Option<f64> {
        let list = |before: &str, after: &str, between: &str| {
            let keys = (0..keys).map(|key| format!("{before}{}{after}", 900_000_000 + key));
            keys.collect::<Vec<_>>().join(between)
        };
        let condition = match self.ty {
            "anyarray" => format!("@> '{{{}}}'", list("", "", ",")),
            "jsonb" => format!("@> '[{}]'", list("\"", "\"", ",")),
            "tsvector" => format!("@@ '{}'::tsquery", list("", "", " & ")),
            _ => return None,
        };
        let predicate = self.predicate.map_or(String::new(), |predicate| format!(" AND {predicate}"));
        let Search { table, column, .. } = self;
        let query = format!("SELECT 1 FROM ONLY {} WHERE ({column}) {condition}{predicate}", qualified(table));
        let found = scan(transaction, &query)?;
        (name::write(&table.schema, &found.index) == self.index).then_some(found.total)
    }
}

/// From the costs of one key, of many and of twice as many, and from the steps of many.
fn numbers(pages: u32, costs: [f64; 3], steps: f64) -> Option<Gin> {
    let [one, many, more] = costs;
    let each = (more - many) / MANY as f64;
    // A page with rows belongs to one key, and seldom to every one.
    let (descent, share) = (each.floor(), each.fract());
    let pending = (one - descent - 1.0).max(0.0) as u32;
    let halvings = ((steps / MANY as f64 - 51.0 - 50.0 * share) / 2.0 - 50.0 * descent).round();
    // Key pages that round to this: the power of 0.15 backwards.
    let least = (descent - 0.5).max(1.0).powf(1.0 / 0.15).ceil() as u32;
    let most = (descent + 0.5).powf(1.0 / 0.15).floor() as u32;
    let rest = pages.checked_sub(1 + pending)?;
    if descent < 1.0 || least > rest {
        return None;
    }
    if (1.0..40.0).contains(&halvings) {
        let keys = halvings.exp2();
        let row_pages = ((share * keys).round() as u32).min(rest - least);
        return Some(Gin {
            pending_pages: pending,
            key_pages: (rest - row_pages).min(most),
            row_pages,
            keys: keys as u64,
        });
    }
    let (key_pages, row_pages) = if share < 0.001 { (rest.min(most), 0) } else { (least, rest - least) };
    let keys = if row_pages == 0 { u64::from(key_pages) * 100 } else { (f64::from(row_pages) / share).round() as u64 };
    Some(Gin { pending_pages: pending, key_pages, row_pages, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_become_numbers() {
        // 20 pages with keys round to 2, and 200 with rows of 400 keys are half a page for each.
        let cost = |keys: f64| 3.0 + 2.0 * keys + (keys * 0.5).ceil();
        let found = numbers(224, [1.0, 1000.0, 2000.0].map(cost), 0.0);
        assert_eq!(found, Some(Gin { pending_pages: 3, key_pages: 15, row_pages: 205, keys: 410 }));
        // As it is since 16: 300 keys are found in 9 halvings.
        let found = numbers(118, [2.0, 1024.0, 2047.0], 170_150.0);
        assert_eq!(found, Some(Gin { pending_pages: 0, key_pages: 14, row_pages: 12, keys: 512 }));
    }
}
