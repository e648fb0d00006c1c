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

/// The least and the greatest number of a type.
pub fn bounds(ty: &Type) -> (i64, i64) {
    match ty {
        Type::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

impl Sequence {
    /// The sequence after `AS ty`: a bound that was the end of the old type becomes what a new sequence has (ALTER
    /// SEQUENCE). Sequences count in whole numbers only.
    #[must_use]
    pub fn retyped(&self, ty: &Type) -> Sequence {
        if !matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt) {
            return self.clone();
        }
        let ((old_min, old_max), (min, max)) = (bounds(&self.ty), bounds(ty));
        Sequence {
            ty: ty.clone(),
            min: if self.min != old_min {
                self.min
            } else if self.increment > 0 {
                1
            } else {
                min
            },
            max: if self.max != old_max {
                self.max
            } else if self.increment > 0 {
                max
            } else {
                -1
            },
            ..self.clone()
        }
    }

    /// What `CREATE SEQUENCE name AS ty` makes.
    pub fn new(name: QName, ty: Type) -> Sequence {
        let (_, max) = bounds(&ty);
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
