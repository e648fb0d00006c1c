use model::object::{Policy, PolicyCommand};
use model::{Aspect, Change, Expr, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A policy chooses which rows may be changed and lets them become anything, another tenant's included; let WITH CHECK say the same as USING.
    ///
    /// USING is asked of the row before the change, WITH CHECK of the row after it. With `WITH CHECK (true)` whoever may
    /// change a row can give it away, and put rows into anybody's data.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user) WITH CHECK (true);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY change_own ON orders FOR UPDATE USING (tenant = current_user) WITH CHECK (true);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, state text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY change_own ON orders FOR UPDATE USING (tenant = current_user AND state = 'open')
    ///     WITH CHECK (tenant = current_user);
    /// ```
    "S008", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for policy in table.policies.iter().filter(|policy| policy.permissive && is_looser(policy)) {
            let path = Path::part(Kind::Policy, &table.name, policy.name.clone());
            let safe = Policy { check: policy.using.clone(), ..policy.clone() };
            findings
                .at(&path, format!("{} lets a row of {} become anybody's", policy.name, table.name))
                .why("WITH CHECK is asked of the row after the change, and is always true")
                .unsafe_fix("check new rows as old ones", vec![Change::alter(path, Aspect::Policy(Box::new(safe)))]);
        }
    }
}

fn is_looser(policy: &Policy) -> bool {
    let is_true = |expr: &Expr| *expr.without_casts() == Expr::Bool(true);
    matches!(policy.command, PolicyCommand::All | PolicyCommand::Update)
        && policy.check.as_ref().is_some_and(is_true)
        && policy.using.as_ref().is_some_and(|using| !is_true(using))
}
