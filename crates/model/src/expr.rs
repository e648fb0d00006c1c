//! Expressions: one small tree for defaults, checks, predicates, keys, policies and queries.
//!
//! What the tree cannot say stays as text with its references resolved ([`Sql`]), so that a rename still reaches it.

use std::fmt;

use crate::name::{Name, QName, literal, quoted};
use crate::path::{Kind, Path};
use crate::query::Query;
use crate::ty::Type;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Null,
    Bool(bool),
    /// A number as written: `1`, `0.5`, `1e6`.
    Number(Name),
    String(Name),
    /// `$1`
    Parameter(Name),
    Column(ColumnRef),
    /// A word that stands alone and is a function: `CURRENT_TIMESTAMP`, `CURRENT_USER`, `DEFAULT`.
    Keyword(Name),
    /// `-x`, `NOT x`, `@ x`
    Unary {
        op: Name,
        operand: Box<Expr>,
    },
    /// Operators by their canonical spelling: `AND`, `=`, `<>`, `||`, `->>`, `LIKE`, `NOT ILIKE`,
    /// `IS DISTINCT FROM`, `AT TIME ZONE`, `OPERATOR(schema.+)`.
    Binary {
        op: Name,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `x IS NULL`, `x IS NOT TRUE`, …: the words after the operand.
    Test {
        operand: Box<Expr>,
        test: Name,
    },
    Call(Box<Call>),
    Cast {
        operand: Box<Expr>,
        ty: Type,
    },
    Collate {
        operand: Box<Expr>,
        collation: QName,
    },
    In {
        operand: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Between {
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
        symmetric: bool,
    },
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Array(Vec<Expr>),
    Row(Vec<Expr>),
    /// `x[i]`
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// `(x).field`
    Field {
        base: Box<Expr>,
        field: Name,
    },
    /// `x = ANY (array)`, `x < ALL (array)`
    Quantified {
        op: Name,
        left: Box<Expr>,
        all: bool,
        right: Box<Expr>,
    },
    Subquery(Box<Subquery>),
    /// What the tree cannot say.
    Text(Sql),
}

/// A column by name, with the table or alias that qualifies it in the text, if any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnRef {
    pub qualifier: Option<Name>,
    pub name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Functions of `pg_catalog`, and those the model does not know, have an empty schema.
    pub function: QName,
    pub args: Vec<Expr>,
    /// `count(*)`
    pub star: bool,
    pub distinct: bool,
    /// `ORDER BY` inside the parentheses, `FILTER`, `WITHIN GROUP` and `OVER`, as text after the arguments.
    pub filter: Option<Box<Expr>>,
    pub over: Option<Sql>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subquery {
    pub kind: SubqueryKind,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SubqueryKind {
    /// `(SELECT …)` as a value
    Scalar,
    Exists,
    /// `x IN (SELECT …)`, `x NOT IN (SELECT …)`
    In {
        operand: Expr,
        negated: bool,
    },
    /// `x = ANY (SELECT …)`
    Quantified {
        op: Name,
        operand: Expr,
        all: bool,
    },
    /// `ARRAY(SELECT …)`
    Array,
}

/// SQL text in canonical spacing, without comments, in which every name that was resolved is a reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sql {
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    Text(Name),
    /// A name. Objects print qualified where needed; columns print bare.
    Ref(Path),
}

impl Sql {
    pub fn text(text: impl Into<Name>) -> Sql {
        Sql { pieces: vec![Piece::Text(text.into())] }
    }

    pub fn references(&self) -> impl Iterator<Item = &Path> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Ref(path) => Some(path),
            Piece::Text(_) => None,
        })
    }

    pub fn references_mut(&mut self) -> impl Iterator<Item = &mut Path> {
        self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Ref(path) => Some(path),
            Piece::Text(_) => None,
        })
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.write_str(text)?,
                Piece::Ref(path) if path.kind == Kind::Column => out.write_str(&quoted(&path.part))?,
                Piece::Ref(path) => write!(out, "{}", path.qname())?,
            }
        }
        Ok(())
    }
}

impl Expr {
    pub fn column(name: impl Into<Name>) -> Expr {
        Expr::Column(ColumnRef { qualifier: None, name: name.into() })
    }

