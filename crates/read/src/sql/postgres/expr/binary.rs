//! Operators between operands, in their canonical spelling.

use model::expr::{Expr, SubqueryKind};
use model::name::{PG_CATALOG, quoted};
use model::{Name, QName};
use squawk_syntax::ast::{self, AstNode, BinOp, PostfixOp};
use squawk_syntax::{SyntaxNode, SyntaxToken};

use super::super::name::words;
use super::super::{Context, Scope};
use super::{expr, exprs, select_in, subquery, text};

/// A chain of operators that leans to the left (`a || b || c`), however long it is.
pub(super) fn chain(cx: Context<'_>, scope: &Scope, node: &ast::Expr) -> Expr {
    let mut links = Vec::new();
    let mut first = node.clone();
    loop {
        let left = match &first {
            ast::Expr::BinExpr(binary) => binary.lhs(),
            ast::Expr::PostfixExpr(postfix) => postfix.expr(),
            _ => None,
        };
        let Some(left) = left else { break };
        links.push(std::mem::replace(&mut first, left));
    }
    let whole = |node: &ast::Expr| text(cx, scope, node.syntax());
    let start = match first {
        // An operator without its left side: the parser has reported it.
        ast::Expr::BinExpr(_) | ast::Expr::PostfixExpr(_) => whole(&first),
        first => expr(cx, scope, &first),
    };
    links.into_iter().rev().fold(start, |left, node| {
        let joined = match &node {
            ast::Expr::BinExpr(node) => join(cx, scope, left, node),
            ast::Expr::PostfixExpr(node) => test(left, node),
            _ => None,
        };
        joined.unwrap_or_else(|| whole(&node))
    })
}

/// One operator applied to what stands left of it. `None` when there is no tree for it.
fn join(cx: Context<'_>, scope: &Scope, left: Expr, node: &ast::BinExpr) -> Option<Expr> {
    let right = node.rhs()?;
    let op: Name = match node.op()? {
        BinOp::In(_) => return within(cx, scope, left, &right, false),
        BinOp::NotIn(_) => return within(cx, scope, left, &right, true),
        BinOp::Is(_) => return Some(is(left, "IS", &right)),
        BinOp::IsNot(_) => return Some(is(left, "IS NOT", &right)),
        BinOp::Escape(_) => return Some(escape(left, expr(cx, scope, &right))),
        BinOp::ColonEq(_) | BinOp::FatArrow(_) | BinOp::ColonColon(_) => return None,
        BinOp::And(_) => "AND".into(),
        BinOp::Or(_) => "OR".into(),
        BinOp::AtTimeZone(_) => "AT TIME ZONE".into(),
        BinOp::Like(_) => "LIKE".into(),
        BinOp::NotLike(_) => "NOT LIKE".into(),
        BinOp::Ilike(_) => "ILIKE".into(),
        BinOp::NotIlike(_) => "NOT ILIKE".into(),
        BinOp::SimilarTo(_) => "SIMILAR TO".into(),
        BinOp::NotSimilarTo(_) => "NOT SIMILAR TO".into(),
        BinOp::Overlaps(_) => "OVERLAPS".into(),
        BinOp::IsDistinctFrom(_) => "IS DISTINCT FROM".into(),
        BinOp::IsNotDistinctFrom(_) => "IS NOT DISTINCT FROM".into(),
        BinOp::Neq(_) | BinOp::Neqb(_) => "<>".into(),
        BinOp::CustomOp(op) => symbols(op.syntax()),
        BinOp::OperatorCall(op) => operator(&op),
        BinOp::Caret(token)
        | BinOp::Eq(token)
        | BinOp::Gteq(token)
        | BinOp::LAngle(token)
        | BinOp::Lteq(token)
        | BinOp::Minus(token)
        | BinOp::Percent(token)
        | BinOp::Plus(token)
        | BinOp::RAngle(token)
        | BinOp::Slash(token)
        | BinOp::Star(token) => token.text().into(),
    };
    if let Some(quantified) = quantified(cx, scope, &op, &left, &right) {
        return Some(quantified);
    }
    let right = expr(cx, scope, &right);
    Some(Expr::Binary { op, left: Box::new(left), right: Box::new(right) })
}

