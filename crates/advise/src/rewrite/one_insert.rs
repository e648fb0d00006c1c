//! INSERT after INSERT as one of many rows.

use model::query::QueryKind;
use model::{Placed, Schema};

use super::meaning::is_quiet;
use super::{Offer, Proof};

/// The name of the rule.
pub const ONE_INSERT: &str = "one-insert";

/// Statements that insert rows one after the other, as one statement; none where they differ in more than their rows.
pub fn one_insert(schema: &Schema, statements: &[Placed]) -> Option<Offer> {
    let (first, rest) = statements.split_first()?;
    let write = first.query.write.as_deref()?;
    let table = schema.table(&write.table).filter(|table| is_quiet(table))?;
    let mut sql = first.text.clone();
    for statement in statements {
        let own = statement.query.write.as_deref()?;
        let same = statement.query.kind == QueryKind::Insert
            && own.table == write.table
            && own.alias == write.alias
            && own.columns == write.columns;
        let plain = !own.on_conflict && own.returning.is_empty() && statement.query.ctes.is_empty();
        let ends = rows(statement).is_some_and(|(_, end)| end == statement.text.trim_end().len());
        if !same || !plain || !ends {
            return None;
        }
    }
    for statement in rest {
        let (start, end) = rows(statement)?;
        sql = format!("{},\n{}", sql.trim_end(), statement.text.get(start..end)?.trim());
    }
    let proof = Proof::Written { table: table.name.to_string(), tried: sql.clone(), again: false };
    (!rest.is_empty()).then(|| Offer {
        rule: ONE_INSERT,
        sql,
        conditions: vec![format!("{} has no trigger and no rule that could tell one statement from many", table.name)],
        caveat: Some("one transaction: a row that is refused takes the others with it".to_owned()),
        proof,
    })
}

/// Where the rows behind VALUES are.
fn rows(statement: &Placed) -> Option<(usize, usize)> {
    let span = statement.clauses(&statement.query)?.values?;
    let text = statement.at(span);
    let words = text.get(.."VALUES".len()).filter(|word| word.eq_ignore_ascii_case("VALUES"))?;
    Some((span.start as usize + words.len(), span.end as usize))
}
