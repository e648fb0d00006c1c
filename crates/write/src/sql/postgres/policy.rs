//! Row-level security policies.

use model::name::quoted;
use model::object::{Policy, PolicyCommand};
use model::{Expr, QName};

use super::words::{self, INDENT};

pub(super) fn create(table: &QName, policy: &Policy) -> String {
    let mut sql = format!("CREATE POLICY {} ON {table}", quoted(&policy.name));
    if !policy.permissive {
        sql += " AS RESTRICTIVE";
    }
    if policy.command != PolicyCommand::All {
        sql += &format!(" FOR {}", command(policy.command));
    }
    if !policy.roles.is_empty() {
        sql += &format!(" TO {}", roles(policy));
    }
    sql + &conditions(policy) + ";"
}

/// `ALTER POLICY` to what the policy has become; an empty list of roles means everybody.
pub(super) fn alter(table: &QName, policy: &Policy) -> String {
    let roles = if policy.roles.is_empty() { "PUBLIC".to_owned() } else { roles(policy) };
    format!("ALTER POLICY {} ON {table} TO {roles}{};", quoted(&policy.name), conditions(policy))
}

fn roles(policy: &Policy) -> String {
    policy.roles.iter().map(|role| words::role(role)).collect::<Vec<_>>().join(", ")
}

fn conditions(policy: &Policy) -> String {
    let clause = |words: &str, expr: &Option<Expr>| {
        expr.as_ref().map(|expr| format!("\n{INDENT}{words} ({expr})")).unwrap_or_default()
    };
    clause("USING", &policy.using) + &clause("WITH CHECK", &policy.check)
}

fn command(command: PolicyCommand) -> &'static str {
    match command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
    }
}
