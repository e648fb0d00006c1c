//! Types: a closed set of families with their modifiers, and a door for what the user or an extension brings.

use std::fmt;

use crate::name::{Name, PG_CATALOG, QName, quoted};

/// The type of a column, argument or cast.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    /// `numeric`, with precision and scale when they are given.
    Numeric(Option<(i32, i32)>),
    Money,
    Boolean,
    Text,
    /// `varchar(n)`; without a length it is `text` under another name.
    Varchar(Option<u32>),
    /// `char(n)`, blank padded. `char` alone is `char(1)`; `bpchar` has no length.
    Char(Option<u32>),
    Bytea,
    Bit(Option<u32>),
    VarBit(Option<u32>),
    Date,
    Time {
        zone: bool,
        precision: Option<u8>,
    },
    Timestamp {
        zone: bool,
        precision: Option<u8>,
    },
    /// `interval`, with its fields (`day to second`) and precision as written by PostgreSQL.
    Interval {
        fields: Option<Name>,
        precision: Option<u8>,
    },
    Uuid,
    Json,
    Jsonb,
    Xml,
    Inet,
    Cidr,
    TsVector,
    TsQuery,
    Array(Box<Type>),
    /// Any other type: built in (schema `pg_catalog`), from an extension, or the user's own.
    Named(Box<NamedType>),
}

/// A type known by name, with its modifiers as text: `vector(1536)`, `geometry(Point, 4326)`, `app.status`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedType {
    pub name: QName,
    pub modifiers: Vec<Name>,
}

impl Type {
    pub fn named(name: QName) -> Type {
        Type::Named(Box::new(NamedType { name, modifiers: Vec::new() }))
    }

    pub fn builtin(name: impl Into<Name>) -> Type {
        Type::named(QName::builtin(name))
    }

    pub fn array(self) -> Type {
        Type::Array(Box::new(self))
    }

    /// The type without its array brackets.
    pub fn element(&self) -> &Type {
        match self {
            Type::Array(element) => element.element(),
            other => other,
        }
    }

    /// The user's or extension's type that this one is made of, if any.
    pub fn user_defined(&self) -> Option<&QName> {
        match self.element() {
            Type::Named(named) if named.name.schema != PG_CATALOG => Some(&named.name),
            _ => None,
        }
    }

    /// `typstorage` of the built-in types (pg_type).
    pub fn usual_storage(&self) -> Option<&'static str> {
        Some(match self {
            Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Real
            | Type::Double
            | Type::Money
            | Type::Boolean
            | Type::Date
            | Type::Time { .. }
            | Type::Timestamp { .. }
            | Type::Interval { .. }
            | Type::Uuid => "PLAIN",
            Type::Numeric(_) | Type::Inet | Type::Cidr => "MAIN",
            Type::TsQuery => "PLAIN",
            Type::Named(_) => return None,
            _ => "EXTENDED",
        })
    }

    pub fn is_integer(&self) -> bool {
        matches!(self, Type::SmallInt | Type::Integer | Type::BigInt)
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Type::Text | Type::Varchar(_) | Type::Char(_))
    }

    /// A built-in type by any of its names in SQL (`int4`, `timestamptz`, `character varying`), without modifiers.
    pub fn from_builtin_name(name: &str) -> Option<Type> {
        Some(match name {
            "smallint" | "int2" => Type::SmallInt,
            "integer" | "int" | "int4" => Type::Integer,
            "bigint" | "int8" => Type::BigInt,
            "real" | "float4" => Type::Real,
            "double precision" | "float8" | "float" => Type::Double,
            "numeric" | "decimal" | "dec" => Type::Numeric(None),
            "money" => Type::Money,
            "boolean" | "bool" => Type::Boolean,
            "text" => Type::Text,
            "varchar" | "character varying" => Type::Varchar(None),
            "character" | "nchar" => Type::Char(Some(1)),
            "bpchar" => Type::Char(None),
            "bytea" => Type::Bytea,
            "bit" => Type::Bit(Some(1)),
            "varbit" | "bit varying" => Type::VarBit(None),
            "date" => Type::Date,
            "time" | "time without time zone" => Type::Time { zone: false, precision: None },
            "timetz" | "time with time zone" => Type::Time { zone: true, precision: None },
            "timestamp" | "timestamp without time zone" => Type::Timestamp { zone: false, precision: None },
            "timestamptz" | "timestamp with time zone" => Type::Timestamp { zone: true, precision: None },
            "interval" => Type::Interval { fields: None, precision: None },
            "uuid" => Type::Uuid,
            "json" => Type::Json,
            "jsonb" => Type::Jsonb,
            "xml" => Type::Xml,
            "inet" => Type::Inet,
            "cidr" => Type::Cidr,
            "tsvector" => Type::TsVector,
            "tsquery" => Type::TsQuery,
            other if OTHER_BUILTIN.binary_search(&other).is_ok() => Type::builtin(other),
            _ => return None,
        })
    }
}

