//! A DELETE or UPDATE of many rows, some at a time.

use model::Expr;
use model::query::{QueryKind, Write};

use super::edits::Edits;
use super::level::{Level, Position};
use super::meaning::{differ, is_constant, is_known, is_quiet};
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
        let (column, op, old) = match part {
            Expr::Test { operand, test } if test == "IS NULL" => (operand.as_column()?, "IS NULL", &Expr::Null),
            Expr::Binary { op, left, right } => (left.as_column()?, op.as_str(), &**right),
            _ => return None,
        };
        let (_, new) = write.assignments.iter().find(|(own, _)| own == column)?;
        let gone = match op {
            "IS NULL" => is_constant(new) && !matches!(new.without_casts(), Expr::Parameter(_)),
            "=" => literal(new) && literal(old) && differ(new, old),
            "<>" | "IS DISTINCT FROM" => literal(old) && new == old,
            _ => false,
        };
        gone.then(|| format!("a row that was updated is not found again: {column} is {new}"))
    })
}

fn literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Bool(_) | Expr::Number(_) | Expr::String(_))
}
