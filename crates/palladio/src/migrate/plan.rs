//! `migrate plan`: a difference as steps that keep the application running.

use std::collections::BTreeMap;

use migrate::plan::{self, Fill, Grace, Move, Plan, Value};
use model::object::Object;
use model::stats::Stats;
use model::{Kind, Name, Path, QName, Schema};
use read::sql::postgres::Printed;
use report::planned::Origin;

use crate::Failure;
use crate::diff::{Sides, rename_said};

/// What the user says about the way, as it is written.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `table.column=SQL` or `type.value=value`
    pub fills: Vec<String>,
    /// `table.column=table.column`
    pub moves: Vec<String>,
    /// `table.column=table.column`, of two tables between which something moves.
    pub pairs: Vec<String>,
    pub grace: Option<Grace>,
}

/// The plan from one side to the other.
pub fn plan(sides: &Sides, asked: &Asked, stats: Option<&Stats>) -> Result<Plan, Failure> {
    let diff = sides.diff();
    let mut settings = settings(&sides.before, &sides.after, sides.settings.clone(), asked)?;
    settings.rows = rows(stats);
    let mut plan = migrate::plan(&sides.before, &sides.after, &diff, &settings);
    plan.left.sort();
    plan.left.dedup();
    Ok(plan)
}

/// What the plan is made of, for its file.
pub fn origin(sides: &Sides, fills: &[String]) -> Origin {
    Origin {
        before: write::sql::postgres::schema(&sides.before),
        after: write::sql::postgres::schema(&sides.after),
        renames: sides.settings.renames.iter().map(rename_said).collect(),
        filled: fills.iter().filter_map(|fill| Some(fill.split_once('=')?.0.trim().to_owned())).collect(),
    }
}

/// What the user says, understood.
pub fn settings(
    before: &Schema,
    after: &Schema,
    diff: migrate::diff::Settings,
    asked: &Asked,
) -> Result<plan::Settings, Failure> {
    let mut settings = plan::Settings::new(diff);
    for text in &asked.fills {
        match fill(before, after, text)? {
            Filled::Column(fill) => settings.fills.push(fill),
            Filled::Value(value) => settings.values.push(value),
        }
    }
    for text in &asked.moves {
        settings.moves.push(moved(before, after, text, &asked.pairs)?);
    }
    settings.grace = asked.grace.unwrap_or(settings.grace);
    Ok(settings)
}

fn rows(stats: Option<&Stats>) -> BTreeMap<QName, f64> {
    let tables = stats.into_iter().flat_map(|stats| &stats.tables);
    tables.map(|(name, table)| (name.clone(), table.rows)).collect()
}

enum Filled {
    Column(Fill),
    Value(Value),
}

fn fill(before: &Schema, after: &Schema, text: &str) -> Result<Filled, Failure> {
    let bad = |why: &str| {
        Failure::new(format!("`{text}` fills nothing: {why}"))
            .hint("It is written table.column=EXPRESSION or type.old_value=new_value: --fill \"orders.note=''\"")
    };
    let (target, value) = text.split_once('=').ok_or_else(|| bad("it has no ="))?;
    let (target, value) = (words(target), value.trim());
    if value.is_empty() {
        return Err(bad("nothing stands behind the ="));
    }
    let Some((last, whole)) = target.split_last() else { return Err(bad("it names nothing")) };
    let name = qname(whole).ok_or_else(|| bad("it names no table"))?;
    if let Some(Object::Enum(ty)) = before.object(&Path::object(Kind::Enum, &name)) {
        let value = Name::from(value.trim_matches('\''));
        let known = match after.object(&Path::object(Kind::Enum, &name)) {
            Some(Object::Enum(ty)) => ty.values.contains(&value),
            _ => false,
        };
        if !ty.values.contains(last) {
            return Err(bad(&format!("{name} has no value {last}")));
        }
        if !known {
            return Err(bad(&format!("{name} has no value {value} in the end")));
        }
        return Ok(Filled::Value(Value { ty: Path::object(Kind::Enum, &name), from: last.clone(), to: value }));
    }
    let column = Path::column(&name, last.clone());
    // A column that comes is made of those that are there; one that goes, of those that come.
    let schema = match (after.contains(&column), before.contains(&column)) {
        (true, _) if before.table(&name).is_some() => before,
        (false, true) | (true, _) => after,
        (false, false) => return Err(bad(&format!("there is no {column}"))),
    };
    let value = Printed { schema }.expression(&name, value).ok_or_else(|| bad("what it says is no expression"))?;
    Ok(Filled::Column(Fill { column, value }))
}

