//! Names: a word, a word in a schema, and when a word needs quotes.

use std::borrow::Cow;
use std::fmt;

/// An identifier as the database stores it: case folded, quotes removed, at most 63 bytes in PostgreSQL.
pub use smol_str::SmolStr as Name;

/// The schema whose objects are written without a qualifier.
pub const PUBLIC: Name = Name::new_static("public");

/// The schema of built-in objects. Types, functions and operators found there are written without a qualifier.
pub const PG_CATALOG: Name = Name::new_static("pg_catalog");

/// A name in a schema. Every reference in the model is qualified; only the text form leaves `public` out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    pub schema: Name,
    pub name: Name,
}

impl QName {
    pub fn new(schema: impl Into<Name>, name: impl Into<Name>) -> QName {
        QName { schema: schema.into(), name: name.into() }
    }

    pub fn public(name: impl Into<Name>) -> QName {
        QName::new(PUBLIC, name)
    }

    pub fn builtin(name: impl Into<Name>) -> QName {
        QName::new(PG_CATALOG, name)
    }
}

/// The canonical text: quotes only where needed, `public` and `pg_catalog` left out.
impl fmt::Display for QName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema != PUBLIC && self.schema != PG_CATALOG && !self.schema.is_empty() {
            write!(out, "{}.", quoted(&self.schema))?;
        }
        out.write_str(&quoted(&self.name))
    }
}

/// The identifier as SQL: in double quotes only when it would not survive without them.
pub fn quoted(name: &str) -> Cow<'_, str> {
    let plain = name.bytes().enumerate().all(|(index, byte)| match byte {
        b'a'..=b'z' | b'_' => true,
        b'0'..=b'9' | b'$' => index > 0,
        _ => false,
    });
    if plain && !name.is_empty() && !is_reserved(name) && COLUMN_NAMES.binary_search(&name).is_err() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    }
}

/// The word can name neither a table nor a column unless it stands in quotes.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok()
}

/// A string literal as SQL, in the `E''` form only when it holds a backslash.
pub fn literal(text: &str) -> String {
    let body = text.replace('\'', "''");
    if body.contains('\\') { format!("E'{}'", body.replace('\\', "\\\\")) } else { format!("'{body}'") }
}

/// The longest identifier that PostgreSQL keeps (`NAMEDATALEN` − 1).
pub const LONGEST: usize = 63;

/// What PostgreSQL stores of an identifier that is too long: its first 63 bytes, cut at a character.
pub fn truncated(name: &str) -> Name {
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    Name::new(&name[..end])
}

/// Words that can name neither a table nor a column without quotes (pg_get_keywords() of PostgreSQL 15, categories R
/// and T).
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Words that can, and that `quote_identifier` quotes all the same because they cannot name a function or type
/// (category C, versions 14 to 18).
const COLUMN_NAMES: &[&str] = &[
    "between",
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "coalesce",
    "dec",
    "decimal",
    "exists",
    "extract",
    "float",
    "greatest",
    "grouping",
    "inout",
    "int",
    "integer",
    "interval",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "least",
    "merge_action",
    "national",
    "nchar",
    "none",
    "normalize",
    "nullif",
    "numeric",
    "out",
    "overlay",
    "position",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "substring",
    "time",
    "timestamp",
    "treat",
    "trim",
    "values",
    "varchar",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(RESERVED.is_sorted());
        assert!(COLUMN_NAMES.is_sorted());
    }

    #[test]
    fn quotes_only_where_needed() {
        for (name, sql) in [
            ("orders", "orders"),
            ("Order", "\"Order\""),
            ("order", "\"order\""),
            ("9lives", "\"9lives\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
            ("status", "status"),
        ] {
            assert_eq!(quoted(name), sql);
        }
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        assert_eq!(truncated(&"é".repeat(40)).len(), 62);
    }
}
