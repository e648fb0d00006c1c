//! Operators between operands, in their canonical spelling.

use model::expr::{Expr, SubqueryKind};
use model::name::{PG_CATALOG, quoted};
use model::{Name, QName};
use squawk_syntax::ast::{self, AstNode, BinOp, PostfixOp, PrefixOp};
use squawk_syntax::{SyntaxNode, SyntaxToken};

use super::super::name::words;
use super::super::{Context, Scope};
use super::{expr, exprs, select_in, subquery, text};

/// Operators between operands, without parentheses around any part.
///
/// How they hang together is decided here and not by the parser's tree, which groups `a -> b -> c`, and every other
/// operator without a rank of its own, from the right. The loop keeps its stacks on the heap, so that a chain
/// may be as long as the text.
pub(super) fn chain(cx: Context<'_>, scope: &Scope, node: &ast::Expr) -> Expr {
    let reduced = reduce(cx, scope, links(node));
    reduced.unwrap_or_else(|| text(cx, scope, node.syntax()))
}

/// The same with a BETWEEN behind it: the parser leaves it beside its operand where that is a cast, `x::date BETWEEN …`.
pub(super) fn chain_between(cx: Context<'_>, scope: &Scope, node: &ast::Expr, between: ast::BetweenExpr) -> Expr {
    let mut all = links(node);
    let high = bounds(&between).map(|(_, high)| high);
    all.push(Link::Operator(Operator::Between(between)));
    all.extend(high.into_iter().flat_map(|high| links(&high)));
    reduce(cx, scope, all).unwrap_or_else(|| text(cx, scope, node.syntax()))
}

/// The last two expressions of a BETWEEN: its own operand may be missing.
fn bounds(node: &ast::BetweenExpr) -> Option<(ast::Expr, ast::Expr)> {
    let all: Vec<ast::Expr> = node.syntax().children().filter_map(ast::Expr::cast).collect();
    let [.., low, high] = &all[..] else { return None };
    Some((low.clone(), high.clone()))
}

/// What stands in a chain, from left to right.
enum Link {
    Operand(ast::Expr),
    Operator(Operator),
    Test(ast::PostfixExpr),
}

/// What waits for the operand behind it.
enum Operator {
    Binary(BinOp),
    /// With its lower bound; the upper one is the operand.
    Between(ast::BetweenExpr),
    Prefix(PrefixOp),
}

fn links(node: &ast::Expr) -> Vec<Link> {
    let mut found = Vec::new();
    let mut waiting = vec![Link::Operand(node.clone())];
    while let Some(link) = waiting.pop() {
        match link {
            Link::Operand(ast::Expr::BinExpr(binary)) if binary.rhs().is_some() && binary.op().is_some() => {
                waiting.extend(binary.rhs().map(Link::Operand));
                waiting.extend(binary.op().map(Operator::Binary).map(Link::Operator));
                waiting.extend(binary.lhs().map(Link::Operand));
            }
            Link::Operand(ast::Expr::PostfixExpr(postfix)) if postfix.expr().is_some() => {
                let operand = postfix.expr().map(Link::Operand);
                waiting.push(Link::Test(postfix));
                waiting.extend(operand);
            }
            Link::Operand(ast::Expr::BetweenExpr(between)) if between.target().is_some() && between.end().is_some() => {
                let (target, high) = (between.target(), between.end());
                waiting.extend(high.map(Link::Operand));
                waiting.push(Link::Operator(Operator::Between(between)));
                waiting.extend(target.map(Link::Operand));
            }
            Link::Operand(ast::Expr::PrefixExpr(prefix)) if prefix.expr().is_some() && prefix.op().is_some() => {
                waiting.extend(prefix.expr().map(Link::Operand));
                waiting.extend(prefix.op().map(Operator::Prefix).map(Link::Operator));
            }
            link => found.push(link),
        }
    }
    found
}

/// An operand, read or still to be read: what stands behind IN, IS and ANY is no expression by itself.
enum Operand {
    Raw(ast::Expr),
    Read(Expr),
}

impl Operand {
    fn read(self, cx: Context<'_>, scope: &Scope) -> Expr {
        match self {
            // An operator without one of its sides; the parser has reported it.
            Operand::Raw(node) if super::is_chain(&node) => text(cx, scope, node.syntax()),
            Operand::Raw(node) => expr(cx, scope, &node),
            Operand::Read(expr) => expr,
        }
    }
}

