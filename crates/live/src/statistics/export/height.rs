//! The height of a B-tree. It is in the first page of the index, which only a superuser may read; but the planner reads
//! it for everybody, and charges `(height + 1) * 50 * cpu_operator_cost` for a descent besides one operator for each
//! halving of the rows (`btcostestimate` in `selfuncs.c`, 14 to 18). So with `cpu_operator_cost` at 1 and everything
//! else at 0, the startup cost of a scan of the whole index says the height.

use std::collections::BTreeMap;

use model::QName;
use postgres::Transaction;

use super::super::file::Index;
use super::super::name;
use super::explain::scan;
use super::relations::Relations;
use crate::Error;
use crate::name::qualified;

/// An index that is taken costs least, and nothing else counts.
const SESSION: &str = "
    SET LOCAL cpu_operator_cost = 1;
    SET LOCAL cpu_tuple_cost = 0;
    SET LOCAL cpu_index_tuple_cost = 0;
    SET LOCAL seq_page_cost = 0;
    SET LOCAL random_page_cost = 0;
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_bitmapscan = off;
    SET LOCAL enable_sort = off;
    SET LOCAL enable_incremental_sort = off;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_indexonlyscan = on;";

/// The order of each index, as a query asks for it: with the operators of its classes, and collations where they are not
/// those of the columns.
const ORDERS: &str = "
    SELECT i.indexrelid, i.indrelid, pg_get_expr(i.indpred, i.indrelid), (
        SELECT string_agg(format('(%s)%s USING OPERATOR(%I.%s) NULLS %s',
                   pg_get_indexdef(i.indexrelid, k, false),
                   CASE WHEN i.indcollation[k - 1] <> 0 AND i.indcollation[k - 1] <> coalesce(a.attcollation, 0)
                        THEN format(' COLLATE %I.%I', cn.nspname, co.collname) END,
                   opn.nspname, o.oprname,
                   CASE WHEN i.indoption[k - 1] & 2 <> 0 THEN 'FIRST' ELSE 'LAST' END), ', ' ORDER BY k)
        FROM generate_series(1, i.indnkeyatts::int) AS k
             JOIN pg_opclass c ON c.oid = i.indclass[k - 1]
             JOIN pg_amop ao ON ao.amopfamily = c.opcfamily AND ao.amoplefttype = c.opcintype
                  AND ao.amoprighttype = c.opcintype
                  AND ao.amopstrategy = CASE WHEN i.indoption[k - 1] & 1 <> 0 THEN 5 ELSE 1 END
             JOIN pg_operator o ON o.oid = ao.amopopr
             JOIN pg_namespace opn ON opn.oid = o.oprnamespace
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1]
                  AND i.indkey[k - 1] <> 0
             LEFT JOIN pg_collation co ON co.oid = i.indcollation[k - 1]
             LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace),
        i.indisvalid AND has_table_privilege(i.indrelid, 'SELECT')
    FROM pg_index i WHERE i.indexrelid = ANY ($1)";

pub(super) fn read(transaction: &mut Transaction<'_>, relations: &mut Relations) -> Result<(), Error> {
    // Two pages are the first one and a root that is a leaf.
    let mut high: Vec<u32> = Vec::new();
    for (oid, index) in &mut relations.indexes {
        if index.method == "btree" && index.pages > 0 {
            index.height = Some(0);
            if index.pages > 3 {
                high.push(*oid);
            }
        }
    }
    let pages: BTreeMap<String, u32> =
        relations.indexes.values().map(|index| (index.name.clone(), index.pages)).collect();
    transaction.batch_execute(SESSION)?;
    for row in transaction.query(ORDERS, &[&high])? {
        let (Some(index), Some(table)) =
            (relations.indexes.get_mut(&row.get(0)), relations.tables.get(&row.get::<_, u32>(1)))
        else {
            continue;
        };
        let guess = guess(index, &table.columns.iter().map(|column| column.avg_width).collect::<Vec<_>>());
        let order: Option<&str> = row.get(3);
        let asked = match (row.get::<_, bool>(4), order, name::read(&index.table)) {
            (true, Some(order), Some(table)) => ask(transaction, &table, row.get(2), order, index, &pages),
            _ => None,
        };
        index.height = Some(asked.unwrap_or(guess));
    }
    Ok(())
}

/// What the planner says, when it says something of this index or of one that is as good.
fn ask(
    transaction: &mut Transaction<'_>,
    table: &QName,
    predicate: Option<&str>,
    order: &str,
    index: &Index,
    pages: &BTreeMap<String, u32>,
) -> Option<u32> {
    let condition = predicate.map_or(String::new(), |predicate| format!(" WHERE {predicate}"));
    let query = format!("SELECT 1 FROM ONLY {}{condition} ORDER BY {order}", qualified(table));
    let scan = scan(transaction, &query)?;
    let taken = name::write(&table.schema, &scan.index);
    // Of two indexes that give this order the cheaper one was taken, and a larger one is not the lower one.
    let as_good = taken == index.name || pages.get(&taken).is_some_and(|pages| *pages >= index.pages);
    as_good.then(|| ((scan.startup / 50.0) as u32).saturating_sub(1))
}

/// From the pages: an inner page is filled to 70 % (`BTREE_NONLEAF_FILLFACTOR`), and an entry there is 12 bytes with the
/// key, rounded up to 8.
fn guess(index: &Index, widths: &[i32]) -> u32 {
    let width = widths.iter().copied().filter(|width| *width > 0).min().unwrap_or(8) as u32;
    let fan_out = f64::from((8152 * 7 / 10) / (12 + width.div_ceil(8) * 8));
    let mut height = 0;
    let mut pages = f64::from(index.pages.saturating_sub(1));
    while pages > 1.0 {
        pages = (pages / fan_out.max(2.0)).floor();
        height += 1;
    }
    height
}
