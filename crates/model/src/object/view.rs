use super::{Index, Options, Persistence, Rule, Trigger};
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::query::Query;

/// A view or materialized view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub name: QName,
    pub materialized: bool,
    /// The names of its columns, when they could be told; they stay when the tables below are renamed.
    pub columns: Vec<Name>,
    pub query: Query,
    /// `security_invoker`, `security_barrier`, `check_option`, storage parameters.
    pub options: Options,
    pub persistence: Persistence,
    /// False after `WITH NO DATA`.
    pub populated: bool,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub rules: Vec<Rule>,
    /// `ALTER VIEW … ALTER COLUMN … SET DEFAULT`
    pub defaults: Vec<(Name, Expr)>,
    pub tablespace: Option<Name>,
    pub access_method: Option<Name>,
}