/// The chain as a tree, by the precedence of PostgreSQL (4.1.6, and the order of `%left` in its grammar).
fn reduce(cx: Context<'_>, scope: &Scope, links: Vec<Link>) -> Option<Expr> {
    let mut operands: Vec<Operand> = Vec::new();
    let mut operators: Vec<Operator> = Vec::new();
    let apply = |operands: &mut Vec<Operand>, operator: Operator| {
        let right = operands.pop()?;
        let joined = match operator {
            Operator::Binary(operator) => join(cx, scope, operands.pop()?.read(cx, scope), operator, right)?,
            Operator::Between(node) => {
                between(cx, scope, operands.pop()?.read(cx, scope), &node, right.read(cx, scope))?
            }
            Operator::Prefix(operator) => prefixed(operator, right.read(cx, scope)),
        };
        operands.push(Operand::Read(joined));
        Some(())
    };
    for link in links {
        let own = match &link {
            Link::Operand(_) => 0,
            Link::Operator(Operator::Prefix(_)) => u8::MAX,
            Link::Operator(operator) => binding(operator),
            Link::Test(postfix) if matches!(postfix.op()?, PostfixOp::AtLocal(_)) => AT,
            Link::Test(_) => IS,
        };
        if !matches!(link, Link::Operand(_)) {
            while operators.last().is_some_and(|before| binding(before) >= own) {
                apply(&mut operands, operators.pop()?)?;
            }
        }
        match link {
            Link::Operand(operand) => operands.push(Operand::Raw(operand)),
            Link::Operator(operator) => operators.push(operator),
            Link::Test(postfix) => {
                let operand = operands.pop()?.read(cx, scope);
                operands.push(Operand::Read(test(operand, &postfix)?));
            }
        }
    }
    while let Some(operator) = operators.pop() {
        apply(&mut operands, operator)?;
    }
    operands.pop().map(|operand| operand.read(cx, scope))
}

const NOT: u8 = 3;
const IS: u8 = 4;
const LIKE: u8 = 6;
const OTHER: u8 = 8;
const AT: u8 = 12;
const SIGN: u8 = 14;

fn binding(operator: &Operator) -> u8 {
    match operator {
        Operator::Between(_) => LIKE,
        Operator::Prefix(PrefixOp::Not(_)) => NOT,
        Operator::Prefix(PrefixOp::Minus(_) | PrefixOp::Plus(_)) => SIGN,
        Operator::Prefix(PrefixOp::CustomOp(_) | PrefixOp::OperatorCall(_)) => OTHER,
        Operator::Binary(operator) => binary_binding(operator),
    }
}

fn binary_binding(operator: &BinOp) -> u8 {
    match operator {
        BinOp::ColonEq(_) | BinOp::FatArrow(_) => 0,
        BinOp::Or(_) => 1,
        BinOp::And(_) => 2,
        BinOp::Is(_) | BinOp::IsNot(_) | BinOp::IsDistinctFrom(_) | BinOp::IsNotDistinctFrom(_) => IS,
        BinOp::Eq(_)
        | BinOp::Gteq(_)
        | BinOp::LAngle(_)
        | BinOp::Lteq(_)
        | BinOp::RAngle(_)
        | BinOp::Neq(_)
        | BinOp::Neqb(_) => 5,
        BinOp::In(_)
        | BinOp::NotIn(_)
        | BinOp::Like(_)
        | BinOp::NotLike(_)
        | BinOp::Ilike(_)
        | BinOp::NotIlike(_)
        | BinOp::SimilarTo(_)
        | BinOp::NotSimilarTo(_)
        | BinOp::Overlaps(_) => LIKE,
        BinOp::Escape(_) => 7,
        // The grammar takes `!=` for a comparison even where it is scanned as any other operator.
        BinOp::CustomOp(op) if symbols(op.syntax()) == "!=" => 5,
        BinOp::CustomOp(_) | BinOp::OperatorCall(_) => OTHER,
        BinOp::Plus(_) | BinOp::Minus(_) => 9,
        BinOp::Star(_) | BinOp::Slash(_) | BinOp::Percent(_) => 10,
        BinOp::Caret(_) => 11,
        BinOp::AtTimeZone(_) => AT,
        BinOp::ColonColon(_) => 15,
    }
}

