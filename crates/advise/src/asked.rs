//! What a query asks of its tables: the conditions, orders and columns that an index could serve.

use std::collections::BTreeSet;

use model::{Expr, Name, QName};

/// What a query asks of one table, at one place of its FROM lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub table: QName,
    pub conditions: Vec<Condition>,
    /// Orders in which the rows are wanted, each with all of its keys.
    pub orders: Vec<Vec<OrderKey>>,
    /// Columns that are read.
    pub needed: BTreeSet<Name>,
    /// Every column is read: `*`, or a row as a whole.
    pub everything: bool,
}

/// A condition that an index may find rows by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// A column, or an expression over columns of the table, without qualifiers.
    pub key: Expr,
    pub kind: ConditionKind,
    /// What the key is compared to, where that is a constant.
    pub value: Option<Expr>,
    /// It holds in one branch of an OR only.
    pub branch: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    Equal,
    In,
    /// Equal to something of another table.
    Join,
    Range,
    /// `LIKE 'abc%'`
    Prefix,
    /// `LIKE '%abc%'`, `ILIKE`, `~`: found by trigrams.
    Search,
    Null,
    NotNull,
    /// The key is a truth value itself.
    True,
    False,
    /// An operator of arrays, jsonb, ranges or text search: `@>`, `?`, `&&`, `@@`.
    Contains(Name),
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderKey {
    pub key: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

impl Asked {
    pub(crate) fn of(table: QName) -> Asked {
        Asked { table, conditions: Vec::new(), orders: Vec::new(), needed: BTreeSet::new(), everything: false }
    }
}
