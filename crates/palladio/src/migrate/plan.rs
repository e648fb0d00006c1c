//! `migrate plan`: a difference as steps that keep the application running.

use std::collections::BTreeMap;

use migrate::plan::{self, Plan};
use model::stats::Stats;
use model::{Path, QName, Schema};

use crate::Failure;
use crate::diff::{Sides, value};

/// The plan from one side to the other. `fills` are `table.column=expression`.
pub fn plan(sides: &Sides, fills: &[String], stats: Option<&Stats>) -> Result<Plan, Failure> {
    // What becomes of a value was said to the difference already.
    let of_columns = fills.iter().filter(|text| value(&sides.before, &sides.after, text).is_none());
    let fills: Result<Vec<_>, Failure> = of_columns.map(|text| fill(&sides.after, text)).collect();
    let diff = sides.diff();
    let settings = plan::Settings { diff: sides.settings.clone(), fills: fills?, rows: rows(stats) };
    let mut plan = migrate::plan(&sides.before, &sides.after, &diff, &settings);
    plan.left.extend(diff.left);
    plan.left.sort();
    plan.left.dedup();
    Ok(plan)
}

fn rows(stats: Option<&Stats>) -> BTreeMap<QName, f64> {
    let tables = stats.into_iter().flat_map(|stats| &stats.tables);
    tables.map(|(name, table)| (name.clone(), table.rows)).collect()
}

fn fill(after: &Schema, text: &str) -> Result<(Path, String), Failure> {
    let bad = || {
        Failure::new(format!("`{text}` fills nothing"))
            .hint("It is written table.column=EXPRESSION: --fill \"orders.note=''\"; or, of an enum, type.value=OTHER")
    };
    let (column, value) = text.split_once('=').ok_or_else(bad)?;
    let words: Vec<&str> = column.trim().split('.').collect();
    let (table, column) = match words[..] {
        [table, column] => (QName::public(table), column),
        [schema, table, column] => (QName::new(schema, table), column),
        _ => return Err(bad()),
    };
    if after.column(&table, column).is_none() || value.trim().is_empty() {
        return Err(bad());
    }
    Ok((Path::column(&table, column), value.trim().to_owned()))
}
