use crate::expr::Sql;
use crate::name::{Name, QName};

/// An aggregate: its identity is the argument list, its definition the options as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    pub name: QName,
    /// The arguments as in `CREATE AGGREGATE name (…)`: `integer, text`, `*`, or with `ORDER BY`.
    pub arguments: Sql,
    /// `SFUNC`, `STYPE`, …, in the order written.
    pub options: Vec<(Name, Sql)>,
}
