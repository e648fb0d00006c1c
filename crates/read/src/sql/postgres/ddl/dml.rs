//! Queries as statements, and what runs them.

use model::step::Action;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::query;
use super::super::statement::{Read, Statement};
use super::super::{Context, Scope};

/// SELECT, INSERT, UPDATE, DELETE, MERGE and their like.
pub(crate) fn query(cx: Context<'_>, node: &SyntaxNode) -> Read {
    Some(Statement::new(Action::Query(Box::new(query::query(cx, &Scope::default(), node)))))
}

/// `DECLARE c CURSOR FOR …`
pub(crate) fn declare(cx: Context<'_>, node: &ast::Declare) -> Read {
    query(cx, node.query()?.syntax())
}

/// `PREPARE p AS …`
pub(crate) fn prepare(cx: Context<'_>, node: &ast::Prepare) -> Read {
    query(cx, node.stmt()?.syntax())
}

/// `EXPLAIN …`: with ANALYZE it runs, without it nothing happens; the query is the same.
pub(crate) fn explain(cx: Context<'_>, node: &ast::Explain) -> Read {
    match node.explain_stmt()? {
        ast::ExplainStmt::CreateTableAs(_)
        | ast::ExplainStmt::CreateMaterializedView(_)
        | ast::ExplainStmt::SelectInto(_)
        | ast::ExplainStmt::Declare(_)
        | ast::ExplainStmt::Execute(_) => Some(Statement::other("EXPLAIN")),
        inner => query(cx, inner.syntax()),
    }
}

/// `CALL`
pub(crate) fn call(cx: Context<'_>, node: &ast::Call) -> Read {
    Some(Statement::new(Action::Call(cx.function(&node.procedure_name_ref()?))))
}
