//! CREATE INDEX, on the table or materialized view and on every partition.

use super::need_free_relation;
use crate::apply::naming;
use crate::apply::work::{Outcome, Work, invalid, missing};
use crate::name::{Name, QName};
use crate::object::Index;
use crate::path::Path;

/// Adds the index to the table and its partitions; gives back the name it has now.
pub(in crate::apply) fn add_index(work: &mut Work, owner: &QName, given: &Index) -> Outcome<Name> {
    let mut index = given.clone();
    if index.name.is_empty() {
        index.name = naming::index_name(&work.schema, owner, &index);
    }
    let name = QName::new(owner.schema.clone(), index.name.clone());
    need_free_relation(work, &name)?;
    let path = Path::index(owner, index.name.clone());
    if work.view_path(owner).is_some() {
        work.claim(name, path.clone())?;
        work.view_mut(owner)?.indexes.push(index.clone());
        work.created(path);
        return Ok(index.name);
    }
    let table = work.table(owner)?;
    if let Some(column) = index.columns().into_iter().find(|column| table.column(column).is_none()) {
        return Err(missing(Path::column(owner, column.clone())));
    }
    // An index that is not valid was made with ONLY: the partitions' indexes are attached one by one.
    let goes_down = table.is_partitioned() && index.valid;
    if let Some(by) = table.partition_by.as_ref().filter(|_| index.unique) {
        let columns = index.key_columns();
        if !by.keys.iter().all(|key| columns.contains(&key.expr.as_column())) {
            let message =
                format!("unique constraint on partitioned table {owner} must include all partition key columns");
            return Err(invalid(message));
        }
    }
    work.claim(name.clone(), path.clone())?;
    work.table_mut(owner)?.indexes.push(index.clone());
    work.created(path);
    if goes_down {
        for child in work.children(owner) {
            inherit_index(work, &child, &name, &index)?;
        }
    }
    Ok(index.name)
}

/// The partition attaches an index that it has, or makes one.
pub(in crate::apply) fn inherit_index(work: &mut Work, child: &QName, name: &QName, parent: &Index) -> Outcome {
    let table = work.table(child)?;
    if table.foreign.is_some() {
        return Ok(());
    }
    let own = table.indexes.iter().find(|own| own.attached_to.is_none() && own.valid && same_index(own, parent));
    if let Some(own) = own.map(|own| own.name.clone()) {
        if let Some(own) = work.table_mut(child)?.index_mut(&own) {
            own.attached_to = Some(name.clone());
        }
        return Ok(());
    }
    let index = Index {
        name: Name::default(),
        attached_to: Some(name.clone()),
        inherited: true,
        valid: true,
        clustered: false,
        statistics: Vec::new(),
        ..parent.clone()
    };
    add_index(work, child, &index).map(drop)
}

/// Two indexes that could be parts of one: the same keys, compared the same way, over the same rows.
pub(in crate::apply) fn same_index(one: &Index, other: &Index) -> bool {
    one.method == other.method
        && one.unique == other.unique
        && one.nulls_not_distinct == other.nulls_not_distinct
        && one.keys == other.keys
        && one.include == other.include
        && one.predicate == other.predicate
}
