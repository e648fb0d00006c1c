//! Rows as one number for each table and column, whatever their order, so that what was lost or changed shows.

use std::collections::{BTreeMap, BTreeSet};

use model::name::quoted;
use model::{Name, QName, Schema};
use postgres::Client;

/// A column that keeps its values, by its names before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub before: (QName, Name),
    pub after: (QName, Name),
    /// The type that its values have after, where that is another one.
    pub cast: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// How many rows, and a number of all that is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    rows: i64,
    whole: Option<String>,
    /// Of each column.
    columns: Vec<(Name, Option<String>)>,
}

impl Kept {
    fn table(&self, moment: Moment) -> &QName {
        if moment == Moment::Before { &self.before.0 } else { &self.after.0 }
    }

    /// The value as text, as it is after.
    fn value(&self, moment: Moment) -> String {
        match (moment, &self.cast) {
            (Moment::Before, Some(cast)) => format!("{}::{cast}", quoted(&self.before.1)),
            (Moment::Before, None) => quoted(&self.before.1).into_owned(),
            (Moment::After, _) => quoted(&self.after.1).into_owned(),
        }
    }
}

/// The same number for the same rows in any order.
fn number(value: &str) -> String {
    format!("sum(hashtextextended(coalesce({value}, '~'), 0))::text")
}

fn query(table: &QName, values: &[String]) -> String {
    let row = format!("ROW({})::text", values.join(", "));
    let columns: String = values.iter().map(|value| format!(", {}", number(&format!("({value})::text")))).collect();
    format!("SELECT count(*), {}{columns} FROM {table}", number(&row))
}

fn image(client: &mut Client, table: &QName, names: Vec<Name>, values: &[String]) -> Result<Image, postgres::Error> {
    let row = client.query_one(&query(table, values), &[])?;
    let columns = names.into_iter().enumerate().map(|(index, name)| (name, row.get(index + 2))).collect();
    Ok(Image { rows: row.get(0), whole: row.get(1), columns })
}

/// All rows of the schema's tables, but for these columns; those of a partition are in its table.
pub(super) fn whole(
    client: &mut Client,
    schema: &Schema,
    but: &BTreeSet<(QName, Name)>,
) -> Result<BTreeMap<QName, Image>, postgres::Error> {
    let mut images = BTreeMap::new();
    for table in schema.tables().filter(|table| table.partition_of.is_none() && table.foreign.is_none()) {
        let mut names: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
        names.retain(|name| !but.contains(&(table.name.clone(), name.clone())));
        names.sort();
        let values: Vec<String> = names.iter().map(|name| quoted(name).into_owned()).collect();
        images.insert(table.name.clone(), image(client, &table.name, names, &values)?);
    }
    Ok(images)
}

/// What is not the same in two images of one schema, in words.
pub(super) fn apart(was: &BTreeMap<QName, Image>, is: &BTreeMap<QName, Image>) -> Vec<String> {
    let mut said = Vec::new();
    for (table, was) in was {
        let Some(is) = is.get(table) else { continue };
        said.extend(different(was, is, table, &table.to_string()));
    }
    said
}

fn different(was: &Image, is: &Image, table: &QName, shown: &str) -> Vec<String> {
    if was == is {
        return Vec::new();
    }
    if was.rows != is.rows {
        return vec![format!("{table} with {} rows instead of {}", is.rows, was.rows)];
    }
    let pairs = was.columns.iter().zip(&is.columns);
    let columns: Vec<String> = pairs
        .filter(|((_, was), (_, is))| was != is)
        .map(|(_, (name, _))| format!("{shown}.{} with other values than before", quoted(name)))
        .collect();
    if columns.is_empty() { vec![format!("{table} with values that went to other rows")] } else { columns }
}

/// The columns that can be compared: a cast that these values refuse cannot be judged by them.
pub(super) fn comparable(client: &mut Client, kept: &[Kept]) -> Result<Vec<Kept>, postgres::Error> {
    let mut comparable = Vec::new();
    for one in kept {
        let fits = match &one.cast {
            None => true,
            Some(_) => {
                let value = number(&format!("({})::text", one.value(Moment::Before)));
                match client.query(&format!("SELECT {value} FROM {}", one.before.0), &[]) {
                    Ok(_) => true,
                    Err(error) if error.as_db_error().is_some() => false,
                    Err(error) => return Err(error),
                }
            }
        };
        if fits {
            comparable.push(one.clone());
        }
    }
    Ok(comparable)
}

/// The tables of these columns, each with what is in them; none where that cannot be asked any more.
pub(super) fn take(
    client: &mut Client,
    kept: &[Kept],
    moment: Moment,
) -> Result<BTreeMap<QName, Option<Image>>, postgres::Error> {
    let mut images = BTreeMap::new();
    for (table, own) in by_table(kept) {
        let values: Vec<String> = own.iter().map(|one| one.value(moment)).collect();
        let names = own.iter().map(|one| one.after.1.clone()).collect();
        let image = match image(client, own[0].table(moment), names, &values) {
            Ok(image) => Some(image),
            Err(error) if error.as_db_error().is_some() => None,
            Err(error) => return Err(error),
        };
        images.insert(table, image);
    }
    Ok(images)
}

fn by_table(kept: &[Kept]) -> BTreeMap<QName, Vec<&Kept>> {
    let mut tables: BTreeMap<QName, Vec<&Kept>> = BTreeMap::new();
    for one in kept {
        tables.entry(one.before.0.clone()).or_default().push(one);
    }
    tables
}

/// What was lost or changed, in words.
pub(super) fn changed(
    kept: &[Kept],
    before: &BTreeMap<QName, Option<Image>>,
    after: &BTreeMap<QName, Option<Image>>,
) -> Vec<String> {
    let mut said = Vec::new();
    for (table, own) in by_table(kept) {
        let last = own[0].table(Moment::After);
        match (before.get(&table).and_then(Option::as_ref), after.get(&table).and_then(Option::as_ref)) {
            (Some(before), Some(after)) => {
                let found = different(before, after, last, &last.to_string());
                said.extend(found.into_iter().map(|found| format!("in the end there is {found}")));
            }
            (Some(_), None) => said.push(format!("in the end the columns of {last} cannot be read")),
            (None, _) => {}
        }
    }
    said
}
