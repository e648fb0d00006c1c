//! What `CREATE STATISTICS` collected.

use std::collections::BTreeMap;

use postgres::Transaction;
use serde_json::Value;

use super::super::file::{Column, Combination, Common, Dependency, Extended, Part};
use super::super::name;
use super::relations::Relations;
use super::{Wanted, columns};
use crate::Error;

pub(super) fn read(transaction: &mut Transaction<'_>, wanted: Wanted, relations: &mut Relations) -> Result<(), Error> {
    // One row for each object, since 15 another one for a table with its children.
    let inherited = if wanted.major >= 15 { "s.inherited" } else { "false" };
    let mut expressions = expressions(transaction, wanted, inherited)?;
    let select = format!(
        "SELECT e.oid, c.oid, n.nspname::text, e.stxname::text, {inherited}, s.attnames::text[], s.exprs,
                s.n_distinct::text, s.dependencies::text, {}, {}, {}, {}
         FROM pg_stats_ext s JOIN pg_namespace n ON n.nspname = s.statistics_schemaname
              JOIN pg_statistic_ext e ON e.stxnamespace = n.oid AND e.stxname = s.statistics_name
              JOIN pg_class c ON c.oid = e.stxrelid
         ORDER BY 3, 4, 5",
        wanted.value("to_json(s.most_common_vals)", "text"),
        wanted.value("s.most_common_freqs", "real[]"),
        wanted.value("s.most_common_base_freqs", "real[]"),
        "ARRAY(SELECT attnum || ' ' || attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0)",
    );
    for row in transaction.query(&select, &[])? {
        let Some(table) = relations.tables.get_mut(&row.get(1)) else { continue };
        let numbers: Vec<String> = row.get(12);
        let numbers: BTreeMap<i16, &str> = numbers
            .iter()
            .filter_map(|text| text.split_once(' '))
            .filter_map(|(number, name)| Some((number.parse().ok()?, name)))
            .collect();
        // Expressions are numbered downwards from -1.
        let part = |number: i16| match numbers.get(&number) {
            Some(name) => Part::Column((*name).to_owned()),
            None => Part::Expression(-number),
        };
        let names = row.get::<_, Option<Vec<String>>>(5).unwrap_or_default();
        let exprs = row.get::<_, Option<Vec<String>>>(6).unwrap_or_default();
        let of = names.into_iter().map(Part::Column);
        let of = of.chain((1..).take(exprs.len()).map(Part::Expression)).collect();
        let counted = |column: usize| numbered(row.get::<_, Option<&str>>(column).unwrap_or("{}"));
        let parts = |numbers: Vec<i16>| numbers.into_iter().map(part).collect::<Vec<_>>();
        let key = (row.get::<_, u32>(0), row.get::<_, bool>(4));
        table.extended.push(Extended {
            name: name::write(row.get(2), row.get(3)),
            inherited: key.1,
            of,
            distinct: counted(7).into_iter().map(|(of, count)| Combination { of: parts(of), count }).collect(),
            dependencies: counted(8).into_iter().map(|(of, degree)| Dependency { of: parts(of), degree }).collect(),
            common: common(row.get(9), row.get(10), row.get(11)),
            expressions: expressions.remove(&key).unwrap_or_default(),
        });
    }
    Ok(())
}

/// `{"1, 2": 11, "1, -1": 20}` and `{"1 => 2": 1.000000}`: attribute numbers and a number, in the order of the server.
/// <https://www.postgresql.org/docs/current/view-pg-stats-ext.html>
fn numbered(text: &str) -> Vec<(Vec<i16>, f64)> {
    let entries = text.trim_matches(['{', '}']).split('"').skip(1).collect::<Vec<_>>();
    entries
        .chunks_exact(2)
        .filter_map(|entry| {
            let of = entry[0].split([',', '>']).map(|number| number.trim_matches([' ', '=']).parse());
            let number = entry[1].trim_matches([':', ',', ' ', '}']).parse().ok()?;
            Some((of.collect::<Result<_, _>>().ok()?, number))
        })
        .collect()
}

fn common(values: Option<&str>, frequencies: Option<Vec<f32>>, base: Option<Vec<f32>>) -> Vec<Common> {
    let values: Vec<Vec<Option<String>>> = values
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default();
    let frequencies = frequencies.unwrap_or_default().into_iter().zip(base.unwrap_or_default());
    let common = values.into_iter().zip(frequencies);
    common.map(|(values, (frequency, base_frequency))| Common { values, frequency, base_frequency }).collect()
}

/// By the object and whether children count; each has the number of its expression.
fn expressions(
    transaction: &mut Transaction<'_>,
    wanted: Wanted,
    inherited: &str,
) -> Result<BTreeMap<(u32, bool), Vec<Column>>, Error> {
    let select = format!(
        "SELECT e.oid, {inherited}, array_position(pg_get_statisticsobjdef_expressions(e.oid), s.expr)::int2, s.expr, {}
         FROM pg_stats_ext_exprs s JOIN pg_namespace n ON n.nspname = s.statistics_schemaname
              JOIN pg_statistic_ext e ON e.stxnamespace = n.oid AND e.stxname = s.statistics_name
         WHERE s.null_frac IS NOT NULL ORDER BY 1, 2, 3",
        columns::shown(wanted),
    );
    let mut found: BTreeMap<(u32, bool), Vec<Column>> = BTreeMap::new();
    for row in transaction.query(&select, &[])? {
        let Some(number) = row.get::<_, Option<i16>>(2) else { continue };
        let column = Column { name: row.get(3), number, ..columns::column(&row, 4) };
        found.entry((row.get(0), row.get(1))).or_default().push(column);
    }
    Ok(found)
}

/// Since 14.12, 15.7 and 16.3 the views show them to the owner of the table alone (CVE-2024-4317).
pub(super) fn missing(transaction: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
    let rows = transaction.query(
        "SELECT format('%I.%I: extended statistics are for the owner of %I.%I', n.nspname, e.stxname, tn.nspname,
                       c.relname)
         FROM pg_statistic_ext e JOIN pg_namespace n ON n.oid = e.stxnamespace JOIN pg_class c ON c.oid = e.stxrelid
              JOIN pg_namespace tn ON tn.oid = c.relnamespace
         WHERE NOT pg_has_role(c.relowner, 'USAGE') AND NOT EXISTS (
             SELECT FROM pg_stats_ext s WHERE s.statistics_schemaname = n.nspname AND s.statistics_name = e.stxname)",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_attributes() {
        assert_eq!(numbered(r#"{"1, 2": 11, "1, -1": 20}"#), [(vec![1, 2], 11.0), (vec![1, -1], 20.0)]);
        assert_eq!(numbered(r#"{"3 => 4": 1.000000, "3, 4 => -2": 0.5}"#), [(vec![3, 4], 1.0), (vec![3, 4, -2], 0.5)]);
        assert_eq!(numbered("{}"), []);
    }
}
