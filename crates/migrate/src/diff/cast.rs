//! How the values of a column become those of another type.

use model::name::PG_CATALOG;
use model::{Expr, Name, Schema, Type};

/// What ALTER … TYPE needs besides the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    /// The database converts by itself.
    Assigned,
    Using(Expr),
}

/// From one type to another, for the column of that name. The types are those of the schemas before and after.
pub(super) fn cast(schemas: [&Schema; 2], column: &Name, from: &Type, to: &Type) -> Cast {
    if assigns(from, to) {
        return Cast::Assigned;
    }
    Cast::Using(converted(schemas, Expr::column(column.clone()), from, to))
}

/// The value of another type, as an expression of the operand; what the database converts by itself stays as it is.
pub(crate) fn converted(schemas: [&Schema; 2], operand: Expr, from: &Type, to: &Type) -> Expr {
    if assigns(from, to) {
        return operand;
    }
    let own = is_users(schemas, from) && is_users(schemas, to);
    // Two types of the user's know nothing of each other, but both are read from text.
    let operand = if own { convert(operand, text_like(from)) } else { operand };
    convert(operand, to.clone())
}

fn convert(operand: Expr, ty: Type) -> Expr {
    Expr::Cast { operand: Box::new(operand), ty }
}

fn text_like(ty: &Type) -> Type {
    match ty {
        Type::Array(element) => text_like(element).array(),
        _ => Type::Text,
    }
}

fn is_users(schemas: [&Schema; 2], ty: &Type) -> bool {
    let is_known = |name| schemas.iter().any(|schema| schema.type_path(name).is_some());
    ty.user_defined().is_some_and(is_known)
}

/// Whether the old default may go through the conversion as well.
pub(super) fn keeps_default(from: &Type, to: &Type) -> bool {
    from.is_text() && to.is_text() || is_number(from) && is_number(to)
}

/// Whether an assignment converts: the casts of pg_cast that are implicit or in assignment, by family.
fn assigns(from: &Type, to: &Type) -> bool {
    use Type::*;
    let (from, to) = (&from.without_modifiers(), &to.without_modifiers());
    if from == to || is_number(from) && is_number(to) {
        return true;
    }
    match (from, to) {
        // Everything becomes text by assignment.
        (_, to) if to.is_text() => true,
        (Array(from), Array(to)) => assigns(from, to),
        (Date, Timestamp { .. }) | (Timestamp { .. }, Date | Timestamp { .. }) => true,
        (Timestamp { .. } | Interval { .. }, Time { zone: false, .. }) => true,
        (Time { .. }, Time { .. } | Interval { .. }) | (Timestamp { zone: true, .. }, Time { zone: true, .. }) => true,
        (Json, Jsonb) | (Jsonb, Json) | (Cidr, Inet) | (Inet, Cidr) => true,
        (Bit(_) | VarBit(_), Bit(_) | VarBit(_)) => true,
        (from, to) => named_family(from, to),
    }
}

fn named_family(from: &Type, to: &Type) -> bool {
    let builtin = |ty: &Type| match ty {
        Type::Named(named) if named.name.schema == PG_CATALOG => Some(named.name.name.clone()),
        _ => None,
    };
    matches!((builtin(from), builtin(to)), (Some(from), Some(to)) if from.starts_with("macaddr") && to.starts_with("macaddr"))
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt | Type::Real | Type::Double | Type::Numeric(_))
}
