//! The value of a column in the row of a number, as SQL: `n` is the number.

use std::collections::BTreeSet;

use model::name::{literal, quoted};
use model::object::{Column, ConstraintKind, Object, Table};
use model::{Expr, Kind, Name, Path, Schema, Type};

use super::EnumValue;

/// What the types of columns are.
pub(crate) struct Types<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) without: &'a BTreeSet<EnumValue>,
}

/// One INSERT of the rows from one number to another. Rows that a unique key refuses are left out.
pub(super) fn insert(types: &Types<'_>, table: &Table, from: u32, to: u32) -> String {
    let Some((names, values)) = columns(types, table) else {
        return format!(
            "INSERT INTO {} SELECT FROM generate_series({from}, {to}) n ON CONFLICT DO NOTHING",
            table.name
        );
    };
    format!(
        "INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE SELECT {} FROM generate_series({from}, {to}) n ON CONFLICT DO NOTHING",
        table.name,
        values.join(", "),
    )
}

/// The same of the first rows that the table's checks let pass and whose keys lead somewhere, so that one that is
/// refused does not take the others with it. Nothing where no row can be refused in this way.
pub(super) fn fitting(types: &Types<'_>, table: &Table, from: u32, to: u32) -> Option<String> {
    /// Of so many numbers for each row that is wanted, some will do.
    const TRIED: u32 = 20;
    let (names, values) = columns(types, table)?;
    let checks = table.checks().map(|(_, check)| format!("({check}) IS NOT FALSE"));
    let keys = table.foreign_keys().filter(|(_, key)| key.table != table.name).map(|(_, key)| {
        let own: Vec<String> = key.columns.iter().map(|own| format!("made.{}", quoted(own))).collect();
        let pairs = own.iter().zip(&key.targets).map(|(own, other)| format!("other.{} = {own}", quoted(other)));
        let pairs: Vec<String> = pairs.collect();
        let empty: Vec<String> = own.iter().map(|own| format!("{own} IS NULL")).collect();
        let found = format!("EXISTS (SELECT FROM {} other WHERE {})", key.table, pairs.join(" AND "));
        format!("({} OR {found})", empty.join(" OR "))
    });
    let conditions: Vec<String> = checks.chain(keys).collect();
    if conditions.is_empty() {
        return None;
    }
    let rows = to.saturating_sub(from).saturating_add(1);
    let last = from.saturating_add(rows.saturating_mul(TRIED));
    Some(format!(
        "INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM (SELECT {}, n FROM generate_series({from}, {last}) n) \
         AS made ({names}, \"number of the row\") WHERE {} ORDER BY \"number of the row\" LIMIT {rows} ON CONFLICT DO NOTHING",
        table.name,
        values.join(", "),
        conditions.join(" AND "),
    ))
}

/// The columns that get a value, and the values; nothing where there is none.
fn columns(types: &Types<'_>, table: &Table) -> Option<(String, Vec<String>)> {
    let columns: Vec<&Column> =
        table.columns.iter().map(|column| &**column).filter(|column| column.generated.is_none()).collect();
    let names: Vec<_> = columns.iter().map(|column| quoted(&column.name)).collect();
    let values = columns.iter().map(|column| {
        let value = of(types, table, column, 0);
        format!("({value})::{}", column.ty)
    });
    (!columns.is_empty()).then(|| (names.join(", "), values.collect()))
}

/// Keys that refer to each other are followed this far.
const DEPTH: u8 = 4;

fn of(types: &Types<'_>, table: &Table, column: &Column, depth: u8) -> String {
    if let Some(value) = referred(types, table, column, depth) {
        return value;
    }
    if let Some(list) = allowed(table, &column.name) {
        return format!("({list})[1 + n % array_length({list}, 1)]");
    }
    let value = typed(types, &column.ty);
    // Some rows know nothing, where they may.
    match column.is_nullable() && !is_key(table, &column.name) {
        true => format!("CASE WHEN n % 7 = 0 THEN NULL ELSE {value} END"),
        false => value,
    }
}

/// What the row of the same number has in the table that is referred to.
fn referred(types: &Types<'_>, table: &Table, column: &Column, depth: u8) -> Option<String> {
    let (_, key) = table.foreign_keys().find(|(_, key)| key.columns.contains(&column.name))?;
    let at = key.columns.iter().position(|own| *own == column.name)?;
    let target = types.schema.table(&key.table)?;
    let other = target.column(key.targets.get(at)?)?;
    if target.name == table.name && column.is_nullable() {
        return Some(format!("NULL::{}", column.ty));
    }
    (depth < DEPTH && !(target.name == table.name && other.name == column.name))
        .then(|| of(types, target, other, depth + 1))
}

/// The values that a check lists: `status IN ('new', 'done')`.
fn allowed(table: &Table, column: &Name) -> Option<String> {
    table.checks().find_map(|(_, expr)| listed(expr, column))
}

