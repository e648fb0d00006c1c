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
    if plain && !name.is_empty() && KEYWORDS.binary_search(&name).is_err() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    }
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

/// Key words that cannot stand bare as any name: the reserved ones, and those allowed only as a function, type or
/// column. `quote_identifier` of PostgreSQL quotes exactly these (SQL Key Words, appendix C, versions 14 to 18).
const KEYWORDS: &[&str] = &[
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
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
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
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
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
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
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
        assert!(KEYWORDS.is_sorted());
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
