//! Values that meet the conditions of a query, miss them, or are unknown: few, so that rows are often alike.

use std::collections::BTreeSet;

use model::name::{literal, quoted};
use model::object::{Column, Object, Table};
use model::{Expr, Kind, Path, Query, Schema, Type};

use crate::sample::value::{Types, typed};

/// The constants of the queries and of the checks of their tables, and where types are known.
pub(super) struct Values<'a> {
    schema: &'a Schema,
    numbers: Vec<i64>,
    texts: Vec<String>,
}

/// How many rows a table gets at most.
pub(super) fn rows(set: u32) -> u32 {
    match set {
        0 => 0,
        1 => 2,
        2 | 3 => 8,
        _ => 14,
    }
}

/// A number that looks like chance and is the same each time.
fn mixed(parts: [u32; 4]) -> u32 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in parts {
        state = (state ^ u64::from(part).wrapping_mul(0xbf58_476d_1ce4_e5b9)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 29;
    }
    (state >> 16) as u32
}

impl<'a> Values<'a> {
    pub(super) fn of(schema: &'a Schema, tables: &[&Table], queries: &[&Query]) -> Values<'a> {
        let (mut numbers, mut texts) = (BTreeSet::from([0, 1, 2, 3]), BTreeSet::new());
        let mut note = |expr: &Expr| {
            expr.walk(&mut |part| match part {
                Expr::Number(number) => {
                    if let Ok(number) = number.parse::<i64>() {
                        let near = [number.checked_sub(1), Some(number), number.checked_add(1)];
                        numbers.extend(near.into_iter().flatten());
                    }
                }
                Expr::String(text) => {
                    texts.insert(text.to_string());
                    texts.insert(text.trim_matches(['%', '^']).to_owned());
                }
                _ => {}
            });
        };
        for query in queries {
            query.walk(&mut |level| level.expressions().into_iter().for_each(&mut note));
        }
        tables.iter().flat_map(|table| table.checks()).for_each(|(_, check)| note(check));
        Values { schema, numbers: numbers.into_iter().collect(), texts: texts.into_iter().collect() }
    }

    /// A row of a table: NULL in a third of the places where it may be.
    pub(super) fn insert(&self, table: &Table, set: u32, at: u32, row: u32) -> String {
        let own = |column: &&std::sync::Arc<Column>| column.generated.is_none();
        let columns: Vec<_> = table.columns.iter().filter(own).collect();
        let names: Vec<_> = columns.iter().map(|column| quoted(&column.name)).collect();
        let value = |(number, column): (usize, &&std::sync::Arc<Column>)| {
            let chance = mixed([set, at, row, number as u32]);
            if column.is_nullable() && chance.is_multiple_of(3) {
                return "NULL".to_owned();
            }
            // Keys that are small numbers in a row are met by what else is a small number.
            if column.ty.is_integer() && is_key(table, column) {
                return row.to_string();
            }
            referred(table, column, chance / 3).unwrap_or_else(|| self.value(&column.ty, chance / 3))
        };
        let values: Vec<String> = columns.iter().enumerate().map(value).collect();
        format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            table.name,
            names.join(", "),
            values.join(", ")
        )
    }

    /// A value for a parameter of the type of that name.
    pub(super) fn parameter(&self, ty: &str, set: u32, at: u32) -> String {
        let chance = mixed([set, at, 7, 11]);
        let ty = match ty {
            "int2" => Type::SmallInt,
            "int4" => Type::Integer,
            "int8" => Type::BigInt,
            "numeric" => Type::Numeric(None),
            "float4" | "float8" => Type::Double,
            "bool" => Type::Boolean,
            "date" => Type::Date,
            "timestamp" => Type::Timestamp { zone: false, precision: None },
            "timestamptz" => Type::Timestamp { zone: true, precision: None },
            "uuid" => Type::Uuid,
            "text" | "varchar" | "bpchar" | "name" => Type::Text,
            _ => return "NULL".to_owned(),
        };
        self.value(&ty, chance)
    }

