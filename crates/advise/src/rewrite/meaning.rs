//! What expressions and keys mean: whether they may be NULL, which type they have, what makes a row the only one.

use model::expr::ColumnRef;
use model::object::{Column, Constraint, ConstraintKind, Deferrable, ForeignKey, Table};
use model::{Expr, Name, Schema, Type};

use super::level::Level;

/// Functions that say the same for the same arguments, take no rows, and do nothing.
const KNOWN: [&str; 26] = [
    "lower",
    "upper",
    "length",
    "abs",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "left",
    "right",
    "substr",
    "substring",
    "btrim",
    "ltrim",
    "rtrim",
    "round",
    "floor",
    "ceil",
    "date_trunc",
    "strpos",
    "starts_with",
    "replace",
    "concat",
    "md5",
    "char_length",
    "reverse",
];

/// The expression is understood down to its leaves: columns, constants, operators, and functions that do nothing else.
/// It may be said twice, or elsewhere, and cannot fail where it did not before.
pub(crate) fn is_known(expr: &Expr) -> bool {
    let here = match expr {
        Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::String(_) | Expr::Parameter(_) | Expr::Column(_) => true,
        Expr::Unary { op, .. } => matches!(op.as_str(), "NOT" | "-" | "+"),
        Expr::Binary { op, .. } => !op.starts_with("OPERATOR") && !matches!(op.as_str(), "/" | "%" | "^"),
        Expr::Cast { ty, .. } => ty.user_defined().is_none(),
        Expr::Test { .. } | Expr::In { .. } | Expr::Between { .. } | Expr::Case { .. } | Expr::Array(_) => true,
        Expr::Quantified { op, .. } => !op.starts_with("OPERATOR"),
        Expr::Call(call) => {
            matches!(call.function.schema.as_str(), "" | "pg_catalog")
                && KNOWN.contains(&call.function.name.as_str())
                && call.over.is_none()
                && call.filter.is_none()
                && !call.star
                && !call.distinct
        }
        _ => false,
    };
    here && expr.children().into_iter().all(is_known)
}

/// Nothing in the query or inside it says something else each time, or does something: it may run more often, or less.
pub(crate) fn is_calm(query: &model::Query) -> bool {
    const AGGREGATES: [&str; 8] = ["count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every"];
    let mut calm = true;
    query.walk(&mut |level| {
        calm &= level.write.is_none() || std::ptr::eq(level, query);
        for expr in level.expressions() {
            expr.walk(&mut |part| match part {
                Expr::Call(call) => {
                    let name = call.function.name.as_str();
                    let known = KNOWN.contains(&name) || AGGREGATES.contains(&name);
                    calm &= known && matches!(call.function.schema.as_str(), "" | "pg_catalog");
                }
                Expr::Text(_) => calm = false,
                Expr::Binary { op, .. } | Expr::Quantified { op, .. } => calm &= !op.starts_with("OPERATOR"),
                Expr::Cast { ty, .. } => calm &= ty.user_defined().is_none(),
                _ => {}
            });
        }
    });
    calm
}

/// A value that is the same for every row.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr.without_casts() {
        Expr::Bool(_) | Expr::Number(_) | Expr::String(_) | Expr::Parameter(_) => true,
        Expr::Unary { op, operand } => op == "-" && matches!(**operand, Expr::Number(_)),
        _ => false,
    }
}

impl Level<'_> {
    /// The column of the table that the expression is, with its source.
    pub(crate) fn column(&self, expr: &Expr) -> Option<(usize, &Column)> {
        let Expr::Column(named) = expr else { return None };
        let super::level::Found::Own(at) = self.find(named) else { return None };
        Some((at, self.bounds[at].table?.column(&named.name)?))
    }

    /// Why the column is never NULL in a row of this level.
    pub(crate) fn never_null(&self, expr: &Expr) -> Option<String> {
        let Expr::Column(named) = expr else { return None };
        let bound = self.bound(named)?;
        let by_filter = self.conjuncts().into_iter().any(|(_, part)| match part {
            Expr::Test { operand, test } => test == "IS NOT NULL" && self.is_same(operand, named),
            _ => false,
        });
        if by_filter {
            return Some(format!("{}.{} is asked to be not NULL", bound.name, named.name));
        }
        let table = bound.table.filter(|_| !bound.optional)?;
        is_required(self.schema, table, &named.name).then(|| format!("{}.{} is NOT NULL", table.name, named.name))
    }

    fn is_same(&self, expr: &Expr, named: &ColumnRef) -> bool {
        matches!(expr, Expr::Column(other) if other.name == named.name && self.find(other) == self.find(named))
    }

    /// The type of a column or cast.
    pub(crate) fn type_of(&self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::Cast { ty, .. } => Some(ty.clone()),
            Expr::Column(named) => match self.find(named) {
                super::level::Found::Own(at) => Some(self.bounds[at].table?.column(&named.name)?.ty.clone()),
                super::level::Found::Outer => self.outer?.type_of(expr),
                super::level::Found::Unknown => None,
            },
            _ => None,
        }
    }

    /// The collation of a column is that of the database, or one that takes only equal bytes for equal.
    pub(crate) fn is_plainly_collated(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Column(named) => match self.find(named) {
                super::level::Found::Own(at) => self.bounds[at]
                    .table
                    .and_then(|table| table.column(&named.name))
                    .is_some_and(|column| match &column.collation {
                        None => true,
                        Some(name) => matches!(name.name.as_str(), "C" | "POSIX" | "default"),
                    }),
                super::level::Found::Outer => self.outer.is_some_and(|outer| outer.is_plainly_collated(expr)),
                super::level::Found::Unknown => false,
            },
            _ => false,
        }
    }
}

