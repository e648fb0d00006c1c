//! ADD CONSTRAINT: names, the index behind a key, and what the columns become.

use super::need_free_relation;
use crate::apply::naming;
use crate::apply::rename::rename;
use crate::apply::work::{Outcome, Work, exists, invalid, missing};
use crate::name::{Name, QName};
use crate::object::{Constraint, ConstraintKind, ForeignKey, Index, Key, NotNull, PartitionBy};
use crate::path::Path;

/// Adds the constraint to the table and to its partitions and children; gives back the name it has now.
pub(in crate::apply) fn add_constraint(work: &mut Work, table: &QName, given: &Constraint) -> Outcome<Name> {
    if let Some(inherited) = inherited_key(work, table, given)? {
        match inherited == given.name {
            true => work.altered(Path::constraint(table, inherited)),
            false => rename(work, &Path::constraint(table, inherited), &given.name)?,
        }
        return Ok(given.name.clone());
    }
    let mut constraint = given.clone();
    let mut replaced = None;
    if let ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) = &mut constraint.kind
        && let Some(index) = key.using_index.take()
    {
        let index = take_index(work, table, &index)?;
        *key = key_of(&index, table)?;
        replaced = Some(index.name);
    }
    if constraint.name.is_empty() {
        constraint.name = match &replaced {
            Some(index) => index.clone(),
            None => naming::constraint_name(&work.schema, table, &constraint.kind),
        };
    } else if work.table(table)?.constraint(&constraint.name).is_some() {
        return Err(exists(Path::constraint(table, constraint.name)));
    }
    for column in constraint.columns() {
        // The name of the table stands for the whole row.
        let is_row = column == table.name && matches!(constraint.kind, ConstraintKind::Check(_));
        if !is_row {
            work.need_column(table, &column)?;
        }
    }
    check_kind(work, table, &mut constraint)?;
    if constraint.has_index() {
        let name = QName::new(table.schema.clone(), constraint.name.clone());
        need_free_relation(work, &name)?;
        work.claim(name, Path::constraint(table, constraint.name.clone()))?;
    }
    if let Some(index) = replaced.filter(|index| *index != constraint.name) {
        let path = |name: &Name| Path::index(table, name.clone());
        work.effects.renamed.push((path(&index), Path::constraint(table, constraint.name.clone())));
    }
    work.schema.count_constraint(QName::new(table.schema.clone(), constraint.name.clone()));
    work.created(Path::constraint(table, constraint.name.clone()));
    key_columns_not_null(work, table, &constraint)?;
    work.table_mut(table)?.constraints.push(constraint.clone());
    hand_down(work, table, &constraint)?;
    Ok(constraint.name)
}

/// A dump says the keys of partitions one by one, after that of their parent, which has made them here already: what
/// it says is then the name.
fn inherited_key(work: &Work, table: &QName, given: &Constraint) -> Outcome<Option<Name>> {
    if given.name.is_empty() || given.inherited || given.as_key().is_none() {
        return Ok(None);
    }
    let table = work.table(table)?;
    let mut inherited = table.constraints.iter().filter(|own| own.inherited && table.partition_of.is_some());
    Ok(inherited.find(|own| same_constraint(own, given)).map(|own| own.name.clone()))
}

/// What must hold of the table for a constraint of this kind.
fn check_kind(work: &Work, table: &QName, constraint: &mut Constraint) -> Outcome {
    let target = work.table(table)?;
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey(_) if target.primary_key().is_some() => {
            Err(invalid(format!("multiple primary keys for table {table} are not allowed")))
        }
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => match &target.partition_by {
            Some(by) if !covers_partition_key(key, by) => Err(invalid(format!(
                "unique constraint on partitioned table {table} must include all partition key columns"
            ))),
            _ => Ok(()),
        },
        ConstraintKind::ForeignKey(key) => settle_foreign_key(work, key),
        ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => Ok(()),
    }
}

fn covers_partition_key(key: &Key, by: &PartitionBy) -> bool {
    by.keys.iter().all(|part| part.expr.as_column().is_some_and(|column| key.columns.contains(column)))
}

/// Fills in the columns referred to, and finds the key that makes them unique.
fn settle_foreign_key(work: &Work, key: &mut ForeignKey) -> Outcome {
    let target = work.table(&key.table)?;
    if key.targets.is_empty() {
        let Some(primary) = target.primary_key() else {
            return Err(invalid(format!("there is no primary key for referenced table {}", key.table)));
        };
        key.targets = primary.columns.clone();
    }
    if let Some(column) = key.targets.iter().find(|column| target.column(column).is_none()) {
        return Err(missing(Path::column(&key.table, column.clone())));
    }
    if key.targets.len() != key.columns.len() {
        return Err(invalid("number of referencing and referenced columns for foreign key disagree"));
    }
    let unique = |columns: Vec<&Name>| {
        columns.len() == key.targets.len() && key.targets.iter().all(|target| columns.contains(&target))
    };
    match target.unique_keys().any(unique) {
        true => Ok(()),
        false => Err(invalid(format!(
            "there is no unique constraint matching given keys for referenced table {}",
            key.table
        ))),
    }
}