    /// One of the few values of a type.
    fn value(&self, ty: &Type, chance: u32) -> String {
        let pick =
            |many: &[String]| many.get(chance as usize % many.len().max(1)).cloned().unwrap_or("NULL".to_owned());
        let (days, others): (Vec<&String>, Vec<&String>) = self.texts.iter().partition(|text| is_day(text));
        match ty {
            Type::SmallInt | Type::Integer | Type::BigInt => {
                // The small ones meet each other more often than those of the query.
                let small = chance & 1024 == 0;
                let all: Vec<String> =
                    self.numbers.iter().filter(|number| !small || **number < 4).map(i64::to_string).collect();
                pick(&all)
            }
            Type::Numeric(_) | Type::Real | Type::Double => {
                let mut all: Vec<String> = self.numbers.iter().map(i64::to_string).collect();
                all.push("1.5".to_owned());
                pick(&all)
            }
            Type::Boolean => pick(&["true".to_owned(), "false".to_owned()]),
            Type::Text | Type::Varchar(_) | Type::Char(_) => {
                let mut all = vec!["''".to_owned(), "'a'".to_owned(), "'b'".to_owned()];
                for text in others {
                    all.extend([literal(text), literal(&format!("{text}x"))]);
                    all.extend(text.char_indices().next_back().map(|(end, _)| literal(&text[..end])));
                }
                pick(&all)
            }
            Type::Date => {
                let mut all = vec!["date '2024-01-01'".to_owned(), "date '2024-01-31'".to_owned()];
                all.extend(days.iter().flat_map(|day| {
                    ["", " - 1", " + 1"].map(|shift| format!("({}::date{shift})", literal(&day[..10])))
                }));
                pick(&all)
            }
            Type::Timestamp { .. } => {
                let mut all = vec!["timestamp '2024-01-01 12:00'".to_owned(), "timestamp '2024-01-02'".to_owned()];
                let shifts = ["", " - interval '1 microsecond'", " + interval '1 day'", " + interval '86399.999999 s'"];
                all.extend(
                    days.iter()
                        .flat_map(|day| shifts.map(|shift| format!("({}::timestamp{shift})", literal(&day[..10])))),
                );
                all.push("timestamp 'infinity'".to_owned());
                pick(&all)
            }
            Type::Uuid => pick(&["1", "2", "3"].map(|seed| format!("md5('{seed}')::uuid"))),
            Type::Named(named) => {
                if let Some(Object::Enum(values)) = self.schema.object(&Path::object(Kind::Enum, &named.name)) {
                    return pick(&values.values.iter().map(|value| literal(value)).collect::<Vec<_>>());
                }
                if let Some(Object::Domain(domain)) = self.schema.object(&Path::object(Kind::Domain, &named.name)) {
                    return self.value(&domain.base, chance);
                }
                self.typed(ty, chance)
            }
            _ => self.typed(ty, chance),
        }
    }

    fn typed(&self, ty: &Type, chance: u32) -> String {
        let without = BTreeSet::new();
        let value = typed(&Types { schema: self.schema, without: &without }, ty);
        format!("(SELECT {value} FROM (VALUES ({})) of(n))", 1 + chance % 3)
    }
}

/// It alone makes the row the only one.
fn is_key(table: &Table, column: &Column) -> bool {
    table.unique_keys().any(|key| key == [&column.name])
}

/// A row that is there in the table that the column refers to.
fn referred(table: &Table, column: &Column, chance: u32) -> Option<String> {
    let (_, key) = table.foreign_keys().find(|(_, key)| key.columns == [column.name.clone()])?;
    let target = quoted(key.targets.first()?);
    let (other, place) = (&key.table, chance % 5);
    Some(format!("(SELECT {target} FROM {other} WHERE {target} IS NOT NULL ORDER BY {target} OFFSET {place} LIMIT 1)"))
}

/// `2026-01-31`, alone or before a time.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && text.is_char_boundary(10)
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
