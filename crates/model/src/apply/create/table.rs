//! CREATE TABLE, with what it takes from its parents.

use std::sync::Arc;

use super::column::settle_identity;
use super::{add_constraint, add_index, add_trigger, need_free_relation};
use crate::apply::inherit;
use crate::apply::work::{Outcome, Work, exists, missing};
use crate::name::Name;
use crate::object::{Column, Constraint, ConstraintKind, Object, Persistence, Table};
use crate::path::{Kind, Path};

pub(super) fn create_table(work: &mut Work, path: &Path, given: &Table) -> Outcome {
    let name = &given.name;
    if given.persistence != Persistence::Temporary {
        work.need_namespace(&name.schema)?;
    }
    need_free_relation(work, name)?;
    work.need_free_type(name)?;

    let mut table = given.clone();
    let constraints = std::mem::take(&mut table.constraints);
    let indexes = std::mem::take(&mut table.indexes);
    let triggers = std::mem::take(&mut table.triggers);
    add_columns_of_type(work, &mut table)?;
    inherit::take_columns(work, &mut table)?;
    each_column_once(&table)?;

    // The sequences are made before the table, so that they choose their names first.
    let mut columns = std::mem::take(&mut table.columns);
    for column in columns.iter_mut().filter(|column| column.identity.is_some()) {
        settle_identity(work, name, Arc::make_mut(column))?;
    }
    let sequences: Vec<_> =
        columns.iter().filter_map(|column| Some(column.identity.as_ref()?.sequence.name.clone())).collect();
    sequences.iter().for_each(|sequence| work.release(sequence));
    table.columns = columns;
    work.enter(path.clone(), Object::Table(Arc::new(table)))?;

    inherit::take_checks(work, name)?;
    let mut order: Vec<Name> = work.table(name)?.constraints.iter().map(|check| check.name.clone()).collect();
    let mut named = vec![Name::default(); constraints.len()];
    for phase in 0..4 {
        let due = constraints.iter().enumerate().filter(|(_, constraint)| phase_of(constraint) == phase);
        for (position, constraint) in due {
            named[position] = add_constraint(work, name, constraint)?;
        }
        if phase == 0 {
            inherit::take_parts(work, name)?;
            let inherited = work.table(name)?.constraints.iter().filter(|constraint| constraint.inherited);
            order = inherited.map(|constraint| constraint.name.clone()).collect();
        }
    }
    order.retain(|inherited| !named.contains(inherited));
    order.extend(named);
    for index in &indexes {
        add_index(work, name, index)?;
    }
    for trigger in &triggers {
        add_trigger(work, name, trigger)?;
    }
    let table = work.table_mut(name)?;
    table.constraints.sort_by_key(|constraint| order.iter().position(|name| *name == constraint.name));
    work.effects.created = all_paths(path, work.table(name)?);
    Ok(())
}

/// Checks come with the table itself; then the primary key, the other keys, and last what points elsewhere.
fn phase_of(constraint: &Constraint) -> u8 {
    match constraint.kind {
        ConstraintKind::Check(_) => 0,
        ConstraintKind::PrimaryKey(_) => 1,
        ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => 2,
        ConstraintKind::ForeignKey(_) => 3,
    }
}

/// `OF type`: its attributes are the columns; what the statement says of them is added.
fn add_columns_of_type(work: &Work, table: &mut Table) -> Outcome {
    let Some(of) = &table.of_type else { return Ok(()) };
    let path = Path::object(Kind::Composite, of);
    let Some(Object::Composite(composite)) = work.schema.object(&path) else { return Err(missing(path)) };
    let said = std::mem::take(&mut table.columns);
    for column in &said {
        if !composite.attributes.iter().any(|attribute| attribute.name == column.name) {
            return Err(missing(Path::column(&table.name, column.name.clone())));
        }
    }
    for attribute in &composite.attributes {
        let own = said.iter().find(|column| column.name == attribute.name).cloned();
        let own = own.map_or_else(|| Column::new(attribute.name.clone(), attribute.ty.clone()), Arc::unwrap_or_clone);
        let collation = attribute.collation.clone();
        table.columns.push(Arc::new(Column { ty: attribute.ty.clone(), collation, inherited: true, ..own }));
    }
    Ok(())
}

fn each_column_once(table: &Table) -> Outcome {
    let names = || table.columns.iter().map(|column| &column.name);
    let mut sorted: Vec<&Name> = names().collect();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(());
    }
    let is_repeated = |(index, name): &(usize, &Name)| names().take(*index).any(|other| other == *name);
    match names().enumerate().find(is_repeated) {
        Some((_, repeated)) => Err(exists(Path::column(&table.name, repeated.clone()))),
        None => Ok(()),
    }
}

fn all_paths(path: &Path, table: &Table) -> Vec<Path> {
    let name = &table.name;
    let part = |kind| move |part: &Name| Path::part(kind, name, part.clone());
    let mut paths = vec![path.clone()];
    paths.extend(table.columns.iter().map(|column| &column.name).map(part(Kind::Column)));
    paths.extend(table.constraints.iter().map(|constraint| &constraint.name).map(part(Kind::Constraint)));
    paths.extend(table.indexes.iter().map(|index| &index.name).map(part(Kind::Index)));
    paths.extend(table.triggers.iter().map(|trigger| &trigger.name).map(part(Kind::Trigger)));
    paths.extend(table.rules.iter().map(|rule| &rule.name).map(part(Kind::Rule)));
    paths.extend(table.policies.iter().map(|policy| &policy.name).map(part(Kind::Policy)));
    paths
}