/// Whether every row of the table has a value there.
pub(crate) fn is_required(schema: &Schema, table: &Table, column: &str) -> bool {
    let alone = schema.children(&table.name).next().is_none();
    table.foreign.is_none()
        && table
            .column(column)
            .and_then(|column| column.not_null.as_ref())
            .is_some_and(|own| !own.not_valid && (alone || !own.no_inherit))
}

/// The sets of columns that no two rows of the table share at any moment: not deferrable, valid, and of all its rows.
pub(crate) fn unique_sets(schema: &Schema, table: &Table) -> Vec<Vec<Name>> {
    // A key of a parent says nothing of the rows of its children.
    let inherited = !table.is_partitioned() && schema.children(&table.name).next().is_some();
    if inherited || table.foreign.is_some() {
        return Vec::new();
    }
    let holds = |own: &&Constraint| own.valid && own.enforced && own.deferrable == Deferrable::No;
    let keys = table.constraints.iter().filter(holds).filter_map(Constraint::as_key);
    let keys = keys.filter(|key| !key.without_overlaps).map(|key| key.columns.clone());
    let indexes = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none() && index.valid);
    let indexes = indexes.filter_map(|index| {
        let plain = |key: &model::object::IndexKey| {
            (key.collation.is_none() && key.opclass.is_none()).then(|| key.expr.as_column().cloned()).flatten()
        };
        index.keys.iter().map(plain).collect::<Option<Vec<_>>>()
    });
    keys.chain(indexes).collect()
}

/// The unique sets without NULL in them: each finds one row.
pub(crate) fn keys(schema: &Schema, table: &Table) -> Vec<Vec<Name>> {
    let mut sets = unique_sets(schema, table);
    sets.retain(|set| set.iter().all(|column| is_required(schema, table, column)));
    sets
}

/// The foreign key over exactly these pairs of columns, if every row obeys it at any moment.
pub(crate) fn reference<'t>(
    table: &'t Table,
    target: &Table,
    pairs: &[(Name, Name)],
) -> Option<(&'t Constraint, &'t ForeignKey)> {
    table.foreign_keys().find(|(own, key)| {
        let all: Vec<(Name, Name)> = key.columns.iter().cloned().zip(key.targets.iter().cloned()).collect();
        own.valid
            && own.enforced
            && own.deferrable == Deferrable::No
            && !key.period
            && key.table == target.name
            && all.len() == pairs.len()
            && all.iter().all(|pair| pairs.contains(pair))
    })
}

/// Policies choose rows by who asks.
pub(crate) fn has_policies(table: &Table) -> bool {
    table.row_security.enabled || !table.policies.is_empty()
}

/// Nobody is told of what is written, and nothing is written instead.
pub(crate) fn is_quiet(table: &Table) -> bool {
    table.triggers.is_empty() && table.rules.is_empty()
}

/// Values of the type are the same exactly when `=` says so, and add up to the same in any order.
pub(crate) fn is_exact(ty: &Type) -> bool {
    matches!(
        ty,
        Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Boolean
            | Type::Text
            | Type::Varchar(_)
            | Type::Uuid
            | Type::Date
            | Type::Timestamp { .. }
            | Type::Numeric(Some(_))
    )
}

/// What the database checks of a table, in words: `orders_customer_fkey`.
pub(crate) fn said(constraint: &Constraint) -> String {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => format!("{} holds: {} has the row", constraint.name, key.table),
        _ => format!("{} holds", constraint.name),
    }
}

/// Constants that are not equal whatever their type; texts that differ in more than case or space.
pub(crate) fn differ(one: &Expr, other: &Expr) -> bool {
    let folded = |text: &Name| text.trim().to_lowercase();
    match (one, other) {
        (Expr::String(one), Expr::String(other)) => {
            let is_word = |text: &Name| text.chars().any(|letter| letter.is_ascii_alphabetic());
            is_word(one) && is_word(other) && folded(one) != folded(other)
        }
        (Expr::Number(one), Expr::Number(other)) => match (one.parse::<i64>(), other.parse::<i64>()) {
            (Ok(one), Ok(other)) => one != other,
            _ => false,
        },
        (Expr::Bool(one), Expr::Bool(other)) => one != other,
        _ => false,
    }
}
