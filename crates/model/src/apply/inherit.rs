//! Partitions and children: what they take from their parents, when they are made and when they are attached.

use std::sync::Arc;

use super::create::{add_trigger, inherit_constraint, inherit_index, same_constraint, same_index};
use super::registry::parents;
use super::work::{Outcome, Work, exists, invalid, missing};
use crate::expr::Sql;
use crate::name::{Name, QName};
use crate::object::{Column, Constraint, ConstraintKind, Level, NotNull, Options, PartitionOf, Table, Trigger};
use crate::path::{Kind, Path};

/// The columns of the parents, in their order, before the table's own; what the table says of one is added to it.
pub(super) fn take_columns(work: &Work, table: &mut Table) -> Outcome {
    let parents = parents(table);
    if parents.is_empty() {
        return Ok(());
    }
    let partition = table.partition_of.is_some();
    let own = std::mem::take(&mut table.columns);
    let mut columns: Vec<Column> = Vec::new();
    for parent in &parents {
        let parent_table = work.table(parent)?;
        if partition && !parent_table.is_partitioned() {
            return Err(invalid(format!("{parent} is not partitioned")));
        }
        for column in &parent_table.columns {
            match columns.iter_mut().find(|known| known.name == column.name) {
                Some(known) if known.ty != column.ty => {
                    return Err(invalid(format!("inherited column {} has a type conflict", column.name)));
                }
                Some(known) => {
                    known.not_null = known.not_null.take().or_else(|| inherited_not_null(column));
                    known.default = known.default.take().or_else(|| column.default.clone());
                }
                None => columns.push(Column {
                    identity: None,
                    inherited: true,
                    not_null: inherited_not_null(column),
                    // What ALTER COLUMN says of the parent later reaches the children; what it said before does not.
                    statistics: None,
                    options: Options::new(),
                    ..Column::clone(column)
                }),
            }
        }
    }
    for said in own {
        let said = Arc::unwrap_or_clone(said);
        match columns.iter_mut().find(|known| known.name == said.name) {
            Some(known) => {
                known.default = said.default.or(known.default.take());
                known.generated = said.generated.or(known.generated.take());
                known.not_null = known.not_null.take().or(said.not_null);
                known.identity = said.identity;
                known.storage = said.storage.or(known.storage.take());
                known.compression = said.compression.or(known.compression.take());
                known.inherited = partition;
            }
            None if partition => return Err(missing(Path::column(&table.name, said.name))),
            None => columns.push(said),
        }
    }
    table.columns = columns.into_iter().map(Arc::new).collect();
    Ok(())
}

/// Identity columns are NOT NULL in the children too, though only the parent draws the numbers.
fn inherited_not_null(column: &Column) -> Option<NotNull> {
    column.not_null.clone().filter(|not_null| !not_null.no_inherit)
}

/// The checks of the parents.
pub(super) fn take_checks(work: &mut Work, name: &QName) -> Outcome {
    for parent in parents(work.table(name)?) {
        let checks: Vec<_> =
            work.table(&parent)?.constraints.iter().filter(|check| goes_to_children(check)).cloned().collect();
        for check in &checks {
            inherit_constraint(work, name, check)?;
        }
    }
    Ok(())
}

fn goes_to_children(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit
}

/// What a new partition takes besides: keys, foreign keys, indexes and row triggers.
pub(super) fn take_parts(work: &mut Work, name: &QName) -> Outcome {
    let Some(of) = &work.table(name)?.partition_of else { return Ok(()) };
    let parent_name = of.parent.clone();
    let parent = work.table(&parent_name)?.clone();
    for constraint in parent.constraints.iter().filter(|constraint| constraint.has_index()) {
        inherit_constraint(work, name, constraint)?;
    }
    for index in &parent.indexes {
        inherit_index(work, name, &QName::new(parent_name.schema.clone(), index.name.clone()), index)?;
    }
    for (constraint, _) in parent.foreign_keys() {
        inherit_constraint(work, name, constraint)?;
    }
    for trigger in parent.triggers.iter().filter(|trigger| trigger.level == Level::Row) {
        let path = Path::part(Kind::Trigger, name, trigger.name.clone());
        if work.schema.contains(&path) {
            return Err(exists(path));
        }
        add_trigger(work, name, &Trigger { inherited: true, ..trigger.clone() })?;
    }
    Ok(())
}

