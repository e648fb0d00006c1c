//! The index that a condition asks for: which columns, in which order, of which kind.

use model::expr::Call;
use model::name::quoted;
use model::plan::{Condition, PlanNode};
use model::{Expr, Name, QName, Schema, Type};

/// What a condition wants of an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Want {
    /// One value of the key, or one of several.
    Equal(Key),
    Range(Key),
    /// The beginning of a text.
    Prefix(Key),
    /// A text anywhere inside, without regard to case, or by a regular expression.
    Inside(Key),
    /// Elements of an array, a document or a text: the key, and the class of operators if it is not the usual one.
    Contains(Key, Option<&'static str>),
    /// A cast on the column keeps every index of it from being used.
    Cast(Name),
    /// An expression of the column that no index can hold, because its value depends on settings or the time.
    Mutable(String),
}

/// What stands in an index: a column, or an expression in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) sql: String,
    /// It is nothing but a column.
    pub(crate) plain: bool,
}

/// An index, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Advice {
    Index { sql: Vec<String>, note: Option<String> },
    Not(String),
}

/// The wants of every part of a condition that must hold.
pub(crate) fn wants(schema: &Schema, node: &PlanNode, condition: &Condition) -> Vec<Want> {
    let table = super::table(node);
    condition.expr.conjuncts().into_iter().filter_map(|part| want(schema, table.as_ref(), part)).collect()
}

fn want(schema: &Schema, table: Option<&QName>, part: &Expr) -> Option<Want> {
    match part {
        Expr::Binary { op, left, right } => {
            let (op, side, value) = match (is_value(left), is_value(right)) {
                (false, true) => (op.as_str(), &**left, &**right),
                (true, false) => (mirrored(op)?, &**right, &**left),
                _ => return None,
            };
            if value_asks_anew(value) {
                return None;
            }
            // A number that is compared as a text: where nobody says what the column is, it is hardly a text.
            if let (Some(column), true) = (cast_column(side), is_number(value))
                && known_type(schema, table, column).is_none()
            {
                return Some(Want::Cast(column.clone()));
            }
            let key = match key(schema, table, side) {
                Ok(key) => key?,
                Err(hindrance) => return matches!(op, "=" | "<" | ">" | "<=" | ">=").then_some(hindrance),
            };
            match op {
                "=" => Some(Want::Equal(key)),
                "<" | ">" | "<=" | ">=" => Some(Want::Range(key)),
                "LIKE" | "~~" => {
                    let pattern = pattern(value)?;
                    let starts = !pattern.starts_with(['%', '_']);
                    Some(if starts { Want::Prefix(key) } else { Want::Inside(key) })
                }
                "ILIKE" | "~~*" | "~" | "~*" => Some(Want::Inside(key)),
                "@>" if is_jsonb(value) => Some(Want::Contains(key, Some("jsonb_path_ops"))),
                "@>" | "<@" | "&&" | "?" | "?|" | "?&" | "@@" | "@?" => Some(Want::Contains(key, None)),
                _ => None,
            }
        }
        Expr::Quantified { op, left, all: false, right } if op == "=" && is_value(right) => {
            Some(Want::Equal(key(schema, table, left).ok()??))
        }
        Expr::In { operand, negated: false, list } if list.iter().all(is_value) => {
            Some(Want::Equal(key(schema, table, operand).ok()??))
        }
        Expr::Between { operand, negated: false, .. } => Some(Want::Range(key(schema, table, operand).ok()??)),
        Expr::Test { operand, test } if test == "IS NULL" => Some(Want::Equal(key(schema, table, operand).ok()??)),
        _ => None,
    }
}

/// The operator with its sides exchanged.
fn mirrored(op: &str) -> Option<&'static str> {
    Some(match op {
        "=" => "=",
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        "@>" => "<@",
        "<@" => "@>",
        "&&" => "&&",
        _ => return None,
    })
}

/// It names no column: a constant, a parameter, the value of another plan.
pub(crate) fn is_value(expr: &Expr) -> bool {
    expr.columns().is_empty() && !matches!(expr, Expr::Text(_))
}

/// A value that is another one for each row.
fn value_asks_anew(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |expr| {
        if let Expr::Call(call) = expr {
            let name = call.function.name.as_str();
            found |= name.starts_with("subplan_") || matches!(name, "random" | "clock_timestamp" | "gen_random_uuid");
        }
    });
    found
}

