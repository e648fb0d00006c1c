//! Statistics of columns, of tables as of expressions in indexes.

use postgres::{Row, Transaction};

use super::super::file::{Column, Values};
use super::Wanted;
use super::relations::Relations;
use crate::Error;

/// What both views of columns show, from `s`; [`column`] reads it.
pub(super) fn shown(wanted: Wanted) -> String {
    // Counts of elements are no values, but without the elements they are of no use.
    [
        "s.null_frac, s.avg_width, s.n_distinct, s.correlation".to_owned(),
        wanted.value("s.most_common_vals", "text"),
        wanted.value("s.most_common_freqs", "real[]"),
        wanted.value("s.histogram_bounds", "text"),
        wanted.value("s.most_common_elems", "text"),
        wanted.value("s.most_common_elem_freqs", "real[]"),
        wanted.value("s.elem_count_histogram", "real[]"),
    ]
    .join(", ")
}

/// Reads what [`shown`] selects, from a column of the row on.
pub(super) fn column(row: &Row, from: usize) -> Column {
    Column {
        null_frac: row.get(from),
        avg_width: row.get(from + 1),
        n_distinct: row.get(from + 2),
        correlation: row.get(from + 3),
        most_common_vals: row.get(from + 4),
        most_common_freqs: row.get(from + 5),
        histogram_bounds: row.get(from + 6),
        most_common_elems: row.get(from + 7),
        most_common_elem_freqs: row.get(from + 8),
        elem_count_histogram: row.get(from + 9),
        ..Column::default()
    }
}

pub(super) fn read(transaction: &mut Transaction<'_>, wanted: Wanted, relations: &mut Relations) -> Result<(), Error> {
    let select = format!(
        "SELECT c.oid, a.attnum, s.attname::text, s.inherited, {}, {}, {}, {}
         FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname
              JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
         WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         ORDER BY c.oid, s.inherited, a.attnum",
        wanted.value_since(17, "s.range_length_histogram", "text"),
        wanted.value_since(17, "s.range_empty_frac", "real"),
        wanted.value_since(17, "s.range_bounds_histogram", "text"),
        shown(wanted),
    );
    for row in transaction.query(&select, &[])? {
        let oid: u32 = row.get(0);
        let column = Column {
            name: row.get(2),
            inherited: row.get(3),
            range_length_histogram: row.get(4),
            range_empty_frac: row.get(5),
            range_bounds_histogram: row.get(6),
            ..column(&row, 7)
        };
        if let Some(table) = relations.tables.get_mut(&oid) {
            table.columns.push(column);
        } else if let Some(index) = relations.indexes.get_mut(&oid) {
            index.columns.push(Column { number: row.get(1), ..column });
        }
    }
    Ok(())
}

/// `pg_stats` shows columns that the role may SELECT, of tables whose policies do not bind it. For an index it asks
/// after the index itself, on which nobody but the owner of the table and `pg_read_all_data` has a right.
pub(super) fn missing(transaction: &mut Transaction<'_>, wanted: Wanted) -> Result<Vec<String>, Error> {
    let rows = transaction.query(
        "SELECT format('%I.%I: %s', n.nspname, c.relname, why)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid,
              LATERAL (SELECT CASE
                  WHEN i.indexprs IS NOT NULL AND NOT has_table_privilege(c.oid, 'SELECT')
                  THEN 'statistics of its expressions are for the owner and for pg_read_all_data'
                  WHEN i.indexprs IS NOT NULL THEN NULL
                  WHEN row_security_active(c.oid) THEN 'its statistics are hidden by row security'
                  WHEN NOT has_table_privilege(c.oid, 'SELECT') AND EXISTS (
                      SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT'))
                  THEN 'statistics of columns that the role may not SELECT' END) AS found (why)
         WHERE (c.relkind IN ('r', 'p', 'm') OR i.indexprs IS NOT NULL) AND c.relpersistence <> 't'
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND why IS NOT NULL",
        &[],
    )?;
    let mut missing: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    if wanted.major < 17 && wanted.values == Values::Kept {
        let rows = transaction.query(
            "SELECT format('%I.%I.%I: histograms of ranges are shown since version 17', n.nspname, c.relname, a.attname)
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid AND t.typtype IN ('r', 'm')
                  JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND NOT a.attisdropped
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
            &[],
        )?;
        missing.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    Ok(missing)
}