/// `ATTACH PARTITION`: the table must have the parent's columns and checks; the rest is matched or made.
pub(super) fn attach(work: &mut Work, parent: &QName, child: &QName, bound: &Sql) -> Outcome {
    if !work.table(parent)?.is_partitioned() {
        return Err(invalid(format!("table {parent} is not partitioned")));
    }
    if work.table(child)?.partition_of.is_some() {
        return Err(invalid(format!("{child} is already a partition")));
    }
    if parent == child || descends(work, parent, child) {
        return Err(invalid("circular inheritance not allowed"));
    }
    need_matching_columns(work, parent, child)?;
    if let Some(extra) = work.table(child)?.columns.iter().find(|own| work.schema.column(parent, &own.name).is_none()) {
        let message = format!("table {child} contains column {} not found in parent {parent}", extra.name);
        return Err(invalid(message));
    }
    for check in work.table(parent)?.constraints.iter().filter(|check| goes_to_children(check)) {
        if work.table(child)?.constraint(&check.name).is_none() {
            return Err(invalid(format!("child table {child} is missing constraint {}", check.name)));
        }
    }
    let table = work.table_mut(child)?;
    table.partition_of = Some(PartitionOf { parent: parent.clone(), bound: bound.clone() });
    for column in &mut table.columns {
        Arc::make_mut(column).inherited = true;
    }
    work.schema.add_child(parent, child);
    take_checks(work, child)?;
    take_parts(work, child)?;
    work.altered(Path::table(child));
    Ok(())
}

/// `DETACH PARTITION`: the table keeps what it has, as its own.
pub(super) fn detach(work: &mut Work, parent: &QName, child: &QName) -> Outcome {
    match &work.table(child)?.partition_of {
        Some(of) if of.parent == *parent => {}
        _ => return Err(invalid(format!("{child} is not a partition of {parent}"))),
    }
    let table = work.table_mut(child)?;
    table.partition_of = None;
    table.columns.iter_mut().for_each(|column| Arc::make_mut(column).inherited = false);
    table.constraints.iter_mut().for_each(|constraint| constraint.inherited = false);
    for index in &mut table.indexes {
        index.attached_to = None;
        index.inherited = false;
    }
    // The parent's row triggers go, also from the table's own partitions; a trigger that the table made itself stays.
    let lost: Vec<Name> =
        table.triggers.iter().filter(|trigger| trigger.inherited).map(|trigger| trigger.name.clone()).collect();
    lose_triggers(work, child, &lost)?;
    work.schema.remove_child(parent, child);
    work.altered(Path::table(child));
    Ok(())
}

fn lose_triggers(work: &mut Work, table: &QName, lost: &[Name]) -> Outcome {
    work.table_mut(table)?.triggers.retain(|trigger| !(trigger.inherited && lost.contains(&trigger.name)));
    work.children(table).iter().try_for_each(|child| lose_triggers(work, child, lost))
}

/// `INHERIT`: the child must have everything already.
pub(super) fn inherit(work: &mut Work, child: &QName, parent: &QName) -> Outcome {
    work.table(parent)?;
    if parent == child || descends(work, parent, child) {
        return Err(invalid("circular inheritance not allowed"));
    }
    if work.table(child)?.inherits.contains(parent) {
        return Err(invalid(format!("relation {parent} would be inherited from more than once")));
    }
    need_matching_columns(work, parent, child)?;
    for check in work.table(parent)?.constraints.iter().filter(|check| goes_to_children(check)) {
        if work.table(child)?.constraint(&check.name).is_none() {
            return Err(invalid(format!("child table is missing constraint {}", check.name)));
        }
    }
    work.table_mut(child)?.inherits.push(parent.clone());
    work.schema.add_child(parent, child);
    Ok(())
}

/// `NO INHERIT`: what came from that parent alone becomes the child's own.
pub(super) fn disinherit(work: &mut Work, child: &QName, parent: &QName) -> Outcome {
    if !work.table(child)?.inherits.contains(parent) {
        return Err(invalid(format!("relation {parent} is not a parent of relation {child}")));
    }
    work.schema.remove_child(parent, child);
    work.table_mut(child)?.inherits.retain(|other| other != parent);
    let mut columns: Vec<Name> = Vec::new();
    let mut checks: Vec<Name> = Vec::new();
    for other in parents(work.table(child)?) {
        let other = work.table(&other)?;
        columns.extend(other.columns.iter().map(|column| column.name.clone()));
        checks.extend(other.constraints.iter().map(|check| check.name.clone()));
    }
    let table = work.table_mut(child)?;
    for column in table.columns.iter_mut().filter(|column| !columns.contains(&column.name)) {
        Arc::make_mut(column).inherited = false;
    }
    table.constraints.iter_mut().for_each(|check| check.inherited &= checks.contains(&check.name));
    Ok(())
}

