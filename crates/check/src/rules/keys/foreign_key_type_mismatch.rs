use model::stored::behind_domains;
use model::{Change, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// A foreign key column has another type than the key it refers to; give both the same type.
    ///
    /// An `integer` that refers to a `bigint` fails with "integer out of range" as soon as the key grows past
    /// 2,147,483,647. Where the types only compare through a cast, every check of the constraint and every join pays
    /// for it.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id integer REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    "K003", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        for (name, target) in key.columns.iter().zip(&key.targets) {
            let (Some(column), Some(other)) = (table.column(name), schema.column(&key.table, target)) else { continue };
            let (from, to) = (behind_domains(schema, &column.ty), behind_domains(schema, &other.ty));
            if same_family(&from, &to) {
                continue;
            }
            let path = Path::column(&table.name, name.clone());
            let message = format!("{}.{name} is {}, but {}.{target} is {}", table.name, column.ty, key.table, other.ty);
            let draft = findings.at_type(&path, message).label(column.ty.to_string());
            match capacity(&from).zip(capacity(&to)) {
                Some((from, to)) if from < to => draft
                    .why(format!("values of {} above the range of {} cannot be stored", key.table, column.ty))
                    .unsafe_fix(format!("make it {}", other.ty), vec![Change::set_type(path, other.ty.clone())]),
                Some(_) => draft
                    .why(format!("the wider type can never hold more than {}.{target} does", key.table))
                    .unsafe_fix(format!("make it {}", other.ty), vec![Change::set_type(path, other.ty.clone())]),
                None => draft.why("every check of the constraint converts one type into the other"),
            };
        }
    }
}

fn same_family(from: &Type, to: &Type) -> bool {
    let is_varying = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(_));
    from.without_modifiers() == to.without_modifiers() || (is_varying(from) && is_varying(to))
}

fn capacity(ty: &Type) -> Option<u8> {
    match ty {
        Type::SmallInt => Some(2),
        Type::Integer => Some(4),
        Type::BigInt => Some(8),
        _ => None,
    }
}