    pub fn call(function: QName, args: Vec<Expr>) -> Expr {
        Expr::Call(Box::new(Call { function, args, star: false, distinct: false, filter: None, over: None }))
    }

    pub fn binary(op: &str, left: Expr, right: Expr) -> Expr {
        Expr::Binary { op: op.into(), left: Box::new(left), right: Box::new(right) }
    }

    /// The column's name, when the expression is nothing but a column.
    pub fn as_column(&self) -> Option<&Name> {
        match self {
            Expr::Column(column) => Some(&column.name),
            _ => None,
        }
    }

    /// The expression without the casts around it.
    pub fn without_casts(&self) -> &Expr {
        match self {
            Expr::Cast { operand, .. } => operand.without_casts(),
            other => other,
        }
    }

    /// The direct sub-expressions, left to right. Subqueries are not entered.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Null
            | Expr::Bool(_)
            | Expr::Number(_)
            | Expr::String(_)
            | Expr::Parameter(_)
            | Expr::Column(_)
            | Expr::Keyword(_)
            | Expr::Text(_) => Vec::new(),
            Expr::Unary { operand, .. }
            | Expr::Test { operand, .. }
            | Expr::Cast { operand, .. }
            | Expr::Collate { operand, .. } => vec![operand],
            Expr::Binary { left, right, .. } | Expr::Quantified { left, right, .. } => vec![left, right],
            Expr::Call(call) => call.args.iter().chain(call.filter.as_deref()).collect(),
            Expr::In { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
            Expr::Between { operand, low, high, .. } => vec![operand, low, high],
            Expr::Case { operand, arms, otherwise } => operand
                .as_deref()
                .into_iter()
                .chain(arms.iter().flat_map(|(when, then)| [when, then]))
                .chain(otherwise.as_deref())
                .collect(),
            Expr::Array(items) | Expr::Row(items) => items.iter().collect(),
            Expr::Index { base, index } => vec![base, index],
            Expr::Field { base, .. } => vec![base],
            Expr::Subquery(subquery) => match &subquery.kind {
                SubqueryKind::In { operand, .. } | SubqueryKind::Quantified { operand, .. } => vec![operand],
                SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => Vec::new(),
            },
        }
    }

    /// The same as [`children`](Expr::children), to be changed in place.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Expr::Null
            | Expr::Bool(_)
            | Expr::Number(_)
            | Expr::String(_)
            | Expr::Parameter(_)
            | Expr::Column(_)
            | Expr::Keyword(_)
            | Expr::Text(_) => Vec::new(),
            Expr::Unary { operand, .. }
            | Expr::Test { operand, .. }
            | Expr::Cast { operand, .. }
            | Expr::Collate { operand, .. } => vec![operand],
            Expr::Binary { left, right, .. } | Expr::Quantified { left, right, .. } => vec![left, right],
            Expr::Call(call) => call.args.iter_mut().chain(call.filter.as_deref_mut()).collect(),
            Expr::In { operand, list, .. } => std::iter::once(&mut **operand).chain(list).collect(),
            Expr::Between { operand, low, high, .. } => vec![operand, low, high],
            Expr::Case { operand, arms, otherwise } => operand
                .as_deref_mut()
                .into_iter()
                .chain(arms.iter_mut().flat_map(|(when, then)| [when, then]))
                .chain(otherwise.as_deref_mut())
                .collect(),
            Expr::Array(items) | Expr::Row(items) => items.iter_mut().collect(),
            Expr::Index { base, index } => vec![base, index],
            Expr::Field { base, .. } => vec![base],
            Expr::Subquery(subquery) => match &mut subquery.kind {
                SubqueryKind::In { operand, .. } | SubqueryKind::Quantified { operand, .. } => vec![operand],
                SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => Vec::new(),
            },
        }
    }

    /// Calls `visit` with this expression and everything below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// The names of all columns below, in order, with repeats.
    pub fn columns(&self) -> Vec<&Name> {
        let mut found = Vec::new();
        self.walk(&mut |expr| match expr {
            Expr::Column(column) => found.push(&column.name),
            Expr::Text(sql) => {
                let parts = sql.references().filter(|path| path.kind == Kind::Column);
                found.extend(parts.map(|path| &path.part));
            }
            _ => {}
        });
        found
    }

    /// The parts joined by `AND` at the top.
    pub fn conjuncts(&self) -> Vec<&Expr> {
        match self {
            Expr::Binary { op, left, right } if op == "AND" => {
                let mut parts = left.conjuncts();
                parts.extend(right.conjuncts());
                parts
            }
            other => vec![other],
        }
    }

    /// How tightly the expression holds together in text, by the precedence table of PostgreSQL (4.1.6); an operand
    /// that binds no tighter than its surroundings goes in parentheses.
    fn binding(&self) -> u8 {
        match self {
            Expr::Binary { op, .. } => binary_binding(op),
            Expr::Quantified { .. } => 7,
            Expr::Unary { op, .. } if op == "NOT" => 4,
            Expr::Unary { op, .. } if op == "-" || op == "+" => 13,
            Expr::Unary { .. } => 8,
            Expr::Test { .. } => 5,
            Expr::In { .. } | Expr::Between { .. } => 7,
            Expr::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::In { .. }) => 7,
            Expr::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Quantified { .. }) => 7,
            Expr::Collate { .. } => 12,
            Expr::Number(number) if number.starts_with('-') => 13,
            Expr::Text(_) => 0,
            _ => 20,
        }
    }
}