fn moved(before: &Schema, after: &Schema, text: &str, pairs: &[String]) -> Result<Move, Failure> {
    let bad = |why: String| {
        Failure::new(format!("`{text}` moves nothing: {why}"))
            .hint("It is written table.column=table.column: --move orders.customer_name=customers.name")
    };
    let (from, to) = pair(text).ok_or_else(|| bad("it does not name two columns".to_owned()))?;
    if !before.contains(&from) || after.contains(&from) {
        return Err(bad(format!("{from} does not go")));
    }
    if !after.contains(&to) || before.contains(&to) {
        return Err(bad(format!("{to} does not come")));
    }
    let (one, other) = (from.qname(), to.qname());
    let named = pairs.iter().filter_map(|pair_text| pair(pair_text)).filter_map(|(first, second)| {
        match (first.qname(), second.qname()) {
            (a, b) if a == one && b == other => Some((first.part, second.part)),
            (a, b) if a == other && b == one => Some((second.part, first.part)),
            _ => None,
        }
    });
    let mut by: Vec<(Name, Name)> = named.collect();
    by.sort();
    by.dedup();
    if by.is_empty() {
        by = joined(before, after, &one, &other).ok_or_else(|| {
            Failure::new(format!("nothing says which rows of {one} and {other} belong together"))
                .hint(format!("Say it: --by {one}.COLUMN={other}.COLUMN"))
        })?;
    }
    let known = |table: &QName, name: &Name| before.column(table, name).or(after.column(table, name)).is_some();
    if let Some((a, b)) = by.iter().find(|(a, b)| !known(&one, a) || !known(&other, b)) {
        return Err(bad(format!("there is no {one}.{a} or no {other}.{b}")));
    }
    if before.table(&other).is_none()
        && let Some(column) = lacking(after, &other, &by, &to.part)
    {
        return Err(bad(format!("a row of {other} needs {column} as well, and nothing says what it is")));
    }
    Ok(Move { from, to, by })
}

/// The one foreign key between two tables says which rows belong together.
fn joined(before: &Schema, after: &Schema, one: &QName, other: &QName) -> Option<Vec<(Name, Name)>> {
    let mut found: Vec<Vec<(Name, Name)>> = Vec::new();
    for schema in [before, after] {
        for (table, target, turned) in [(one, other, false), (other, one, true)] {
            let keys = schema.table(table).into_iter().flat_map(|table| table.foreign_keys());
            for (_, key) in keys.filter(|(_, key)| key.table == *target) {
                let pairs = key.columns.iter().cloned().zip(key.targets.iter().cloned());
                let pairs = pairs.map(|(a, b)| if turned { (b, a) } else { (a, b) }).collect();
                if !found.contains(&pairs) {
                    found.push(pairs);
                }
            }
        }
    }
    match found.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// A column that a new row must have and that nothing gives.
fn lacking(after: &Schema, table: &QName, by: &[(Name, Name)], moved: &Name) -> Option<Name> {
    let columns = after.table(table).into_iter().flat_map(|table| &table.columns);
    let lacks = columns.filter(|column| {
        let given = column.name == *moved || by.iter().any(|(_, own)| *own == column.name);
        let itself = column.default.is_some() || column.identity.is_some() || column.generated.is_some();
        column.not_null.is_some() && !given && !itself
    });
    lacks.map(|column| column.name.clone()).next()
}

fn pair(text: &str) -> Option<(Path, Path)> {
    let (one, other) = text.split_once('=')?;
    let column = |text: &str| {
        let words = words(text);
        let (last, whole) = words.split_last()?;
        Some(Path::column(&qname(whole)?, last.clone()))
    };
    Some((column(one)?, column(other)?))
}

fn qname(words: &[Name]) -> Option<QName> {
    match words {
        [name] => Some(QName::public(name.clone())),
        [schema, name] => Some(QName::new(schema.clone(), name.clone())),
        _ => None,
    }
}

/// The identifiers between the dots, folded unless quoted.
fn words(text: &str) -> Vec<Name> {
    let mut words = vec![String::new()];
    let mut in_quotes = false;
    for letter in text.trim().chars() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '.' if !in_quotes => words.push(String::new()),
            letter => {
                let word = words.last_mut().expect("there is always one");
                match in_quotes {
                    true => word.push(letter),
                    false => word.extend(letter.to_lowercase()),
                }
            }
        }
    }
    words.into_iter().map(Name::from).collect()
}
