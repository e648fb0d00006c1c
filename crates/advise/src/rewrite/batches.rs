//! A DELETE or UPDATE of many rows, some at a time.

use model::query::{QueryKind, Write};
use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Level, Position};
use super::meaning::{is_constant, is_known, is_quiet};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "batches",
    says: "A DELETE or UPDATE of many rows becomes one of 5,000 that is run until it finds none: row locks are held for \
           moments, and vacuum can follow.",
    offer,
};

const ROWS: u32 = 5000;

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    offers.extend(rewritten(level));
}

fn rewritten(level: &Level<'_>) -> Option<Offer> {
    let query = level.query;
    let write = query.write.as_deref()?;
    let table = level.bounds.first()?.table?;
    // A place in a table is one row only where there is one table.
    let alone =
        !table.is_partitioned() && level.schema.children(&table.name).next().is_none() && table.foreign.is_none();
    let own = table.foreign_keys().any(|(_, key)| key.table == table.name);
    let plain = level.position == Position::Whole
        && query.from.is_empty()
        && query.ctes.is_empty()
        && write.returning.is_empty()
        && level.bounds.len() == 1
        && !level.conjuncts().is_empty();
    let filter = query.filter.as_ref().filter(|filter| is_known(filter))?;
    if !alone || own || !plain || !is_quiet(table) {
        return None;
    }
    let mut conditions = vec![format!("{} has no trigger, no rule, no partition, and no key to itself", table.name)];
    match query.kind {
        QueryKind::Delete => {}
        QueryKind::Update => conditions.push(ends(filter, write)?),
        _ => return None,
    }
    let name = model::name::quoted(&level.bounds[0].name);
    let alias = if *name == *table.name.name { String::new() } else { format!(" {name}") };
    let (clause, condition) = (level.clauses.filter.as_ref()?.clause, level.filter_text()?);
    let batch = |rows: u32| {
        let some = format!("SELECT {name}.ctid FROM {}{alias} WHERE {condition} LIMIT {rows}", table.name);
        Edits::of(level.placed).replace(clause, format!("WHERE {name}.ctid = ANY (ARRAY({some}))")).text()
    };
    Some(Offer {
        rule: RULE.name,
        sql: batch(ROWS)?,
        conditions,
        caveat: Some(
            "run it until it finds no row, each time in a transaction of its own; others see it half done".to_owned(),
        ),
        proof: Proof::Written { table: table.name.to_string(), tried: batch(2)?, again: true },
    })
}

/// Why a row that was updated is not found again.
fn ends(filter: &Expr, write: &Write) -> Option<String> {
    filter.conjuncts().into_iter().find_map(|part| {
        let (column, gone): (&Name, Box<dyn Fn(&Expr) -> bool>) = match part {
            Expr::Test { operand, test } if test == "IS NULL" => (
                operand.as_column()?,
                Box::new(|new| is_constant(new) && !matches!(new.without_casts(), Expr::Parameter(_))),
            ),
            Expr::Binary { op, left, right } if op == "=" => {
                let old = &**right;
                (
                    left.as_column()?,
                    Box::new(move |new| literal(new) && literal(old) && new != old && numbers_differ(new, old)),
                )
            }
            Expr::Binary { op, left, right } if op == "<>" || op == "IS DISTINCT FROM" => {
                let old = &**right;
                (left.as_column()?, Box::new(move |new| new == old && literal(old)))
            }
            _ => return None,
        };
        let (_, new) = write.assignments.iter().find(|(own, _)| own == column)?;
        gone(new).then(|| format!("a row that was updated is not found again: {column} is {new}"))
    })
}

fn literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Bool(_) | Expr::Number(_) | Expr::String(_))
}

/// `1` and `1.0` are one number; texts may differ in what their type does not see.
fn numbers_differ(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Number(one), Expr::Number(other)) => match (one.parse::<i64>(), other.parse::<i64>()) {
            (Ok(one), Ok(other)) => one != other,
            _ => false,
        },
        (Expr::String(one), Expr::String(other)) => {
            let word = |text: &Name| text.chars().any(|letter| letter.is_ascii_alphabetic());
            word(one) && word(other) && one.trim().to_lowercase() != other.trim().to_lowercase()
        }
        (Expr::Bool(one), Expr::Bool(other)) => one != other,
        _ => false,
    }
}