fn binary_binding(op: &str) -> u8 {
    match op {
        "OR" => 2,
        "AND" => 3,
        "IS DISTINCT FROM" | "IS NOT DISTINCT FROM" => 5,
        "=" | "<" | ">" | "<=" | ">=" | "<>" => 6,
        "LIKE" | "NOT LIKE" | "ILIKE" | "NOT ILIKE" | "SIMILAR TO" | "NOT SIMILAR TO" | "OVERLAPS" => 7,
        "+" | "-" => 9,
        "*" | "/" | "%" => 10,
        "^" => 11,
        "AT TIME ZONE" => 12,
        _ => 8,
    }
}

/// An operand, in parentheses when it binds less tightly than `least`.
struct Operand<'a>(&'a Expr, u8);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.binding() < self.1 { write!(out, "({})", self.0) } else { self.0.fmt(out) }
    }
}

fn list(out: &mut fmt::Formatter<'_>, items: &[Expr]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        out.write_str(if index == 0 { "" } else { ", " })?;
        write!(out, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(qualifier) = &self.qualifier {
            write!(out, "{}.", quoted(qualifier))?;
        }
        out.write_str(&quoted(&self.name))
    }
}

impl Call {
    /// A built-in aggregate: its value is of many rows.
    pub fn is_aggregate(&self) -> bool {
        const NAMES: &[&str] = &[
            "any_value",
            "array_agg",
            "avg",
            "bit_and",
            "bit_or",
            "bit_xor",
            "bool_and",
            "bool_or",
            "corr",
            "count",
            "every",
            "json_agg",
            "json_object_agg",
            "jsonb_agg",
            "jsonb_object_agg",
            "max",
            "min",
            "mode",
            "range_agg",
            "string_agg",
            "sum",
            "variance",
            "stddev",
            "xmlagg",
        ];
        const FAMILIES: &[&str] = &["stddev_", "var_", "covar_", "regr_", "percentile_"];
        let name = self.function.name.as_str();
        NAMES.contains(&name) || FAMILIES.iter().any(|start| name.starts_with(start))
    }
}

