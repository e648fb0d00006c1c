//! Row-level security policies.

use model::change::Aspect;
use model::object::{Object, Policy, PolicyCommand};
use model::{Change, Expr, Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::expr;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::named::text;
use super::options::roles;

/// `CREATE POLICY`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreatePolicy) -> Read {
    let own = node.policy()?;
    let table = cx.relation(&node.on_table()?.table_name_ref()?);
    let scope = Scope::of(&table, cx.columns_of(&table).unwrap_or_default());
    let restrictive = node.as_policy_type().and_then(|clause| clause.ident_token());
    let policy = Policy {
        name: name(&own),
        permissive: !restrictive.is_some_and(|word| word.text().eq_ignore_ascii_case("restrictive")),
        command: match node.policy_command().and_then(|clause| clause.command()) {
            Some(ast::PolicyCommandKind::PolicyCommandSelect(_)) => PolicyCommand::Select,
            Some(ast::PolicyCommandKind::PolicyCommandInsert(_)) => PolicyCommand::Insert,
            Some(ast::PolicyCommandKind::PolicyCommandUpdate(_)) => PolicyCommand::Update,
            Some(ast::PolicyCommandKind::PolicyCommandDelete(_)) => PolicyCommand::Delete,
            Some(ast::PolicyCommandKind::PolicyCommandAll(_)) | None => PolicyCommand::All,
        },
        roles: of_roles(node.policy_roles()).unwrap_or_default(),
        using: condition(cx, &scope, node.using_expr_clause().and_then(|clause| clause.expr())),
        check: condition(cx, &scope, node.with_check_expr_clause().and_then(|clause| clause.expr())),
    };
    let change = Change::Create {
        path: Path::part(Kind::Policy, &table, policy.name.clone()),
        object: Object::Policy(Box::new(policy)),
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]))
}

/// The roles that are named; PUBLIC, alone or among others, is everybody.
fn of_roles(clause: Option<ast::PolicyRoles>) -> Option<Vec<Name>> {
    let roles = roles(clause?.role_ref_list());
    Some(if roles.iter().any(|role| role == "public") { Vec::new() } else { roles })
}

fn condition(cx: Context<'_>, scope: &Scope, node: Option<ast::Expr>) -> Option<Expr> {
    node.map(|node| expr(cx, scope, &node))
}

/// `ALTER POLICY`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterPolicy) -> Read {
    let table = cx.relation(&node.on_table()?.table_name_ref()?);
    let path = Path::part(Kind::Policy, &table, name(&node.policy_ref()?));
    let action = node.action()?;
    let ast::AlterPolicyAction::AlterPolicyTo(clauses) = &action else {
        return alter::object(cx, node.syntax(), Some(path), Some(action.syntax().clone()));
    };
    let scope = Scope::of(&table, cx.columns_of(&table).unwrap_or_default());
    let known =
        cx.schema().table(&table).and_then(|table| table.policies.iter().find(|policy| policy.name == path.part));
    let aspect = match known {
        Some(known) => {
            let mut policy = known.clone();
            policy.roles = of_roles(clauses.policy_roles()).unwrap_or(policy.roles);
            let using = clauses.using_expr_clause().and_then(|clause| clause.expr());
            policy.using = condition(cx, &scope, using).or(policy.using);
            let check = clauses.with_check_expr_clause().and_then(|clause| clause.expr());
            policy.check = condition(cx, &scope, check).or(policy.check);
            Aspect::Policy(Box::new(policy))
        }
        None => Aspect::Other(text(cx, node.syntax())),
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), Change::alter(path, aspect))]))
}