/// `x IN (1, 2)`, `x IN (SELECT …)`
fn within(cx: Context<'_>, scope: &Scope, operand: Expr, right: &ast::Expr, negated: bool) -> Option<Expr> {
    if let ast::Expr::ParenExpr(paren) = right
        && let Some(select) = select_in(paren.syntax())
    {
        return Some(subquery(cx, scope, SubqueryKind::In { operand, negated }, &select));
    }
    let list = match right {
        ast::Expr::TupleExpr(tuple) => exprs(cx, scope, tuple.exprs()),
        ast::Expr::ParenExpr(paren) => vec![expr(cx, scope, &paren.expr()?)],
        _ => return None,
    };
    Some(Expr::In { operand: Box::new(operand), list, negated })
}

/// `x = ANY (…)` with an array or a query
fn quantified(cx: Context<'_>, scope: &Scope, op: &Name, left: &Expr, right: &ast::Expr) -> Option<Expr> {
    let ast::Expr::CallExpr(call) = right else { return None };
    let (select, array, all) = if let Some(any) = call.any_fn() {
        (any.select_variant(), any.expr(), false)
    } else if let Some(some) = call.some_fn() {
        (some.select_variant(), some.expr(), false)
    } else {
        let all = call.all_fn()?;
        (all.select_variant(), all.expr(), true)
    };
    if let Some(select) = select {
        let kind = SubqueryKind::Quantified { op: op.clone(), operand: left.clone(), all };
        return Some(subquery(cx, scope, kind, &select));
    }
    let right = expr(cx, scope, &array?);
    Some(Expr::Quantified { op: op.clone(), left: Box::new(left.clone()), all, right: Box::new(right) })
}

/// `x IS NULL`, `x IS NOT TRUE`, `x IS UNKNOWN`, `x IS DOCUMENT`
fn is(operand: Expr, verb: &str, right: &ast::Expr) -> Expr {
    let test = format!("{verb} {}", upper(right.syntax())).into();
    Expr::Test { operand: Box::new(operand), test }
}

/// The pattern of LIKE with its ESCAPE is a call of its own in PostgreSQL; SIMILAR TO is a regular expression.
fn escape(matched: Expr, character: Expr) -> Expr {
    let Expr::Binary { op, left, right } = matched else {
        return Expr::binary("ESCAPE", matched, character);
    };
    let (op, function) = match op.as_str() {
        "SIMILAR TO" => ("~".into(), "similar_to_escape"),
        "NOT SIMILAR TO" => ("!~".into(), "similar_to_escape"),
        _ => (op, "like_escape"),
    };
    let pattern = Expr::call(QName::new("", function), vec![*right, character]);
    Expr::Binary { op, left, right: Box::new(pattern) }
}

/// `x ISNULL`, `x IS JSON OBJECT`, `x IS NFC NORMALIZED`. `AT LOCAL` binds more tightly than a test and stays text.
fn test(operand: Expr, node: &ast::PostfixExpr) -> Option<Expr> {
    let test: Name = match node.op()? {
        PostfixOp::IsNull(_) => "IS NULL".into(),
        PostfixOp::NotNull(_) => "IS NOT NULL".into(),
        PostfixOp::AtLocal(_) => return None,
        other => upper(other.syntax_element().as_node()?),
    };
    Some(Expr::Test { operand: Box::new(operand), test })
}

/// `OPERATOR(schema.+)`; an operator of the catalog needs no schema.
pub(super) fn operator(call: &ast::OperatorCall) -> Name {
    let Some(op) = call.op() else { return Name::default() };
    let schema = op.path_ref().map(|path| words(&path)).unwrap_or_default().pop();
    let symbol = symbols(op.syntax());
    match schema {
        Some(schema) if schema != PG_CATALOG => format!("OPERATOR({}.{symbol})", quoted(&schema)).into(),
        _ if symbol == "!=" => "<>".into(),
        _ => symbol,
    }
}

/// The characters of an operator, without spaces and without the schema before it.
pub(in super::super) fn symbols(node: &SyntaxNode) -> Name {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let is_symbol = |token: &SyntaxToken| {
        token.text().starts_with(|first: char| first.is_ascii_punctuation() && !matches!(first, '.' | '"' | '_'))
    };
    tokens.filter(|token| !token.kind().is_trivia()).filter(is_symbol).map(|token| token.text().to_string()).collect()
}

/// The words of a node in capitals, one space between them.
fn upper(node: &SyntaxNode) -> Name {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let words = tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_ascii_uppercase());
    words.collect::<Vec<_>>().join(" ").into()
}
