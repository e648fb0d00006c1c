//! The names that PostgreSQL chooses when a statement leaves them out: `orders_pkey`, `orders_total_check1`,
//! `orders_lower_idx`. (`ChooseRelationName`, `ChooseConstraintName` and `FigureColname` in its sources; each rule here
//! was compared with a server.)

use std::fmt::Write as _;

use crate::expr::{Expr, SubqueryKind};
use crate::name::{LONGEST, Name, QName};
use crate::object::{Constraint, ConstraintKind, Index, Statistics};
use crate::path::{Kind, Path};
use crate::query::{Query, TargetValue};
use crate::schema::Schema;
use crate::ty::Type;

/// A free name for a relation: `name1_name2_label`, with a number behind the label when that is taken.
///
/// The sequence of a `serial` column is `choose_relation_name(schema, namespace, table, Some(column), "seq")`.
pub fn choose_relation_name(schema: &Schema, namespace: &str, name1: &str, name2: Option<&str>, label: &str) -> Name {
    choose(name1, name2, label, |name| schema.relations.contains_key(&QName::new(namespace, name)))
}

/// A free name for a constraint that has no index. It is free when no constraint of the namespace has it.
pub fn choose_constraint_name(schema: &Schema, namespace: &str, name1: &str, name2: Option<&str>, label: &str) -> Name {
    choose(name1, name2, label, |name| schema.constraint_names.contains_key(&QName::new(namespace, name)))
}

/// The name of a key or exclusion constraint: free as a relation and as a constraint, because it names both.
fn choose_key_name(schema: &Schema, table: &QName, columns: Option<&str>, label: &str) -> Name {
    choose(&table.name, columns, label, |name| {
        let name = QName::new(table.schema.clone(), name);
        schema.relations.contains_key(&name) || schema.constraint_names.contains_key(&name)
    })
}

/// What a constraint of this table will be called when the statement does not say.
pub fn constraint_name(schema: &Schema, table: &QName, kind: &ConstraintKind) -> Name {
    match kind {
        ConstraintKind::PrimaryKey(_) => choose_key_name(schema, table, None, "pkey"),
        ConstraintKind::Unique(key) => {
            let columns = joined(&distinct_names(key.columns.iter().chain(&key.include).cloned()));
            choose_key_name(schema, table, Some(&columns), "key")
        }
        ConstraintKind::Exclude(exclude) => {
            let keys = exclude.elements.iter().map(|element| key_name(&element.key.expr));
            let columns = joined(&distinct_names(keys.chain(exclude.include.iter().cloned())));
            choose_key_name(schema, table, Some(&columns), "excl")
        }
        ConstraintKind::ForeignKey(key) => {
            let columns = joined(&key.columns);
            choose_constraint_name(schema, &table.schema, &table.name, Some(&columns), "fkey")
        }
        ConstraintKind::Check(_) => {
            // The column is part of the name only when the expression speaks of exactly one.
            let columns = Constraint::new("", kind.clone()).columns();
            let column = if let [column] = columns.as_slice() { Some(column.as_str()) } else { None };
            choose_constraint_name(schema, &table.schema, &table.name, column, "check")
        }
    }
}

/// What an index on this table or view will be called when the statement does not say.
pub fn index_name(schema: &Schema, table: &QName, index: &Index) -> Name {
    let columns = joined(&index_column_names(index));
    choose_relation_name(schema, &table.schema, &table.name, Some(&columns), "idx")
}

/// The names of the columns inside the index relation: those of the table, or what an expression is called.
pub fn index_column_names(index: &Index) -> Vec<Name> {
    let keys = index.keys.iter().map(|key| key_name(&key.expr));
    distinct_names(keys.chain(index.include.iter().cloned()))
}

/// What CREATE STATISTICS without a name makes.
pub fn statistics_name(schema: &Schema, namespace: &str, statistics: &Statistics) -> Name {
    let columns: Vec<Name> =
        statistics.keys.iter().map(|key| key.as_column().cloned().unwrap_or_else(|| "expr".into())).collect();
    choose(&statistics.table.name, Some(&joined(&columns)), "stat", |name| {
        schema.objects.contains_key(&Path::object(Kind::Statistics, &QName::new(namespace, name)))
    })
}

fn choose(name1: &str, name2: Option<&str>, label: &str, taken: impl Fn(&str) -> bool) -> Name {
    let mut name = make_object_name(name1, name2, label);
    let mut pass = 0;
    while taken(&name) {
        pass += 1;
        name = make_object_name(name1, name2, &format!("{label}{pass}"));
    }
    name
}

/// `name1_name2_label` in at most 63 bytes: the longer of the two names gives way first, the label never.
pub fn make_object_name(name1: &str, name2: Option<&str>, label: &str) -> Name {
    let overhead = label.len() + 1 + usize::from(name2.is_some());
    let available = LONGEST.saturating_sub(overhead);
    let (mut first, mut second) = (name1.len(), name2.map_or(0, str::len));
    while first + second > available {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let mut name = String::from(clipped(name1, first));
    if let Some(name2) = name2 {
        let _ = write!(name, "_{}", clipped(name2, second));
    }
    let _ = write!(name, "_{label}");
    name.into()
}

/// The first bytes of a text, cut at a character.
fn clipped(text: &str, mut length: usize) -> &str {
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}

/// Names joined by `_`; names beyond the longest identifier add nothing.
fn joined(names: &[Name]) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(name);
        if text.len() > LONGEST {
            break;
        }
    }
    text
}

