//! Rows in the tables of a pair, and what is asked of them before and after.

use migrate::diff::Rename;
use model::{Kind, Path, QName, Schema};
use postgres::GenericClient;

use super::dice::{TABLES, What};
use super::{Pair, sql};
use crate::servers;

/// A question about rows after the change, and the answer from before it.
pub(super) type Image = (String, Option<String>);

/// The first question that is answered in another way now.
pub(super) fn changed(client: &mut impl GenericClient, images: &[Image]) -> Option<String> {
    images.iter().find_map(|(question, answer)| match client.query_one(question, &[]) {
        Ok(row) if row.get::<_, Option<String>>(0) == *answer => None,
        Ok(_) => Some(format!("rows changed: {question}")),
        Err(error) => Some(format!("{}: {question}", servers::said(&error))),
    })
}

/// A few rows in each table that takes them.
pub(super) fn fill(client: &mut impl GenericClient, pair: &Pair) -> bool {
    let mut some = false;
    for row in 0..3 {
        for table in 0..TABLES {
            if pair.before.get(What::Table, table, 0).is_none() {
                continue;
            }
            let Some(insert) = sql::row_values(&pair.before, table, row) else { continue };
            let mut one = client.transaction().expect("a savepoint");
            if one.batch_execute(&format!("{insert}; SET CONSTRAINTS ALL IMMEDIATE")).is_ok() {
                one.commit().expect("it stays");
                some = true;
            }
        }
    }
    some
}

/// For each table and column that stays, as what type it may be: a question about its rows after the change, and the
/// answer that it has before it.
pub(super) fn images(
    client: &mut impl GenericClient,
    before: &Schema,
    after: &Schema,
    renames: &[Rename],
) -> Vec<Image> {
    let renamed = |path: &Path| {
        renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if from == path => Some(to.clone()),
            _ => None,
        })
    };
    let question = |table: &QName, column: &str| {
        let column = model::name::quoted(column);
        format!("SELECT string_agg({column}::text, ',' ORDER BY {column}::text COLLATE \"C\") FROM ONLY {table}")
    };
    let mut found = Vec::new();
    for table in before.tables().filter(|table| !table.is_partitioned() && table.foreign.is_none()) {
        let path = Path::table(&table.name);
        let new = renamed(&path).unwrap_or(path).qname();
        let Some(wanted) = after.table(&new).filter(|wanted| !wanted.is_partitioned()) else { continue };
        for column in table.columns.iter().filter(|column| column.generated.is_none()) {
            let path = Path::part(Kind::Column, &table.name, column.name.clone());
            let name = renamed(&path).map_or(column.name.clone(), |path| path.part);
            let same = wanted.column(&name).is_some_and(|other| other.ty == column.ty && other.generated.is_none());
            if !same {
                continue;
            }
            let answer = client.query_one(&question(&table.name, &column.name), &[]);
            let answer = answer.expect("a table can be read").get(0);
            found.push((question(&new, &name), answer));
        }
    }
    found
}
