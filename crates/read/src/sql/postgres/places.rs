//! The places of a query's clauses, found when somebody wants to write it differently. Checks never ask for them.

use std::collections::BTreeMap;

use model::placed::{Clauses, Condition, Placed};
use model::query::QueryKind;
use model::{Schema, Span};
use squawk_syntax::ast::{self, AstNode, BinOp};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::parse::parse;
use super::query::span;
use super::{Context, Scope};

/// A statement that asks for something, with its places; none when it is not one, not alone, or not wholly understood.
pub fn placed(schema: &Schema, text: &str) -> Option<Placed> {
    let text = text.trim_end().trim_end_matches(';');
    let parsed = parse(text);
    let node = parsed.stmt.filter(|_| parsed.errors.is_empty())?.syntax().clone();
    let is_query = matches!(
        node.kind(),
        SyntaxKind::SELECT
            | SyntaxKind::COMPOUND_SELECT
            | SyntaxKind::PAREN_SELECT
            | SyntaxKind::INSERT
            | SyntaxKind::UPDATE
            | SyntaxKind::DELETE
    );
    let whole = node.text_range();
    let around = text[..usize::from(whole.start())].trim().is_empty() && text[usize::from(whole.end())..].trim().is_empty();
    if !is_query || !around && !only_comments(&node) {
        return None;
    }
    let search_path = [model::name::PUBLIC];
    let cx = Context::new(schema, &search_path, 0);
    let query = super::query::query(cx, &Scope::default(), &node);
    if query.kind == QueryKind::Merge {
        return None;
    }
    let mut levels = BTreeMap::new();
    for level in node.descendants().filter(|node| is_level(node.kind())) {
        let clauses = clauses(cx, &level);
        let own = span(cx, &level);
        levels.insert((own.start, own.end), clauses);
    }
    Some(Placed::new(text.to_owned(), query, levels))
}

/// Nothing but comments and the semicolon stand beside the statement.
fn only_comments(node: &SyntaxNode) -> bool {
    let Some(file) = node.parent() else { return true };
    file.children().filter(|child| child.kind() != SyntaxKind::EMPTY_STMT).count() == 1
}

fn is_level(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::SELECT | SyntaxKind::COMPOUND_SELECT | SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::INSERT
    )
}

fn clauses(cx: Context<'_>, node: &SyntaxNode) -> Clauses {
    let mut found = Clauses::default();
    for child in node.children() {
        let own = span(cx, &child);
        match child.kind() {
            SyntaxKind::SELECT_CLAUSE => {
                let clause = ast::SelectClause::cast(child.clone());
                found.select = Some(own);
                let quantifier = clause.as_ref().and_then(ast::SelectClause::select_quantifier);
                found.quantifier = quantifier.map(|quantifier| span(cx, quantifier.syntax()));
                found.targets = clause.and_then(|clause| clause.target_list()).map(|list| span(cx, list.syntax()));
            }
            SyntaxKind::FROM_CLAUSE | SyntaxKind::USING_CLAUSE => found.from = Some(own),
            SyntaxKind::WHERE_CLAUSE => {
                let mut parts = Vec::new();
                if let Some(condition) = ast::WhereClause::cast(child).and_then(|clause| clause.expr()) {
                    conjuncts(cx, &condition, &mut parts);
                }
                found.filter = Some(Condition { clause: own, parts });
            }
            SyntaxKind::GROUP_BY_CLAUSE => found.group_by = Some(own),
            SyntaxKind::ORDER_BY_CLAUSE => found.order_by = Some(own),
            SyntaxKind::LIMIT_CLAUSE | SyntaxKind::FETCH_CLAUSE => found.limit = Some(own),
            SyntaxKind::WITH_CLAUSE | SyntaxKind::HAVING_CLAUSE | SyntaxKind::OFFSET_CLAUSE => {}
            kind if is_operator(kind) => found.operator = Some(own),
            _ if node.kind() == SyntaxKind::SELECT => found.others.push(own),
            _ => {}
        }
    }
    found
}

fn is_operator(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::UNION | SyntaxKind::INTERSECT | SyntaxKind::EXCEPT)
}

/// The parts that AND joins, through parentheses.
fn conjuncts(cx: Context<'_>, node: &ast::Expr, parts: &mut Vec<Span>) {
    match node {
        ast::Expr::ParenExpr(paren) => match paren.expr() {
            Some(inner) if is_and(&inner) => conjuncts(cx, &inner, parts),
            _ => parts.push(span(cx, node.syntax())),
        },
        ast::Expr::BinExpr(binary) if is_and(node) => {
            for side in [binary.lhs(), binary.rhs()].into_iter().flatten() {
                conjuncts(cx, &side, parts);
            }
        }
        _ => parts.push(span(cx, node.syntax())),
    }
}

fn is_and(node: &ast::Expr) -> bool {
    match node {
        ast::Expr::BinExpr(binary) => matches!(binary.op(), Some(BinOp::And(_))),
        ast::Expr::ParenExpr(paren) => paren.expr().is_some_and(|inner| is_and(&inner)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clauses of the statement, as its text has them.
    fn check(text: &str, expected: &[&str]) {
        let placed = placed(&Schema::default(), text).expect("it is a query");
        let clauses = placed.clauses(&placed.query).expect("it has clauses");
        let mut found = Vec::new();
        let plain = [clauses.select, clauses.quantifier, clauses.targets, clauses.from];
        found.extend(plain.into_iter().flatten().map(|span| placed.at(span)));
        if let Some(filter) = &clauses.filter {
            found.push(placed.at(filter.clause));
            found.extend(filter.parts.iter().map(|part| placed.at(*part)));
        }
        let plain = [clauses.group_by, clauses.order_by, clauses.limit, clauses.operator];
        found.extend(plain.into_iter().flatten().map(|span| placed.at(span)));
        found.extend(clauses.others.iter().map(|span| placed.at(*span)));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn clauses_are_found() {
        check(
            "-- all\nSELECT DISTINCT a, /* b */ b FROM t /* c */ WHERE (a = 1 AND b BETWEEN 1 AND 2) AND (c OR d AND e) ORDER BY a LIMIT 1;",
            &[
                "SELECT DISTINCT a, /* b */ b",
                "DISTINCT",
                "a, /* b */ b",
                "FROM t",
                "WHERE (a = 1 AND b BETWEEN 1 AND 2) AND (c OR d AND e)",
                "a = 1",
                "b BETWEEN 1 AND 2",
                "(c OR d AND e)",
                "ORDER BY a",
                "LIMIT 1",
            ],
        );
        check("SELECT a FROM t UNION SELECT b FROM u ORDER BY 1", &["ORDER BY 1", "UNION"]);
        check("SELECT a FROM t FOR UPDATE", &["SELECT a", "a", "FROM t", "FOR UPDATE"]);
    }

    #[test]
    fn two_statements_are_none() {
        assert!(placed(&Schema::default(), "SELECT 1; SELECT 2").is_none());
        assert!(placed(&Schema::default(), "CREATE TABLE t (a int)").is_none());
        assert!(placed(&Schema::default(), "SELECT FROM WHERE").is_none());
    }
}
