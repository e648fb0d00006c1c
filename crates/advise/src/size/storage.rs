//! How values of a type lie in an index.

use model::{Schema, Type};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Storage {
    /// Bytes, where all values have as many.
    pub(super) fixed: Option<f64>,
    pub(super) align: f64,
    /// Values of varying length that all have the same: `char(n)`.
    pub(super) padded: bool,
    /// Equal keys share an entry: the operator class says that equal values are the same bytes.
    pub(super) merges: bool,
}

impl Storage {
    pub(super) const TEXT: Storage = Storage { fixed: None, align: 1.0, padded: false, merges: true };

    const fn fixed(bytes: f64, align: f64) -> Storage {
        Storage { fixed: Some(bytes), align, padded: false, merges: true }
    }

    const fn apart(self) -> Storage {
        Storage { merges: false, ..self }
    }
}

/// Which types merge was measured with `bt_metap(…).allequalimage`.
pub(super) fn storage(schema: &Schema, ty: &Type) -> Storage {
    match model::stored::behind_domains(schema, ty) {
        Type::Boolean => Storage::fixed(1.0, 1.0),
        Type::SmallInt => Storage::fixed(2.0, 2.0),
        Type::Integer | Type::Date => Storage::fixed(4.0, 4.0),
        Type::BigInt | Type::Timestamp { .. } | Type::Time { zone: false, .. } | Type::Money => {
            Storage::fixed(8.0, 8.0)
        }
        Type::Time { zone: true, .. } => Storage::fixed(12.0, 8.0),
        Type::Real => Storage::fixed(4.0, 4.0).apart(),
        Type::Double => Storage::fixed(8.0, 8.0).apart(),
        Type::Interval { .. } => Storage::fixed(16.0, 8.0).apart(),
        Type::Uuid => Storage::fixed(16.0, 1.0),
        Type::Text | Type::Varchar(_) | Type::Bytea => Storage::TEXT,
        Type::Char(_) => Storage { padded: true, ..Storage::TEXT },
        Type::Inet | Type::Cidr => Storage::TEXT,
        Type::Named(named) if schema.enums().any(|ty| ty.name == named.name) => Storage::fixed(4.0, 4.0),
        Type::Named(named) if named.name.name == "name" => Storage::TEXT,
        Type::Named(named) if named.name.name == "oid" => Storage::fixed(4.0, 4.0),
        _ => Storage::TEXT.apart(),
    }
}