/// A repeated name gets a number: `expr`, `expr1`, `expr2`.
fn distinct_names(names: impl Iterator<Item = Name>) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    for name in names {
        let mut current = name.clone();
        let mut number = 0;
        while found.contains(&current) {
            number += 1;
            let digits = number.to_string();
            let kept = name.len().min(LONGEST - digits.len());
            current = format!("{}{digits}", clipped(&name, kept)).into();
        }
        found.push(current);
    }
    found
}

fn key_name(expr: &Expr) -> Name {
    figure(expr).map_or_else(|| "expr".into(), |(name, _)| name)
}

/// How sure PostgreSQL is of a name: a type or CASE names its value only when nothing inside does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    Weak,
    Strong,
}

/// The name that a select list would give to the expression.
fn figure(expr: &Expr) -> Option<(Name, Strength)> {
    let strong = |name: &str| Some((Name::new(name), Strength::Strong));
    match expr {
        Expr::Column(column) => Some((column.name.clone(), Strength::Strong)),
        Expr::Call(call) => Some((function_name(&call.function.name), Strength::Strong)),
        Expr::Cast { operand, ty } => match figure(operand) {
            Some((name, Strength::Strong)) => Some((name, Strength::Strong)),
            _ => Some((internal_type_name(ty), Strength::Weak)),
        },
        Expr::Collate { operand, .. } => figure(operand),
        Expr::Case { otherwise, .. } => match otherwise.as_deref().and_then(figure) {
            Some((name, Strength::Strong)) => Some((name, Strength::Strong)),
            _ => Some(("case".into(), Strength::Weak)),
        },
        Expr::Keyword(word) => {
            let word: String = word.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            Some((word.to_lowercase().into(), Strength::Strong))
        }
        Expr::Binary { op, .. } if op == "AT TIME ZONE" => strong("timezone"),
        Expr::Array(_) => strong("array"),
        Expr::Row(_) => strong("row"),
        Expr::Field { field, .. } => Some((field.clone(), Strength::Strong)),
        Expr::Index { base, .. } => figure(base),
        Expr::Subquery(subquery) => match subquery.kind {
            SubqueryKind::Exists => strong("exists"),
            SubqueryKind::Array => strong("array"),
            SubqueryKind::Scalar => first_target(&subquery.query),
            SubqueryKind::In { .. } | SubqueryKind::Quantified { .. } => None,
        },
        Expr::Text(sql) => special_function(&sql.to_string()).map(|name| (name.into(), Strength::Strong)),
        _ => None,
    }
}

/// The function behind a call with key words between its arguments, when the text is nothing but that call.
fn special_function(text: &str) -> Option<&'static str> {
    let (word, arguments) = text.strip_suffix(')')?.split_once('(')?;
    let mut depth = 0;
    for letter in arguments.chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if depth < 0 {
            return None;
        }
    }
    let first = arguments.trim_start().split(' ').next().unwrap_or("").to_lowercase();
    match (word.trim().to_lowercase().as_str(), first.as_str()) {
        ("extract", _) => Some("extract"),
        ("substring", _) => Some("substring"),
        ("position", _) => Some("position"),
        ("overlay", _) => Some("overlay"),
        ("normalize", _) => Some("normalize"),
        ("trim", "leading") => Some("ltrim"),
        ("trim", "trailing") => Some("rtrim"),
        ("trim", _) => Some("btrim"),
        _ => None,
    }
}

fn first_target(query: &Query) -> Option<(Name, Strength)> {
    let target = query.targets.first()?;
    match (&target.alias, &target.value) {
        (Some(alias), _) => Some((alias.clone(), Strength::Strong)),
        (None, TargetValue::Expr(expr)) => figure(expr),
        (None, TargetValue::Star(_)) => None,
    }
}

/// Functions that the grammar calls by another name than the one written.
fn function_name(written: &Name) -> Name {
    match written.as_str() {
        "trim" => "btrim".into(),
        _ => written.clone(),
    }
}

/// The name in `pg_type`, which is what an unnamed cast is called after.
fn internal_type_name(ty: &Type) -> Name {
    let name = match ty {
        Type::SmallInt => "int2",
        Type::Integer => "int4",
        Type::BigInt => "int8",
        Type::Real => "float4",
        Type::Double => "float8",
        Type::Numeric(_) => "numeric",
        Type::Money => "money",
        Type::Boolean => "bool",
        Type::Text => "text",
        Type::Varchar(_) => "varchar",
        Type::Char(_) => "bpchar",
        Type::Bytea => "bytea",
        Type::Bit(_) => "bit",
        Type::VarBit(_) => "varbit",
        Type::Date => "date",
        Type::Time { zone: false, .. } => "time",
        Type::Time { zone: true, .. } => "timetz",
        Type::Timestamp { zone: false, .. } => "timestamp",
        Type::Timestamp { zone: true, .. } => "timestamptz",
        Type::Interval { .. } => "interval",
        Type::Uuid => "uuid",
        Type::Json => "json",
        Type::Jsonb => "jsonb",
        Type::Xml => "xml",
        Type::Inet => "inet",
        Type::Cidr => "cidr",
        Type::TsVector => "tsvector",
        Type::TsQuery => "tsquery",
        Type::Array(element) => return internal_type_name(element),
        Type::Named(named) => return named.name.name.clone(),
    };
    Name::new_static(name)
}
