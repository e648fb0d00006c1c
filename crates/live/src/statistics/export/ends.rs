//! The least and the greatest value of columns that lead an index. Where a range reaches into the first or the last part
//! of a histogram, the planner looks into the index how far the column really goes (`get_actual_variable_range` in
//! `selfuncs.c`), and the index of a lab is empty. Rows of the last hour are beyond every histogram.

use postgres::Transaction;

use super::super::file::Column;
use super::super::name;
use super::relations::Relations;
use super::some;
use crate::Error;
use crate::name::qualified;

/// Columns with a B-tree of all rows that sorts as the histogram does: by the default class of the type.
///
/// A look into an index counts as a scan of it, also where the planner looks. An index without a scan must stay so, or
/// nobody would find out that it is not used; and no query has asked its planner for the ends of that column.
const LEADING: &str = "
    SELECT i.indrelid, a.attname::text
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         JOIN pg_opclass o ON o.oid = i.indclass[0] AND o.opcdefault
    WHERE i.indisvalid AND i.indpred IS NULL AND i.indcollation[0] = a.attcollation
      AND has_column_privilege(i.indrelid, a.attnum, 'SELECT') AND i.indrelid = ANY ($1)
    GROUP BY i.indrelid, a.attname HAVING min(pg_stat_get_numscans(i.indexrelid)) > 0
    ORDER BY 1, 2";

pub(super) fn read(transaction: &mut Transaction<'_>, relations: &mut Relations) -> Result<(), Error> {
    let tables: Vec<u32> = relations.tables.keys().copied().collect();
    for row in transaction.query(LEADING, &[&tables])? {
        let Some(table) = relations.tables.get_mut(&row.get(0)) else { continue };
        let (column, table_name) = (row.get::<_, &str>(1), name::read(&table.name));
        let wanted = |known: &&mut Column| known.name == column && !known.inherited && known.histogram_bounds.is_some();
        let (Some(known), Some(table)) = (table.columns.iter_mut().find(wanted), table_name) else { continue };
        let (column, table) = (model::name::quoted(column), qualified(&table));
        // Under another name: a column that is ordered by its own name would be ordered as text.
        let end = |direction: &str| {
            format!(
                "SELECT t.{column}::text AS found FROM ONLY {table} AS t WHERE t.{column} IS NOT NULL \
                 ORDER BY t.{column} {direction} LIMIT 1"
            )
        };
        let query = format!("SELECT ({}), ({})", end("ASC"), end("DESC"));
        // What takes long reads rows that nobody has cleaned up yet; the planner gives up there, too. Without them the
        // histogram says how far the column goes.
        if let Some([row]) = some::within(transaction, 1, &query)?.as_deref() {
            (known.least, known.greatest) = (row.get(0), row.get(1));
        }
    }
    Ok(())
}
