//! The places of a query's clauses, found when somebody wants to write it differently. Checks never ask for them.

use std::collections::BTreeMap;

use model::placed::{Clauses, Condition, Placed};
use model::query::QueryKind;
use model::{Schema, Span};
use squawk_syntax::ast::{self, AstNode};
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
    let around =
        text[..usize::from(whole.start())].trim().is_empty() && text[usize::from(whole.end())..].trim().is_empty();
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
                conjuncts(cx, &child, &mut parts);
                found.filter = Some(Condition { clause: own, parts });
            }
            SyntaxKind::GROUP_BY_CLAUSE => found.group_by = Some(own),
            SyntaxKind::ORDER_BY_CLAUSE => found.order_by = Some(own),
            SyntaxKind::LIMIT_CLAUSE | SyntaxKind::FETCH_CLAUSE => found.limit = Some(own),
            SyntaxKind::VALUES if node.kind() == SyntaxKind::INSERT => found.values = Some(own),
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

/// The parts of a WHERE clause that AND joins, through parentheses.
///
/// They are told by their words: the parser's tree takes the AND of some BETWEENs for one between conditions.
fn conjuncts(cx: Context<'_>, node: &SyntaxNode, parts: &mut Vec<Span>) {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let words: Vec<Word> = tokens
        .filter(|token| !token.kind().is_trivia())
        .map(|token| {
            let range = token.text_range();
            let (start, end) = (cx.offset + u32::from(range.start()), cx.offset + u32::from(range.end()));
            Word { kind: token.kind(), span: Span { start, end } }
        })
        .collect();
    // Behind WHERE
    split(words.get(1..).unwrap_or_default(), parts);
}

struct Word {
    kind: SyntaxKind,
    span: Span,
}

fn split(words: &[Word], parts: &mut Vec<Span>) {
    let (mut depth, mut betweens, mut start) = (0_usize, 0_usize, 0);
    let mut found = Vec::new();
    let mut whole = false;
    for (at, word) in words.iter().enumerate() {
        match word.kind {
            SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::CASE_KW => depth += 1,
            SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::END_KW => depth = depth.saturating_sub(1),
            SyntaxKind::BETWEEN_KW if depth == 0 => betweens += 1,
            SyntaxKind::AND_KW if depth == 0 && betweens > 0 => betweens -= 1,
            SyntaxKind::AND_KW if depth == 0 => {
                found.push(&words[start..at]);
                start = at + 1;
            }
            // What binds looser than AND keeps all of it together; a list or a query is no condition in parentheses.
            SyntaxKind::OR_KW | SyntaxKind::COMMA | SyntaxKind::SELECT_KW | SyntaxKind::VALUES_KW if depth == 0 => {
                whole = true;
            }
            _ => {}
        }
    }
    found.push(&words[start..]);
    if whole {
        found = vec![words];
    }
    for part in &found {
        match inside(part) {
            Some(inner) if found.len() > 1 || !whole => match joined(inner) {
                true => split(inner, parts),
                false => parts.extend(place(part)),
            },
            _ => parts.extend(place(part)),
        }
    }
}

fn place(words: &[Word]) -> Option<Span> {
    Some(Span { start: words.first()?.span.start, end: words.last()?.span.end })
}

/// What the parentheses around the whole hold.
fn inside(words: &[Word]) -> Option<&[Word]> {
    let [first, inner @ .., last] = words else { return None };
    let mut depth = 1_usize;
    for word in inner {
        match word.kind {
            SyntaxKind::L_PAREN => depth += 1,
            SyntaxKind::R_PAREN => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    (first.kind == SyntaxKind::L_PAREN && last.kind == SyntaxKind::R_PAREN).then_some(inner)
}

/// Whether several conditions stand there, joined by AND.
fn joined(words: &[Word]) -> bool {
    let mut parts = Vec::new();
    split(words, &mut parts);
    parts.len() > 1
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
        check(
            "SELECT a FROM t WHERE b::date BETWEEN 'c' AND 'd'",
            &["SELECT a", "a", "FROM t", "WHERE b::date BETWEEN 'c' AND 'd'", "b::date BETWEEN 'c' AND 'd'"],
        );
        check(
            "SELECT a WHERE ((b AND (c AND d))) AND (SELECT e WHERE f AND g) AND CASE WHEN h AND i THEN j END",
            &[
                "SELECT a",
                "a",
                "WHERE ((b AND (c AND d))) AND (SELECT e WHERE f AND g) AND CASE WHEN h AND i THEN j END",
                "b",
                "c",
                "d",
                "(SELECT e WHERE f AND g)",
                "CASE WHEN h AND i THEN j END",
            ],
        );
        check("SELECT a FROM t FOR UPDATE", &["SELECT a", "a", "FROM t", "FOR UPDATE"]);
    }

    #[test]
    fn two_statements_are_none() {
        assert!(placed(&Schema::default(), "SELECT 1; SELECT 2").is_none());
        assert!(placed(&Schema::default(), "CREATE TABLE t (a int)").is_none());
        assert!(placed(&Schema::default(), "SELECT FROM WHERE").is_none());
    }
}
