//! ADD COLUMN.

use std::sync::Arc;

use crate::apply::naming::choose_relation_name;
use crate::apply::work::{Outcome, Work, exists, invalid};
use crate::name::QName;
use crate::object::{Column, NotNull, Options};
use crate::path::Path;

pub(in crate::apply) fn add_column(work: &mut Work, table: &QName, given: &Column) -> Outcome {
    let children = work.children(table);
    let target = work.table(table)?;
    if target.column(&given.name).is_some() {
        return Err(exists(Path::column(table, given.name.clone())));
    }
    if target.partition_of.is_some() && !given.inherited {
        return Err(invalid("cannot add column to a partition"));
    }
    let mut column = given.clone();
    let persistence = target.persistence;
    if let Some(identity) = &mut column.identity {
        identity.sequence.persistence = persistence;
    }
    settle_identity(work, table, &mut column)?;
    work.created(Path::column(table, column.name.clone()));
    work.table_mut(table)?.columns.push(Arc::new(column.clone()));
    for child in children {
        inherit_column(work, &child, &column)?;
    }
    Ok(())
}

/// The child gets the column from its parent, or finds that it has it already.
fn inherit_column(work: &mut Work, child: &QName, column: &Column) -> Outcome {
    match work.table(child)?.column(&column.name) {
        // `SET (n_distinct = …)` is no part of a column's definition, and said of one table alone.
        None => {
            let own = Column { identity: None, options: Options::new(), inherited: true, ..column.clone() };
            add_column(work, child, &own)
        }
        Some(own) if own.ty == column.ty => Ok(()),
        Some(_) => Err(invalid(format!("child table {child} has different type for column {}", column.name))),
    }
}

/// Names the sequence behind an identity column, takes that name, and makes the column NOT NULL.
pub(in crate::apply) fn settle_identity(work: &mut Work, table: &QName, column: &mut Column) -> Outcome {
    let Some(identity) = &mut column.identity else { return Ok(()) };
    if column.default.is_some() {
        return Err(invalid(format!("both default and identity specified for column {}", column.name)));
    }
    column.not_null.get_or_insert_with(NotNull::default);
    let sequence = &mut identity.sequence;
    if sequence.name.name.is_empty() {
        let name = choose_relation_name(&work.schema, &table.schema, &table.name, Some(&column.name), "seq");
        sequence.name = QName::new(table.schema.clone(), name);
    }
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    work.claim(sequence.name.clone(), Path::column(table, column.name.clone()))
}