/// Built-in types that no rule asks about by family (pg_type of PostgreSQL 18, pseudo-types included).
const OTHER_BUILTIN: &[&str] = &[
    "\"char\"",
    "aclitem",
    "any",
    "anyarray",
    "anycompatible",
    "anycompatiblearray",
    "anycompatiblemultirange",
    "anycompatiblenonarray",
    "anycompatiblerange",
    "anyelement",
    "anyenum",
    "anymultirange",
    "anynonarray",
    "anyrange",
    "box",
    "cid",
    "circle",
    "cstring",
    "datemultirange",
    "daterange",
    "event_trigger",
    "fdw_handler",
    "gtsvector",
    "index_am_handler",
    "int2vector",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "internal",
    "jsonpath",
    "language_handler",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "name",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_lsn",
    "pg_ndistinct",
    "pg_node_tree",
    "pg_snapshot",
    "point",
    "polygon",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "table_am_handler",
    "tid",
    "trigger",
    "tsm_handler",
    "tsmultirange",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "txid_snapshot",
    "unknown",
    "void",
    "xid",
    "xid8",
];

/// The canonical text, as `format_type` of PostgreSQL prints it, but with the short names of the time types.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sized = |out: &mut fmt::Formatter<'_>, name: &str, size: Option<u32>| match size {
            Some(size) => write!(out, "{name}({size})"),
            None => out.write_str(name),
        };
        let zoned = |out: &mut fmt::Formatter<'_>, name: &str, zone: bool, precision: Option<u8>| {
            out.write_str(name)?;
            out.write_str(if zone { "tz" } else { "" })?;
            precision.map_or(Ok(()), |precision| write!(out, "({precision})"))
        };
        match self {
            Type::SmallInt => out.write_str("smallint"),
            Type::Integer => out.write_str("integer"),
            Type::BigInt => out.write_str("bigint"),
            Type::Real => out.write_str("real"),
            Type::Double => out.write_str("double precision"),
            Type::Numeric(None) => out.write_str("numeric"),
            Type::Numeric(Some((precision, scale))) => write!(out, "numeric({precision},{scale})"),
            Type::Money => out.write_str("money"),
            Type::Boolean => out.write_str("boolean"),
            Type::Text => out.write_str("text"),
            Type::Varchar(size) => sized(out, "varchar", *size),
            Type::Char(Some(size)) => write!(out, "char({size})"),
            Type::Char(None) => out.write_str("bpchar"),
            Type::Bytea => out.write_str("bytea"),
            // The bare word is `bit(1)`.
            Type::Bit(None) => out.write_str("\"bit\""),
            Type::Bit(size) => sized(out, "bit", *size),
            Type::VarBit(size) => sized(out, "varbit", *size),
            Type::Date => out.write_str("date"),
            Type::Time { zone, precision } => zoned(out, "time", *zone, *precision),
            Type::Timestamp { zone, precision } => zoned(out, "timestamp", *zone, *precision),
            Type::Interval { fields, precision } => {
                out.write_str("interval")?;
                if let Some(fields) = fields {
                    write!(out, " {fields}")?;
                }
                precision.map_or(Ok(()), |precision| write!(out, "({precision})"))
            }
            Type::Uuid => out.write_str("uuid"),
            Type::Json => out.write_str("json"),
            Type::Jsonb => out.write_str("jsonb"),
            Type::Xml => out.write_str("xml"),
            Type::Inet => out.write_str("inet"),
            Type::Cidr => out.write_str("cidr"),
            Type::TsVector => out.write_str("tsvector"),
            Type::TsQuery => out.write_str("tsquery"),
            Type::Array(element) => write!(out, "{element}[]"),
            Type::Named(named) => named.fmt(out),
        }
    }
}

impl fmt::Display for NamedType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.schema == PG_CATALOG && self.name.name.starts_with('"') {
            out.write_str(&self.name.name)?;
        } else if self.name.schema == PG_CATALOG && self.name.name.contains(' ') {
            write!(out, "pg_catalog.{}", quoted(&self.name.name))?;
        } else {
            write!(out, "{}", self.name)?;
        }
        if !self.modifiers.is_empty() {
            write!(out, "({})", self.modifiers.join(","))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_names_are_sorted_and_read_what_they_print() {
        assert!(OTHER_BUILTIN.is_sorted());
        for name in ["integer", "bigint", "text", "timestamptz", "uuid", "jsonb", "regclass", "numeric", "timetz"] {
            assert_eq!(Type::from_builtin_name(name).map(|ty| ty.to_string()).as_deref(), Some(name));
        }
    }
}