fn need_matching_columns(work: &Work, parent: &QName, child: &QName) -> Outcome {
    let table = work.table(child)?;
    for column in &work.table(parent)?.columns {
        match table.column(&column.name) {
            None => return Err(invalid(format!("child table {child} is missing column {}", column.name))),
            Some(own) if own.ty != column.ty => {
                return Err(invalid(format!("child table {child} has different type for column {}", column.name)));
            }
            Some(own)
                if own.generated.as_ref().map(|own| own.stored) != column.generated.as_ref().map(|own| own.stored) =>
            {
                return Err(invalid(format!("column {} in child table is generated in another way", column.name)));
            }
            Some(own) if own.is_nullable() && !column.is_nullable() => {
                return Err(invalid(format!("column {} in child table must be marked NOT NULL", column.name)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether a table is below another, at any depth.
fn descends(work: &Work, table: &QName, from: &QName) -> bool {
    work.children(from).iter().any(|child| child == table || descends(work, table, child))
}

/// `ALTER INDEX … ATTACH PARTITION`: the index of a partition becomes part of this one, which is valid once every
/// partition has its part. Behind a key the constraints are joined likewise.
pub(super) fn attach_index(work: &mut Work, parent: &Path, part: &QName) -> Outcome {
    let part_path = match work.schema.relation(part) {
        Some(path) if path.kind == parent.kind => path.clone(),
        _ => return Err(missing(Path::index(&QName::new(part.schema.clone(), ""), part.name.clone()))),
    };
    let (table, child) = (parent.qname(), part_path.qname());
    if !work.children(&table).contains(&child) {
        return Err(invalid(format!("{part} is not an index on any partition of table {table}")));
    }
    let parent_name = QName::new(parent.schema.clone(), parent.part.clone());
    if parent.kind == Kind::Constraint {
        if let Some(constraint) = work.table_mut(&child)?.constraint_mut(&part_path.part) {
            constraint.inherited = true;
        }
    } else {
        let same = match (work.table(&table)?.index(&parent.part), work.table(&child)?.index(&part.name)) {
            (Some(whole), Some(part)) => same_index(whole, part),
            _ => return Err(missing(parent.clone())),
        };
        if !same {
            return Err(invalid(format!("cannot attach index {part} as a partition of index {parent_name}")));
        }
        if let Some(index) = work.table_mut(&child)?.index_mut(&part_path.part) {
            index.attached_to = Some(parent_name.clone());
        }
    }
    work.altered(part_path);
    make_valid_when_whole(work, parent)
}

fn make_valid_when_whole(work: &mut Work, parent: &Path) -> Outcome {
    let table = parent.qname();
    let name = QName::new(parent.schema.clone(), parent.part.clone());
    if parent.kind == Kind::Constraint {
        let Some(constraint) = work.table(&table)?.constraint(&parent.part).cloned() else { return Ok(()) };
        let has_part = |child: &QName| {
            work.schema.table(child).is_some_and(|child| {
                let inherited = child.constraints.iter().filter(|own| own.inherited && own.valid);
                inherited.into_iter().any(|own| same_constraint(own, &constraint))
            })
        };
        let whole = work.children(&table).iter().all(has_part);
        if let Some(constraint) = work.table_mut(&table)?.constraint_mut(&parent.part) {
            constraint.valid |= whole;
        }
        return Ok(());
    }
    let has_part = |child: &QName| {
        work.schema.table(child).is_some_and(|child| {
            child.indexes.iter().any(|index| index.valid && index.attached_to.as_ref() == Some(&name))
        })
    };
    let whole = work.children(&table).iter().all(has_part);
    let Some(index) = work.table_mut(&table)?.index_mut(&parent.part) else { return Ok(()) };
    index.valid |= whole;
    // A partition that is partitioned itself may have been what its parent waited for.
    let (valid, above) = (index.valid, index.attached_to.clone());
    match above.and_then(|above| work.schema.relation(&above).cloned()) {
        Some(above) if valid => make_valid_when_whole(work, &above),
        _ => Ok(()),
    }
}