fn pattern(value: &Expr) -> Option<&str> {
    match value.without_casts() {
        Expr::String(text) => Some(text),
        _ => None,
    }
}

fn is_jsonb(value: &Expr) -> bool {
    matches!(value, Expr::Cast { ty, .. } if ty.to_string() == "jsonb")
}

/// Functions whose value depends on their arguments alone, so that an index may hold it.
const LASTING: [&str; 16] = [
    "abs", "btrim", "ceil", "floor", "left", "length", "lower", "ltrim", "md5", "mod", "reverse", "right", "round",
    "rtrim", "substr", "upper",
];

/// The side of a comparison as a key; nothing when it is no expression of columns, an error when no index can hold it.
fn key(schema: &Schema, table: Option<&QName>, side: &Expr) -> Result<Option<Key>, Want> {
    let bare = unqualified(side);
    match &bare {
        Expr::Column(column) => Ok(Some(Key { sql: quoted(&column.name).into_owned(), plain: true })),
        // A varchar is read as a text without any work; other casts are work, and no index knows of them.
        Expr::Cast { operand, ty } => match (operand.as_column(), ty) {
            (Some(column), ty) if is_text(ty) && is_string(schema, table, column) => {
                Ok(Some(Key { sql: quoted(column).into_owned(), plain: true }))
            }
            (Some(column), _) => Err(Want::Cast(column.clone())),
            (None, ty) if is_text(ty) => key(schema, table, operand),
            (None, _) if is_lasting(&bare) => Ok(Some(expression(&bare))),
            _ => Err(Want::Mutable(bare.to_string())),
        },
        Expr::Call(_) | Expr::Binary { .. } if bare.columns().is_empty() => Ok(None),
        Expr::Call(_) | Expr::Binary { .. } | Expr::Unary { .. } | Expr::Index { .. } => {
            if is_lasting(&bare) {
                Ok(Some(expression(&bare)))
            } else {
                Err(Want::Mutable(bare.to_string()))
            }
        }
        _ => Ok(None),
    }
}

fn expression(expr: &Expr) -> Key {
    let call = matches!(expr, Expr::Call(_));
    Key { sql: if call { expr.to_string() } else { format!("({expr})") }, plain: false }
}

fn is_text(ty: &Type) -> bool {
    ty.to_string() == "text"
}

/// Without a schema a cast to text is taken for that of a varchar, which is by far the most common one.
fn is_string(schema: &Schema, table: Option<&QName>, column: &Name) -> bool {
    known_type(schema, table, column).is_none_or(|ty| {
        ty.starts_with("varchar") || ty.starts_with("character varying") || ty == "text" || ty == "name"
    })
}

fn known_type(schema: &Schema, table: Option<&QName>, column: &Name) -> Option<String> {
    let table = table?;
    let named = if table.schema.is_empty() { QName::public(table.name.clone()) } else { table.clone() };
    Some(schema.table(&named)?.column(column)?.ty.to_string())
}

fn cast_column(side: &Expr) -> Option<&Name> {
    match side {
        Expr::Cast { operand, .. } => operand.as_column(),
        _ => None,
    }
}

fn is_number(value: &Expr) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(value.without_casts(), Expr::String(text) if digits(text))
}

fn is_lasting(expr: &Expr) -> bool {
    let own = match expr {
        Expr::Call(call) => is_lasting_call(call),
        Expr::Binary { op, .. } => {
            matches!(op.as_str(), "+" | "-" | "*" | "/" | "%" | "||" | "->" | "->>" | "#>>" | "#>")
        }
        Expr::Cast { operand, ty } => {
            // Between numbers and texts; a time depends on the zone.
            let ty = ty.to_string();
            matches!(ty.as_str(), "text" | "integer" | "bigint" | "numeric" | "double precision" | "smallint" | "uuid")
                && !matches!(**operand, Expr::Column(_))
                || is_value(operand)
        }
        Expr::Unary { .. } | Expr::Index { .. } | Expr::Array(_) => true,
        Expr::Column(_) | Expr::String(_) | Expr::Number(_) | Expr::Null | Expr::Bool(_) => true,
        _ => false,
    };
    own && expr.children().into_iter().all(is_lasting)
}

fn is_lasting_call(call: &Call) -> bool {
    LASTING.contains(&call.function.name.as_str()) && !call.distinct && call.over.is_none() && call.filter.is_none()
}

