//! Whether ALTER TYPE leaves the rows of a table as they are.

use crate::expr::Expr;
use crate::name::Name;
use crate::schema::Schema;
use crate::ty::Type;

/// Whether the conversion keeps every row as it is stored: it is nothing, or a length that cannot fail
/// (ATColumnChangeRequiresRewrite in tablecmds.c). Indexes may still be built anew.
pub fn keeps_rows(schema: &Schema, column: &Name, from: &Type, to: &Type, using: Option<&Expr>) -> bool {
    let domain = to.user_defined().and_then(|name| schema.domains().find(|domain| domain.name == *name));
    if domain.is_some_and(|domain| domain.not_null.is_some() || !domain.checks.is_empty()) {
        return false;
    }
    let plain = match using.map(Expr::without_casts) {
        None => true,
        Some(Expr::Column(named)) => named.name == *column,
        Some(_) => false,
    };
    let (from, to) = (behind_domains(schema, from), behind_domains(schema, to));
    plain && (from == to || keeps_stored_form(&from, &to))
}

/// The type behind the user's domains.
pub fn behind_domains(schema: &Schema, ty: &Type) -> Type {
    // A domain over a domain over …: no database nests them deeper.
    const DEEPEST: usize = 32;
    let mut ty = ty.clone();
    for _ in 0..DEEPEST {
        // An array of a domain is an array, whatever the domain is made of.
        let name = ty.user_defined().filter(|_| !matches!(ty, Type::Array(_)));
        let domain = name.and_then(|name| schema.domains().find(|domain| domain.name == *name));
        match domain {
            Some(domain) => ty = domain.base.clone(),
            None => break,
        }
    }
    ty
}

fn keeps_stored_form(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Varchar(_), Type::Text | Type::Varchar(None)) | (Type::Text, Type::Varchar(None)) => true,
        (Type::Varchar(Some(from)), Type::Varchar(Some(to))) | (Type::VarBit(Some(from)), Type::VarBit(Some(to))) => {
            to >= from
        }
        (Type::VarBit(_), Type::VarBit(None)) => true,
        (Type::Numeric(_), Type::Numeric(None)) => true,
        (Type::Numeric(Some((digits, scale))), Type::Numeric(Some((wider, same)))) => scale == same && wider >= digits,
        (Type::Timestamp { zone, precision }, Type::Timestamp { zone: to, precision: finer }) => {
            // Between timestamp and timestamptz only a session in UTC keeps the rows (release notes 12), and the text
            // of a migration does not say in which zone it will run.
            zone == to && at_least(*finer, *precision)
        }
        (Type::Time { zone, precision }, Type::Time { zone: to, precision: finer }) => {
            zone == to && at_least(*finer, *precision)
        }
        (Type::Interval { fields, precision }, Type::Interval { fields: to, precision: finer }) => {
            (to.is_none() || fields == to) && at_least(*finer, *precision)
        }
        (Type::Cidr, Type::Inet) => true,
        (Type::Array(from), Type::Array(to)) => {
            from == to || matches!((&**from, &**to), (Type::Varchar(_), Type::Text))
        }
        _ => false,
    }
}

/// Six digits are the most there are, and the default.
pub fn at_least(finer: Option<u8>, precision: Option<u8>) -> bool {
    finer.unwrap_or(6) >= precision.unwrap_or(6)
}