/// A primary key makes its columns NOT NULL, in the children too.
fn key_columns_not_null(work: &mut Work, table: &QName, constraint: &Constraint) -> Outcome {
    let ConstraintKind::PrimaryKey(key) = &constraint.kind else { return Ok(()) };
    for name in &key.columns {
        set_not_null(work, table, name)?;
    }
    Ok(())
}

fn set_not_null(work: &mut Work, table: &QName, name: &Name) -> Outcome {
    let children = work.children(table);
    let nullable = work.table(table)?.column(name).is_some_and(|column| column.is_nullable());
    if nullable {
        if let Some(column) = work.table_mut(table)?.column_mut(name) {
            column.not_null = Some(NotNull::default());
        }
        work.altered(Path::column(table, name.clone()));
    }
    children.iter().try_for_each(|child| set_not_null(work, child, name))
}

/// Partitions get every key and foreign key of their parent; children get its checks.
fn hand_down(work: &mut Work, table: &QName, constraint: &Constraint) -> Outcome {
    let partitioned = work.table(table)?.is_partitioned();
    let goes_down = match constraint.kind {
        ConstraintKind::Check(_) => !constraint.no_inherit,
        // A key that is not valid was made with ONLY: the partitions' keys are attached one by one.
        ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => partitioned && constraint.valid,
        ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => partitioned,
    };
    if !goes_down {
        return Ok(());
    }
    for child in work.children(table) {
        inherit_constraint(work, &child, constraint)?;
    }
    Ok(())
}

/// The child takes the parent's constraint over, or finds that it has it already.
pub(in crate::apply) fn inherit_constraint(work: &mut Work, child: &QName, parent: &Constraint) -> Outcome {
    let table = work.table(child)?;
    let same = match parent.kind {
        ConstraintKind::Check(_) => {
            let found = table.constraint(&parent.name);
            if found.is_some_and(|found| !same_constraint(found, parent)) {
                let message =
                    format!("child table {child} has different definition for check constraint {}", parent.name);
                return Err(invalid(message));
            }
            found
        }
        _ => table.constraints.iter().find(|own| !own.inherited && same_constraint(own, parent)),
    };
    if let Some(own) = same.map(|own| own.name.clone()) {
        let partition = table.partition_of.is_some();
        if let Some(own) = work.table_mut(child)?.constraint_mut(&own) {
            // A child that declared the check itself goes on to own it.
            own.inherited |= partition;
        }
        return Ok(());
    }
    let keeps_name = match parent.kind {
        ConstraintKind::Check(_) => true,
        ConstraintKind::ForeignKey(_) => table.constraint(&parent.name).is_none(),
        _ => false,
    };
    let name = if keeps_name { parent.name.clone() } else { Name::default() };
    // A key that waits for its parts does not make new ones wait.
    let valid = parent.valid || parent.has_index();
    add_constraint(work, child, &Constraint { name, valid, inherited: true, ..parent.clone() }).map(drop)
}

/// The same rule under whatever name.
pub(in crate::apply) fn same_constraint(one: &Constraint, other: &Constraint) -> bool {
    match (&one.kind, &other.kind) {
        (ConstraintKind::PrimaryKey(one), ConstraintKind::PrimaryKey(other))
        | (ConstraintKind::Unique(one), ConstraintKind::Unique(other)) => {
            one.columns == other.columns && one.include == other.include
        }
        // tryAttachPartitionForeignKey asks for that too.
        (ConstraintKind::ForeignKey(own), ConstraintKind::ForeignKey(parents)) => {
            own == parents && one.deferrable == other.deferrable
        }
        (one, other) => one == other,
    }
}

/// `USING INDEX`: the index leaves the table's indexes; what remains of it is the constraint.
fn take_index(work: &mut Work, table: &QName, name: &Name) -> Outcome<Index> {
    let indexes = &mut work.table_mut(table)?.indexes;
    let Some(position) = indexes.iter().position(|index| index.name == *name) else {
        return Err(missing(Path::index(table, name.clone())));
    };
    let index = indexes.remove(position);
    work.release(&QName::new(table.schema.clone(), name.clone()));
    let path = Path::index(table, name.clone());
    work.schema.comments.remove_mut(&path);
    Ok(index)
}

fn key_of(index: &Index, table: &QName) -> Outcome<Key> {
    let columns: Option<Vec<Name>> = index.key_columns().into_iter().map(|column| column.cloned()).collect();
    let Some(columns) = columns else {
        return Err(invalid(format!("index {} contains expressions", index.name)));
    };
    if !index.unique {
        return Err(invalid(format!("{} is not a unique index", index.name)));
    }
    if index.predicate.is_some() {
        return Err(invalid(format!("{} is a partial index on {table}", index.name)));
    }
    if !index.valid {
        return Err(invalid(format!("index {} is not valid", index.name)));
    }
    Ok(Key {
        columns,
        include: index.include.clone(),
        nulls_not_distinct: index.nulls_not_distinct,
        without_overlaps: false,
        options: index.options.clone(),
        tablespace: index.tablespace.clone(),
        using_index: None,
    })
}