/// Without the names of tables before columns.
pub(crate) fn unqualified(expr: &Expr) -> Expr {
    let mut expr = expr.clone();
    fn strip(expr: &mut Expr) {
        if let Expr::Column(column) = expr {
            column.qualifier = None;
        }
        expr.children_mut().into_iter().for_each(strip);
    }
    strip(&mut expr);
    expr
}

/// The index for these wants, after these leading keys and before those that follow.
pub(crate) fn advice(table: &QName, leading: &[String], wants: &[Want], last: &[String]) -> Option<Advice> {
    let mut keys: Vec<String> = leading.to_vec();
    let mut add = |key: &str| {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    };
    let equal = wants.iter().filter_map(|want| if let Want::Equal(key) = want { Some(&key.sql) } else { None });
    equal.for_each(|key| add(key));
    if last.is_empty() {
        let range = wants.iter().find_map(|want| if let Want::Range(key) = want { Some(&key.sql) } else { None });
        let prefix = wants.iter().find_map(|want| if let Want::Prefix(key) = want { Some(&key.sql) } else { None });
        match (prefix, range) {
            (Some(prefix), _) => add(&format!("{prefix} text_pattern_ops")),
            (None, Some(range)) => add(range),
            (None, None) => {}
        }
    }
    last.iter().for_each(|key| add(key));
    if !keys.is_empty() {
        return Some(Advice::Index { sql: vec![create(table, "", &keys)], note: None });
    }
    for want in wants {
        match want {
            Want::Contains(key, class) => {
                let key = class.map_or(key.sql.clone(), |class| format!("{} {class}", key.sql));
                return Some(Advice::Index { sql: vec![create(table, " USING gin", &[key])], note: None });
            }
            Want::Inside(key) => {
                let index = create(table, " USING gin", &[format!("{} gin_trgm_ops", key.sql)]);
                let sql = vec!["CREATE EXTENSION IF NOT EXISTS pg_trgm".to_owned(), index];
                let note = "an index of trigrams finds a text inside another, from three letters on".to_owned();
                return Some(Advice::Index { sql, note: Some(note) });
            }
            Want::Cast(column) => {
                return Some(Advice::Not(format!(
                    "{} is cast, which no index of it can follow; compare it with a value of its own type",
                    quoted(column)
                )));
            }
            Want::Mutable(expression) => {
                return Some(Advice::Not(format!(
                    "no index can hold {expression}: its value may depend on settings; compare the column with a range"
                )));
            }
            Want::Equal(_) | Want::Range(_) | Want::Prefix(_) => {}
        }
    }
    None
}

fn create(table: &QName, method: &str, keys: &[String]) -> String {
    format!("CREATE INDEX CONCURRENTLY ON {table}{method} ({})", keys.join(", "))
}

/// The columns of an equality between this node and others: `o.customer_id = c.id` seen from `o`, whose own columns stand
/// without a name before them in the conditions of its scan.
pub(crate) fn join_keys(node: &PlanNode, condition: &Condition) -> Vec<String> {
    let own = node.alias.as_ref().or(node.relation.as_ref());
    let is_own = |expr: &Expr| match expr.without_casts() {
        Expr::Column(column) if column.qualifier.is_none() || column.qualifier.as_ref() == own => {
            Some(quoted(&column.name).into_owned())
        }
        _ => None,
    };
    let key = |part: &Expr| match part {
        Expr::Binary { op, left, right } if op == "=" => match (is_own(left), is_own(right)) {
            (Some(key), None) | (None, Some(key)) => Some(key),
            _ => None,
        },
        _ => None,
    };
    condition.expr.conjuncts().into_iter().filter_map(key).collect()
}

/// What a plan orders by, as keys of an index: nothing when one is no column of the table.
pub(crate) fn order_keys(sort: &[String]) -> Option<Vec<String>> {
    let key = |text: &String| {
        let (name, order) = match text.split_once(' ') {
            Some((name, order)) => (name, Some(order)),
            None => (text.as_str(), None),
        };
        let column = name.rsplit('.').next().unwrap_or(name);
        let plain = !column.is_empty()
            && column.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '"');
        plain.then(|| order.map_or(column.to_owned(), |order| format!("{column} {order}")))
    };
    sort.iter().map(key).collect()
}