/// One operator applied to what stands around it. `None` when there is no tree for it.
fn join(cx: Context<'_>, scope: &Scope, left: Expr, op: BinOp, right: Operand) -> Option<Expr> {
    let op: Name = match op {
        BinOp::In(_) => return within(cx, scope, left, right, false),
        BinOp::NotIn(_) => return within(cx, scope, left, right, true),
        BinOp::Is(_) => return is(left, "IS", &right),
        BinOp::IsNot(_) => return is(left, "IS NOT", &right),
        BinOp::ColonEq(_) | BinOp::FatArrow(_) | BinOp::ColonColon(_) => return None,
        BinOp::Escape(_) => ESCAPE.into(),
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
        BinOp::CustomOp(op) => match symbols(op.syntax()) {
            symbols if symbols == "!=" => "<>".into(),
            symbols => symbols,
        },
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
    match right {
        Operand::Raw(ast::Expr::CallExpr(call)) if is_quantifier(&call) => quantified(cx, scope, op, left, &call),
        right => Some(escaped(op, left, right.read(cx, scope))),
    }
}

/// `x IN (1, 2)`, `x IN (SELECT …)`
fn within(cx: Context<'_>, scope: &Scope, operand: Expr, right: Operand, negated: bool) -> Option<Expr> {
    let Operand::Raw(right) = right else { return None };
    if let ast::Expr::ParenExpr(paren) = &right
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

fn between(cx: Context<'_>, scope: &Scope, operand: Expr, node: &ast::BetweenExpr, high: Expr) -> Option<Expr> {
    Some(Expr::Between {
        operand: Box::new(operand),
        low: Box::new(expr(cx, scope, &bounds(node)?.0)),
        high: Box::new(high),
        negated: node.not_token().is_some(),
        symmetric: matches!(node.between_symmetry(), Some(ast::BetweenSymmetry::Symmetric(_))),
    })
}

fn prefixed(op: PrefixOp, operand: Expr) -> Expr {
    let op: Name = match op {
        // The grammar of PostgreSQL folds the sign of a number into it.
        PrefixOp::Minus(_) => match operand {
            Expr::Number(number) => return Expr::Number(negated(&number)),
            _ => "-".into(),
        },
        PrefixOp::Plus(_) => "+".into(),
        PrefixOp::Not(_) => "NOT".into(),
        PrefixOp::CustomOp(op) => symbols(op.syntax()),
        PrefixOp::OperatorCall(op) => operator(&op),
    };
    Expr::Unary { op, operand: Box::new(operand) }
}

fn negated(number: &str) -> Name {
    number.strip_prefix('-').map_or_else(|| format!("-{number}").into(), Name::new)
}

fn is_quantifier(call: &ast::CallExpr) -> bool {
    call.any_fn().is_some() || call.some_fn().is_some() || call.all_fn().is_some()
}

/// `x = ANY (…)` with an array or a query
fn quantified(cx: Context<'_>, scope: &Scope, op: Name, left: Expr, call: &ast::CallExpr) -> Option<Expr> {
    let (select, array, all) = if let Some(any) = call.any_fn() {
        (any.select_variant(), any.expr(), false)
    } else if let Some(some) = call.some_fn() {
        (some.select_variant(), some.expr(), false)
    } else {
        let all = call.all_fn()?;
        (all.select_variant(), all.expr(), true)
    };
    match select.or_else(|| select_in(array.as_ref()?.syntax())) {
        Some(select) => {
            let kind = SubqueryKind::Quantified { op, operand: left, all };
            Some(subquery(cx, scope, kind, &select))
        }
        None => {
            let right = Box::new(expr(cx, scope, &array?));
            Some(Expr::Quantified { op, left: Box::new(left), all, right })
        }
    }
}

/// `x IS NULL`, `x IS NOT TRUE`, `x IS UNKNOWN`, `x IS DOCUMENT`
fn is(operand: Expr, verb: &str, right: &Operand) -> Option<Expr> {
    let Operand::Raw(right) = right else { return None };
    let test = format!("{verb} {}", upper(right.syntax())).into();
    Some(Expr::Test { operand: Box::new(operand), test })
}

/// A pattern and its escape character, until the LIKE before them is joined.
const ESCAPE: &str = "ESCAPE";

/// The pattern of LIKE with its ESCAPE is a call of its own in PostgreSQL; SIMILAR TO is a regular expression.
fn escaped(op: Name, left: Expr, right: Expr) -> Expr {
    let is_match = matches!(op.as_str(), "LIKE" | "NOT LIKE" | "ILIKE" | "NOT ILIKE" | "SIMILAR TO" | "NOT SIMILAR TO");
    match right {
        Expr::Binary { op: inner, left: pattern, right: character } if is_match && inner == ESCAPE => {
            let (op, function) = match op.as_str() {
                "SIMILAR TO" => ("~".into(), "similar_to_escape"),
                "NOT SIMILAR TO" => ("!~".into(), "similar_to_escape"),
                _ => (op, "like_escape"),
            };
            let pattern = Expr::call(QName::new("", function), vec![*pattern, *character]);
            Expr::Binary { op, left: Box::new(left), right: Box::new(pattern) }
        }
        right => Expr::Binary { op, left: Box::new(left), right: Box::new(right) },
    }
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
fn operator(call: &ast::OperatorCall) -> Name {
    let Some(op) = call.op() else { return Name::default() };
    // The path ends in its dot: the last word is empty, the operator stands behind it.
    let words = op.path_ref().map(|path| words(&path)).unwrap_or_default();
    let schema = words.into_iter().rfind(|word| !word.is_empty());
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