/// The canonical text of the expression, which PostgreSQL reads as the same expression.
impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Expr::Null => out.write_str("NULL"),
            Expr::Bool(true) => out.write_str("true"),
            Expr::Bool(false) => out.write_str("false"),
            Expr::Number(text) | Expr::Parameter(text) | Expr::Keyword(text) => out.write_str(text),
            Expr::String(text) => out.write_str(&literal(text)),
            Expr::Column(column) => column.fmt(out),
            Expr::Unary { op, operand } if op == "NOT" => write!(out, "NOT {}", Operand(operand, 4)),
            Expr::Unary { op, operand } => write!(out, "{op} {}", Operand(operand, 14)),
            Expr::Binary { op, left, right } => {
                // Only AND and OR are chained without parentheses: they alone are associative for a reader.
                let own = binary_binding(op);
                let chained = matches!(op.as_str(), "AND" | "OR" | "+" | "||");
                write!(out, "{} {op} {}", Operand(left, own + u8::from(!chained)), Operand(right, own + 1))
            }
            Expr::Test { operand, test } => write!(out, "{} {test}", Operand(operand, 6)),
            Expr::Call(call) => call.fmt(out),
            Expr::Cast { operand, ty } => write!(out, "{}::{ty}", Operand(operand, 14)),
            Expr::Collate { operand, collation } => write!(out, "{} COLLATE {collation}", Operand(operand, 13)),
            Expr::In { operand, list: items, negated } => {
                write!(out, "{} {}IN (", Operand(operand, 8), not(negated))?;
                list(out, items)?;
                out.write_str(")")
            }
            Expr::Between { operand, low, high, negated, symmetric } => {
                let symmetric = if *symmetric { "SYMMETRIC " } else { "" };
                let (low, high) = (Operand(low, 8), Operand(high, 8));
                write!(out, "{} {}BETWEEN {symmetric}{low} AND {high}", Operand(operand, 8), not(negated))
            }
            Expr::Case { operand, arms, otherwise } => {
                out.write_str("CASE")?;
                if let Some(operand) = operand {
                    write!(out, " {operand}")?;
                }
                for (when, then) in arms {
                    write!(out, " WHEN {when} THEN {then}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(out, " ELSE {otherwise}")?;
                }
                out.write_str(" END")
            }
            Expr::Array(items) => {
                out.write_str("ARRAY[")?;
                list(out, items)?;
                out.write_str("]")
            }
            Expr::Row(items) => {
                out.write_str("ROW(")?;
                list(out, items)?;
                out.write_str(")")
            }
            Expr::Index { base, index } => match &**base {
                Expr::Column(_) | Expr::Index { .. } | Expr::Parameter(_) => write!(out, "{base}[{index}]"),
                _ => write!(out, "({base})[{index}]"),
            },
            Expr::Field { base, field } => write!(out, "({base}).{}", quoted(field)),
            Expr::Quantified { op, left, all, right } => {
                write!(out, "{} {op} {} ({right})", Operand(left, 8), if *all { "ALL" } else { "ANY" })
            }
            Expr::Subquery(subquery) => subquery.fmt(out),
            Expr::Text(sql) => sql.fmt(out),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}(", FunctionName(&self.function))?;
        out.write_str(if self.distinct { "DISTINCT " } else { "" })?;
        out.write_str(if self.star { "*" } else { "" })?;
        list(out, &self.args)?;
        out.write_str(")")?;
        if let Some(filter) = &self.filter {
            write!(out, " FILTER (WHERE {filter})")?;
        }
        if let Some(over) = &self.over {
            write!(out, " OVER {over}")?;
        }
        Ok(())
    }
}

/// Functions whose grammar is their own keep their key word bare: `coalesce`, `greatest`, …
struct FunctionName<'a>(&'a QName);

impl fmt::Display for FunctionName<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BARE: [&str; 9] =
            ["coalesce", "greatest", "least", "left", "right", "nullif", "grouping", "xmlconcat", "normalize"];
        if BARE.contains(&self.0.name.as_str()) { out.write_str(&self.0.name) } else { self.0.fmt(out) }
    }
}

impl fmt::Display for Subquery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sql = &self.query.sql;
        match &self.kind {
            SubqueryKind::Scalar => write!(out, "({sql})"),
            SubqueryKind::Exists => write!(out, "EXISTS ({sql})"),
            SubqueryKind::Array => write!(out, "ARRAY({sql})"),
            SubqueryKind::In { operand, negated } => {
                write!(out, "{} {}IN ({sql})", Operand(operand, 8), if *negated { "NOT " } else { "" })
            }
            SubqueryKind::Quantified { op, operand, all } => {
                write!(out, "{} {op} {} ({sql})", Operand(operand, 8), if *all { "ALL" } else { "ANY" })
            }
        }
    }
}
