use model::object::{Policy, PolicyCommand};
use model::{Expr, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A policy lets everybody write every row; say which rows are theirs.
    ///
    /// Permissive policies are joined by OR, so one that is always true switches all the others off. Reading may be meant for
    /// all; writing rarely is.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY anyone ON orders USING (true);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE POLICY anyone_reads ON orders FOR SELECT USING (true);
    /// ```
    "S003", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for policy in table.policies.iter().filter(|policy| policy.permissive && lets_all_write(policy)) {
            let path = Path::part(Kind::Policy, &table.name, policy.name.clone());
            let who =
                if policy.roles.is_empty() { "everybody".to_string() } else { crate::words::listed(&policy.roles) };
            findings
                .at(&path, format!("{} lets {who} write every row of {}", policy.name, table.name))
                .why("permissive policies are joined by OR: this one makes the others meaningless");
        }
    }
}

/// The condition that new rows must meet is the CHECK, or USING where there is none.
fn lets_all_write(policy: &Policy) -> bool {
    let is_true = |expr: &Expr| *expr.without_casts() == Expr::Bool(true);
    let check = policy.check.as_ref().or(policy.using.as_ref()).is_some_and(is_true);
    let using = policy.using.as_ref().is_some_and(is_true);
    match policy.command {
        PolicyCommand::Select => false,
        PolicyCommand::Insert => check,
        PolicyCommand::Delete => using,
        PolicyCommand::All | PolicyCommand::Update => using && check,
    }
}
