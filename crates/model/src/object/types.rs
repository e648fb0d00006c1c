use super::{NotNull, Options};
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::ty::Type;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    pub name: QName,
    pub values: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    pub name: QName,
    pub base: Type,
    pub collation: Option<QName>,
    pub default: Option<Expr>,
    pub not_null: Option<NotNull>,
    pub checks: Vec<DomainCheck>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainCheck {
    /// Empty in a change whose statement left the name to the database.
    pub name: Name,
    /// The value is the column `value`.
    pub expr: Expr,
    pub valid: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composite {
    pub name: QName,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Name,
    pub ty: Type,
    pub collation: Option<QName>,
}

/// `CREATE TYPE … AS RANGE (…)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub name: QName,
    pub subtype: Type,
    /// `subtype_opclass`, `collation`, `canonical`, `subtype_diff`, `multirange_type_name`
    pub options: Options,
}
