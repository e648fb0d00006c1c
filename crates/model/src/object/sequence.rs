use super::Persistence;
use crate::name::QName;
use crate::ty::Type;

/// A sequence, with every parameter as PostgreSQL would fill it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub name: QName,
    pub ty: Type,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cache: i64,
    pub cycle: bool,
    /// The table and column that it goes away with.
    pub owned_by: Option<(QName, crate::name::Name)>,
    pub persistence: Persistence,
}

impl Sequence {
    /// What `CREATE SEQUENCE name AS ty` makes.
    pub fn new(name: QName, ty: Type) -> Sequence {
        let max = match ty {
            Type::SmallInt => i64::from(i16::MAX),
            Type::Integer => i64::from(i32::MAX),
            _ => i64::MAX,
        };
        Sequence {
            name,
            ty,
            start: 1,
            increment: 1,
            min: 1,
            max,
            cache: 1,
            cycle: false,
            owned_by: None,
            persistence: Persistence::Permanent,
        }
    }
}
