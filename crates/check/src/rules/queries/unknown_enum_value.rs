use model::object::{Enum, Object};
use model::query::FoundQuery;
use model::{Expr, Kind, Name, Path, Query, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, repeated, resolve};
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// A query compares an enum column with a value that the enum does not have, and fails whenever it runs; correct the value, or add it.
    ///
    /// PostgreSQL answers "invalid input value for enum", and does so when the statement is parsed, whether or not a row would
    /// match.
    ///
    /// ```sql,bad
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// CREATE FUNCTION open_orders() RETURNS bigint LANGUAGE plpgsql AS
    /// $$ BEGIN RETURN (SELECT count(*) FROM orders WHERE status = 'open'); END $$;
    /// ```
    /// ```sql,bad
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS
    /// $$ BEGIN DELETE FROM orders WHERE status IN ('done', 'lost'); END $$;
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// -- queries
    /// SELECT id FROM orders WHERE status = 'new' OR status IN ('done', $1);
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// -- queries
    /// SELECT id FROM orders WHERE status::text = 'open';
    /// ```
    "Q033", error, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for expr in expressions(level) {
            let (operand, values): (&Expr, Vec<&Expr>) = match expr {
                Expr::Binary { op, left, right } if matches!(op.as_str(), "=" | "<>" | "!=") => (left, vec![right]),
                Expr::In { operand, list, .. } => (operand, list.iter().collect()),
                _ => continue,
            };
            let Some(ty) = enum_of(schema, level, operand) else { continue };
            for value in values {
                let Expr::String(value) = value else { continue };
                if !ty.values.contains(value) {
                    report(findings, found, level, ty, value);
                }
            }
        }
    }
}

fn report(findings: &mut Findings<'_>, found: &FoundQuery, level: &Query, ty: &Enum, value: &Name) {
    findings
        .here(found.place, format!("{} has no value '{value}'", ty.name))
        .span(level.span)
        .why(format!("it has {}", comma(ty.values.iter().map(|value| model::name::literal(value)))));
}

/// The enum of a bare column.
fn enum_of<'s>(schema: &'s Schema, level: &Query, operand: &Expr) -> Option<&'s Enum> {
    if !matches!(operand, Expr::Column(_)) {
        return None;
    }
    let (_, column) = resolve(schema, level, operand)?;
    let Type::Named(named) = &column.ty else { return None };
    match schema.object(&Path::object(Kind::Enum, &named.name))? {
        Object::Enum(ty) => Some(ty),
        _ => None,
    }
}
