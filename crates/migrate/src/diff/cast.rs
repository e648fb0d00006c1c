//! How the values of a column become those of another type.

use model::name::PG_CATALOG;
use model::object::Object;
use model::{Expr, Kind, Name, Path, Schema, Type};

use super::{Rename, values};

/// What ALTER … TYPE needs besides the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    /// The database converts by itself.
    Assigned,
    Using(Expr),
}

/// From one type to another, for the column of that name. The types are those of the schemas before and after.
pub(super) fn cast(schemas: [&Schema; 2], renames: &[Rename], column: &Name, from: &Type, to: &Type) -> Cast {
    if assigns(from, to) {
        return Cast::Assigned;
    }
    Cast::Using(converted(schemas, renames, Expr::column(column.clone()), from, to))
}

/// The value of another type, as an expression of the operand; what the database converts by itself stays as it is.
/// Values of an enum that are to go on as others do so.
pub(crate) fn converted(schemas: [&Schema; 2], renames: &[Rename], operand: Expr, from: &Type, to: &Type) -> Expr {
    if assigns(from, to) {
        return operand;
    }
    // Types that know nothing of each other are both written as text and read from it.
    let text = text_like(from, to);
    let replaced = replaced(schemas, renames, from, to);
    let operand = match converts(schemas, from, to) && replaced.is_empty() {
        true => operand,
        false => values::replace(convert(operand, text.clone()), &text, &replaced),
    };
    convert(operand, to.clone())
}

/// The values that the type loses to others, when it is an enum on both sides, or is made of one.
fn replaced(schemas: [&Schema; 2], renames: &[Rename], from: &Type, to: &Type) -> Vec<(Name, Name)> {
    let enumeration = |schema: &Schema, ty: &Type| {
        let base = base(schema, ty.element());
        let name = base.user_defined()?.clone();
        match schema.object(&Path::object(Kind::Enum, &name)) {
            Some(Object::Enum(found)) => Some(found.clone()),
            _ => None,
        }
    };
    match (enumeration(schemas[0], from), enumeration(schemas[1], to)) {
        (Some(old), Some(new)) => values::replaced(&old, &new, renames),
        _ => Vec::new(),
    }
}

fn convert(operand: Expr, ty: Type) -> Expr {
    Expr::Cast { operand: Box::new(operand), ty }
}

fn text_like(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => text_like(from, to).array(),
        _ => Type::Text,
    }
}

/// Whether an explicit cast leads from one type to the other: those of pg_cast, and whatever is text (CREATE CAST:
/// "automatic I/O conversion casts"). A domain is its base here.
fn converts(schemas: [&Schema; 2], from: &Type, to: &Type) -> bool {
    use Type::*;
    let (from, to) = (&base(schemas[0], from), &base(schemas[1], to));
    let (from, to) = (&from.without_modifiers(), &to.without_modifiers());
    if assigns(from, to) || from.is_text() {
        return true;
    }
    match (from, to) {
        (Array(from), Array(to)) => converts(schemas, from, to),
        (Integer, Boolean) | (Boolean, Integer) => true,
        (Integer | BigInt, Bit(_)) | (Bit(_), Integer | BigInt) => true,
        (Jsonb, to) => *to == Boolean || is_number(to),
        _ => false,
    }
}

fn base(schema: &Schema, ty: &Type) -> Type {
    let domain = ty.user_defined().and_then(|name| schema.object(&Path::object(Kind::Domain, name)));
    match domain {
        Some(Object::Domain(domain)) => base(schema, &domain.base),
        _ => ty.clone(),
    }
}

/// Whether the old default may go through the conversion as well: what a cast of a constant leaves behind is no constant.
pub(super) fn keeps_default(from: &Type, to: &Type) -> bool {
    from.without_modifiers() == to.without_modifiers() || from.is_integer() && to.is_integer()
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