fn listed(expr: &Expr, column: &Name) -> Option<String> {
    match expr {
        Expr::In { operand, list, negated: false } if operand.without_casts().as_column() == Some(column) => {
            let values: Vec<String> = list.iter().map(ToString::to_string).collect();
            Some(format!("ARRAY[{}]", values.join(", ")))
        }
        Expr::Quantified { op, left, all: false, right }
            if op == "=" && left.without_casts().as_column() == Some(column) =>
        {
            Some(right.to_string())
        }
        Expr::Binary { op, left, right } if op == "AND" => listed(left, column).or_else(|| listed(right, column)),
        _ => None,
    }
}

fn is_key(table: &Table, column: &Name) -> bool {
    table.constraints.iter().any(|own| match &own.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.contains(column),
        _ => false,
    })
}

pub(crate) fn typed(types: &Types<'_>, ty: &Type) -> String {
    match ty {
        Type::SmallInt => "(n % 32767)::smallint".to_owned(),
        Type::Integer => "n".to_owned(),
        Type::BigInt => "n::bigint".to_owned(),
        Type::Real | Type::Double => format!("(n / 4.0)::{ty}"),
        Type::Numeric(Some((precision, scale))) => {
            let digits = (precision - scale).clamp(1, 9);
            format!("(n % {})::{ty}", 10_i64.pow(digits.unsigned_abs()))
        }
        Type::Numeric(None) => "n::numeric".to_owned(),
        Type::Money => "n::money".to_owned(),
        Type::Boolean => "(n % 2 = 0)".to_owned(),
        Type::Text | Type::Varchar(None) => "('text ' || n)".to_owned(),
        Type::Varchar(Some(size)) | Type::Char(Some(size)) => format!("left(n::text, {size})::{ty}"),
        Type::Char(None) => "n::text::bpchar".to_owned(),
        Type::Bytea => "decode(md5(n::text), 'hex')".to_owned(),
        Type::Bit(size) => format!("(n::bit(32))::{}", Type::Bit(Some(size.unwrap_or(1)))),
        Type::VarBit(_) => format!("(n::bit(8))::{ty}"),
        Type::Date => "('2024-01-01'::date + n % 3000)".to_owned(),
        Type::Time { .. } => format!("('00:00'::time + n % 86400 * interval '1 second')::{ty}"),
        Type::Timestamp { .. } => format!("('2024-01-01 00:00:00+00'::timestamptz + n * interval '1 hour')::{ty}"),
        Type::Interval { .. } => format!("(n * interval '1 minute')::{ty}"),
        Type::Uuid => "md5(n::text)::uuid".to_owned(),
        Type::Json | Type::Jsonb => format!("('{{\"n\": ' || n || '}}')::{ty}"),
        Type::Xml => "('<n>' || n || '</n>')::xml".to_owned(),
        Type::Inet | Type::Cidr => {
            format!("('10.' || n / 65536 % 256 || '.' || n / 256 % 256 || '.' || n % 256)::{ty}")
        }
        Type::TsVector => "to_tsvector('simple', 'word' || n)".to_owned(),
        Type::TsQuery => "to_tsquery('simple', 'word' || n)".to_owned(),
        Type::Array(element) => format!("ARRAY[{}]::{ty}", typed(types, element)),
        Type::Named(named) => of_name(types, ty, &named.name),
    }
}

fn of_name(types: &Types<'_>, ty: &Type, name: &model::QName) -> String {
    if let Some(Object::Enum(values)) = types.schema.object(&Path::object(Kind::Enum, name)) {
        let stays = |value: &&Name| !types.without.contains(&(name.clone(), (*value).clone()));
        let all: Vec<String> = values.values.iter().filter(stays).map(|value| literal(value)).collect();
        return match all.len() {
            0 => format!("NULL::{ty}"),
            count => format!("(ARRAY[{}]::{ty}[])[1 + n % {count}]", all.join(", ")),
        };
    }
    if let Some(Object::Domain(domain)) = types.schema.object(&Path::object(Kind::Domain, name)) {
        return format!("{}::{ty}", typed(types, &domain.base));
    }
    if let Some(Object::Composite(composite)) = types.schema.object(&Path::object(Kind::Composite, name)) {
        let fields: Vec<String> = composite.attributes.iter().map(|own| typed(types, &own.ty)).collect();
        return format!("ROW({})::{ty}", fields.join(", "));
    }
    match name.name.as_str() {
        "int4range" | "int8range" | "numrange" => format!("{ty}(n, n + 1)"),
        "daterange" => "daterange('2024-01-01'::date + n, '2024-01-02'::date + n)".to_owned(),
        "tsrange" => "tsrange('2024-01-01'::timestamp + n * interval '1 hour', '2024-01-01'::timestamp + (n + 1) * interval '1 hour')".to_owned(),
        "tstzrange" => "tstzrange('2024-01-01'::timestamptz + n * interval '1 hour', '2024-01-01'::timestamptz + (n + 1) * interval '1 hour')".to_owned(),
        "point" => "point(n, n)".to_owned(),
        "oid" => "n::oid".to_owned(),
        "name" | "citext" => format!("('text ' || n)::{ty}"),
        _ => format!("NULL::{ty}"),
    }
}
