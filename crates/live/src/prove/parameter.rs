//! A value for a parameter of a query, by its type: one that rows which were made up are likely to have.

use model::name::literal;
use postgres::types::{Kind, Type};

/// As an argument of EXECUTE; its type is that of the parameter.
pub(super) fn value(ty: &Type, seed: u32) -> String {
    match ty.kind() {
        Kind::Enum(values) => values.first().map_or("NULL".to_owned(), |value| literal(value)),
        Kind::Domain(base) => value(base, seed),
        Kind::Array(element) => format!("ARRAY[{}]::{}[]", value(element, seed), cast(element)),
        Kind::Range(_) | Kind::Multirange(_) => "NULL".to_owned(),
        Kind::Simple => simple(ty.name(), seed),
        _ => "NULL".to_owned(),
    }
}

fn cast(ty: &Type) -> String {
    format!("{}.{}", model::name::quoted(ty.schema()), model::name::quoted(ty.name()))
}

fn simple(name: &str, seed: u32) -> String {
    match name {
        "int2" => format!("'{}'", seed % 32_767),
        "int4" | "int8" | "oid" | "float4" | "float8" | "numeric" | "money" => format!("'{seed}'"),
        "bool" => "true".to_owned(),
        "text" | "varchar" | "bpchar" | "name" | "citext" | "char" => format!("'{seed}'"),
        "uuid" => format!("md5('{seed}')::uuid"),
        "date" => "'2024-01-02'".to_owned(),
        "timestamp" | "timestamptz" => "'2024-01-01 01:00:00+00'".to_owned(),
        "time" | "timetz" => "'00:00:01'".to_owned(),
        "interval" => "'1 minute'".to_owned(),
        "json" | "jsonb" => "'{}'".to_owned(),
        "inet" | "cidr" => "'10.0.0.1'".to_owned(),
        "bytea" => "''".to_owned(),
        "tsquery" | "tsvector" => "'word1'".to_owned(),
        _ => "NULL".to_owned(),
    }
}
