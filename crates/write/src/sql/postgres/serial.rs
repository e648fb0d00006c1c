//! Serial columns: a sequence, its ownership and a default that one word can tell.

use std::collections::BTreeMap;

use model::name::literal;
use model::object::{Column, Persistence, Sequence, Table};
use model::{Expr, Name, QName, Schema, Type};

use super::sequence;

/// The columns that can be written as `serial`, by table and column, with their sequences.
pub(super) type Serials<'a> = BTreeMap<(&'a QName, &'a Name), &'a Sequence>;

pub(super) fn find(schema: &Schema) -> Serials<'_> {
    let owned = schema.sequences().filter_map(|sequence| {
        let (owner, column) = sequence.owned_by.as_ref()?;
        let table = schema.table(owner)?;
        let column = table.column(column)?;
        is_serial(table, column, sequence).then_some(((&table.name, &column.name), sequence))
    });
    owned.collect()
}

/// `serial` would make exactly this sequence and this column.
fn is_serial(table: &Table, column: &Column, sequence: &Sequence) -> bool {
    let plain_column = !column.inherited
        && column
            .not_null
            .as_ref()
            .is_some_and(|not_null| not_null.name.is_none() && !not_null.not_valid && !not_null.no_inherit)
        && matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt)
        && column.default.as_ref().is_some_and(|default| is_next_of(default, &sequence.name));
    let plain_table = table.partition_of.is_none()
        && table.of_type.is_none()
        && table.foreign.is_none()
        && table.persistence == Persistence::Permanent
        && sequence.persistence == Persistence::Permanent;
    let usual =
        Sequence { owned_by: sequence.owned_by.clone(), ..Sequence::new(sequence.name.clone(), column.ty.clone()) };
    plain_column
        && plain_table
        && *sequence == usual
        && sequence.name == sequence::default_name(&table.name, &column.name)
}

/// `nextval('orders_id_seq'::regclass)`
fn is_next_of(default: &Expr, sequence: &QName) -> bool {
    let text = default.to_string();
    let name = literal(&sequence.to_string());
    text == format!("nextval({name}::regclass)") || text == format!("nextval({name})")
}
