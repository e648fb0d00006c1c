//! Expressions: the parser's tree becomes [`Expr`], in the spellings that [`Expr`] prints.
//!
//! Parentheses are dropped; the printer puts them back where they matter. What has no form of its own (special
//! argument syntax, SQL/JSON, XML) stays text with its references resolved.

use model::expr::{Call, ColumnRef, Expr, Subquery, SubqueryKind};
use model::name::PG_CATALOG;
use model::{Name, QName, Type};
use squawk_syntax::ast::{self, AstNode, CastKind, LitKind};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::name::{folded, is_quoted, name, path};
use super::query::query;
use super::sql_text::sql;
use super::ty::{interval_fields, ty, type_of_constant};
use super::{Context, Scope};

mod binary;

pub(super) use binary::symbols;

/// The expression.
pub(crate) fn expr(cx: Context<'_>, scope: &Scope, node: &ast::Expr) -> Expr {
    match node {
        ast::Expr::Literal(literal) => constant(cx, scope, literal),
        ast::Expr::NameRef(word) => name_ref(word),
        ast::Expr::FieldExpr(field) => field_expr(cx, scope, field),
        ast::Expr::BinExpr(_) | ast::Expr::PostfixExpr(_) | ast::Expr::BetweenExpr(_) | ast::Expr::PrefixExpr(_) => {
            binary::chain(cx, scope, node)
        }
        ast::Expr::ParenExpr(paren) => paren_expr(cx, scope, paren),
        ast::Expr::TupleExpr(tuple) => Expr::Row(exprs(cx, scope, tuple.exprs())),
        ast::Expr::ArrayExpr(array) => array_expr(cx, scope, array),
        ast::Expr::CaseExpr(case) => case_expr(cx, scope, case),
        ast::Expr::CastExpr(cast) => cast_expr(cx, scope, cast),
        ast::Expr::Collate(collate) => collate_expr(cx, scope, collate),
        ast::Expr::IndexExpr(index) => match (index.base(), index.index()) {
            (Some(base), Some(index)) => {
                Expr::Index { base: Box::new(expr(cx, scope, &base)), index: Box::new(expr(cx, scope, &index)) }
            }
            _ => text(cx, scope, index.syntax()),
        },
        ast::Expr::SliceExpr(slice) => text(cx, scope, slice.syntax()),
        ast::Expr::CallExpr(call) => call_expr(cx, scope, call),
    }
}

/// Operators and their operands.
fn is_chain(node: &ast::Expr) -> bool {
    matches!(
        node,
        ast::Expr::BinExpr(_) | ast::Expr::PostfixExpr(_) | ast::Expr::BetweenExpr(_) | ast::Expr::PrefixExpr(_)
    )
}

/// The expression in a place where the grammar promises one; what the parser could not find is `NULL`.
pub(crate) fn expr_or_null(cx: Context<'_>, scope: &Scope, node: Option<ast::Expr>) -> Expr {
    let Some(node) = node else { return Expr::Null };
    match node.syntax().next_sibling().and_then(ast::BetweenExpr::cast) {
        Some(between) => binary::chain_between(cx, scope, &node, between),
        None => expr(cx, scope, &node),
    }
}

/// Each of the expressions.
pub(crate) fn exprs(cx: Context<'_>, scope: &Scope, nodes: impl Iterator<Item = ast::Expr>) -> Vec<Expr> {
    nodes.map(|node| expr(cx, scope, &node)).collect()
}

/// What a literal stands for.
pub(crate) fn constant(cx: Context<'_>, scope: &Scope, literal: &ast::Literal) -> Expr {
    match literal.kind() {
        Some(LitKind::Null(_)) => Expr::Null,
        Some(LitKind::True(_)) => Expr::Bool(true),
        Some(LitKind::False(_)) => Expr::Bool(false),
        Some(LitKind::Default(_)) => Expr::Keyword("DEFAULT".into()),
        Some(LitKind::On(token) | LitKind::Off(token)) => Expr::Keyword(token.text().to_ascii_uppercase().into()),
        Some(LitKind::IntNumber(token) | LitKind::NumericNumber(token)) => Expr::Number(token.text().into()),
        Some(LitKind::PositionalParam(token)) => Expr::Parameter(token.text().into()),
        Some(LitKind::NationalString(_)) => {
            let operand = Box::new(Expr::String(string(literal)));
            Expr::Cast { operand, ty: Type::Char(None) }
        }
        Some(
            LitKind::String(_) | LitKind::EscString(_) | LitKind::UnicodeEscString(_) | LitKind::DollarQuotedString(_),
        ) => Expr::String(string(literal)),
        Some(LitKind::BitString(_) | LitKind::ByteString(_)) | None => text(cx, scope, literal.syntax()),
    }
}

/// The characters of a string literal, without its quotes and escapes.
pub(crate) fn string(literal: &ast::Literal) -> Name {
    literal.string_value().unwrap_or_default().into()
}

/// What the tree cannot say.
fn text(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Expr {
    Expr::Text(sql(cx, scope, node))
}

/// A bare word: a column, or one of the functions that are called without parentheses.
fn name_ref(word: &ast::NameRef) -> Expr {
    keyword(word).map_or_else(|| Expr::column(name(word)), Expr::Keyword)
}

pub(super) fn keyword(word: &ast::NameRef) -> Option<Name> {
    let token = word.syntax().first_token()?;
    let is_function = matches!(
        token.kind(),
        SyntaxKind::CURRENT_CATALOG_KW
            | SyntaxKind::CURRENT_DATE_KW
            | SyntaxKind::CURRENT_ROLE_KW
            | SyntaxKind::CURRENT_SCHEMA_KW
            | SyntaxKind::CURRENT_TIME_KW
            | SyntaxKind::CURRENT_TIMESTAMP_KW
            | SyntaxKind::CURRENT_USER_KW
            | SyntaxKind::LOCALTIME_KW
            | SyntaxKind::LOCALTIMESTAMP_KW
            | SyntaxKind::SESSION_USER_KW
            | SyntaxKind::SYSTEM_USER_KW
            | SyntaxKind::USER_KW
    );
    is_function.then(|| token.text().to_ascii_uppercase().into())
}

/// `t.c`, `schema.t.c`, `(composite).field`, `t.*`.
fn field_expr(cx: Context<'_>, scope: &Scope, field: &ast::FieldExpr) -> Expr {
    let (Some(base), Some(last)) = (field.base(), field.field()) else { return text(cx, scope, field.syntax()) };
    if field.star_token().is_some() {
        return text(cx, scope, field.syntax());
    }
    match dotted(&base) {
        // The table's schema is left out: the alias of an unaliased table is its bare name.
        Some(words) => Expr::Column(ColumnRef { qualifier: words.last().cloned(), name: name(&last) }),
        None => Expr::Field { base: Box::new(expr(cx, scope, &base)), field: name(&last) },
    }
}

/// The words of a name like `a.b.c`, when the expression is nothing else.
pub(super) fn dotted(node: &ast::Expr) -> Option<Vec<Name>> {
    match node {
        ast::Expr::NameRef(word) => Some(vec![name(word)]),
        ast::Expr::FieldExpr(field) if field.star_token().is_none() => {
            let mut words = dotted(&field.base()?)?;
            words.push(name(&field.field()?));
            Some(words)
        }
        _ => None,
    }
}

fn paren_expr(cx: Context<'_>, scope: &Scope, paren: &ast::ParenExpr) -> Expr {
    if let Some(inner) = paren.expr() {
        return expr(cx, scope, &inner);
    }
    match select_in(paren.syntax()) {
        Some(select) => subquery(cx, scope, SubqueryKind::Scalar, &select),
        None => text(cx, scope, paren.syntax()),
    }
}

/// The query inside parentheses, however many there are.
pub(super) fn select_in(node: &SyntaxNode) -> Option<ast::SelectVariant> {
    let mut node = node.clone();
    loop {
        let child = node
            .children()
            .find(|child| ast::SelectVariant::can_cast(child.kind()) || ast::ParenExpr::can_cast(child.kind()))?;
        match ast::SelectVariant::cast(child.clone()) {
            Some(ast::SelectVariant::ParenSelect(_)) | None => node = child,
            Some(select) => return Some(select),
        }
    }
}

fn subquery(cx: Context<'_>, scope: &Scope, kind: SubqueryKind, select: &ast::SelectVariant) -> Expr {
    let query = query(cx, scope, select.syntax());
    Expr::Subquery(Box::new(Subquery { kind, query }))
}

fn array_expr(cx: Context<'_>, scope: &Scope, array: &ast::ArrayExpr) -> Expr {
    match array.select_variant() {
        Some(select) => subquery(cx, scope, SubqueryKind::Array, &select),
        None => Expr::Array(exprs(cx, scope, array.exprs())),
    }
}

fn case_expr(cx: Context<'_>, scope: &Scope, case: &ast::CaseExpr) -> Expr {
    let arms = case.when_clause_list().into_iter().flat_map(|list| list.when_clauses());
    let arms = arms.map(|arm| (expr_or_null(cx, scope, arm.condition()), expr_or_null(cx, scope, arm.then())));
    Expr::Case {
        operand: case.expr().map(|operand| Box::new(expr(cx, scope, &operand))),
        arms: arms.collect(),
        otherwise: case.else_clause().map(|clause| Box::new(expr_or_null(cx, scope, clause.expr()))),
    }
}

/// `CAST(x AS t)`, `x::t` and `t 'x'`; `TREAT` means something else.
fn cast_expr(cx: Context<'_>, scope: &Scope, cast: &ast::CastExpr) -> Expr {
    let Some(written) = cast.ty() else { return text(cx, scope, cast.syntax()) };
    match (cast.kind(), cast.expr(), cast.literal()) {
        (Some(CastKind::Cast | CastKind::DoubleColon), Some(operand), _) => {
            let ty = ty(cx, &written);
            let operand = expr(cx, scope, &operand);
            let operand = if is_regclass(&ty) { relation_literal(cx, operand) } else { operand };
            Expr::Cast { operand: Box::new(operand), ty }
        }
        (Some(CastKind::TypeLiteral), _, Some(literal)) => {
            let mut ty = type_of_constant(cx, &written);
            if let (Type::Interval { fields, precision }, Some(written)) = (&mut ty, cast.interval_qualifier()) {
                let (words, digits) = interval_fields(&written);
                (*fields, *precision) = (words, digits.or(*precision));
            }
            Expr::Cast { operand: Box::new(constant(cx, scope, &literal)), ty }
        }
        _ => text(cx, scope, cast.syntax()),
    }
}

fn collate_expr(cx: Context<'_>, scope: &Scope, collate: &ast::Collate) -> Expr {
    match (collate.expr(), collate.collation_ref()) {
        (Some(operand), Some(collation)) => {
            Expr::Collate { operand: Box::new(expr(cx, scope, &operand)), collation: cx.collation(&collation) }
        }
        _ => text(cx, scope, collate.syntax()),
    }
}

/// A call with plain arguments; every special syntax stays text.
fn call_expr(cx: Context<'_>, scope: &Scope, call: &ast::CallExpr) -> Expr {
    if let Some(select) = call.exists_fn().and_then(|exists| select_in(exists.syntax())) {
        return subquery(cx, scope, SubqueryKind::Exists, &select);
    }
    if let Some(call) = special_call(cx, scope, call) {
        return call;
    }
    let words = call.expr().and_then(|function| dotted(&function));
    let (Some(mut words), Some(list)) = (words, call.arg_list()) else { return text(cx, scope, call.syntax()) };
    if call.within_clause().is_some() || call.null_treatment().is_some() {
        return text(cx, scope, call.syntax());
    }
    if let Some(ast::Expr::NameRef(word)) = call.expr()
        && let Some(word) = keyword(&word)
        && word != "CURRENT_SCHEMA"
    {
        // CURRENT_TIMESTAMP(3)
        return Expr::Keyword(format!("{word}{}", sql(cx, scope, list.syntax())).into());
    }
    let last = words.pop().unwrap_or_default();
    let function = cx.function_name(words.pop(), last);
    let over = call.over_clause().and_then(|over| over.over_target());
    let mut args = arguments(cx, scope, &function, &list);
    if function.schema.is_empty() && takes_sequence(&function.name) {
        let first = args.first_mut().filter(|first| matches!(first, Expr::String(_)));
        if let Some(first) = first {
            // The parameter is a regclass; PostgreSQL resolves the name once and keeps what it found.
            let operand = Box::new(relation_literal(cx, std::mem::replace(first, Expr::Null)));
            *first = Expr::Cast { operand, ty: Type::builtin("regclass") };
        }
    }
    Expr::Call(Box::new(Call {
        args,
        star: list.star_token().is_some(),
        distinct: matches!(list.all_or_distinct(), Some(ast::AllOrDistinct::Distinct(_))),
        filter: call.filter_clause().map(|clause| Box::new(expr_or_null(cx, scope, clause.expr()))),
        over: over.map(|target| sql(cx, scope, target.syntax())),
        function,
    }))
}

fn arguments(cx: Context<'_>, scope: &Scope, function: &QName, list: &ast::ArgList) -> Vec<Expr> {
    let form = |arg: &ast::Expr| match arg {
        // The second argument of normalize is a key word, not a column.
        ast::Expr::NameRef(word) if function.name == "normalize" && !is_quoted(word.syntax()) => {
            let word = name(word).to_ascii_uppercase();
            matches!(word.as_str(), "NFC" | "NFD" | "NFKC" | "NFKD").then(|| Expr::Keyword(word.into()))
        }
        _ => None,
    };
    let argument = |arg: ast::Arg| match arg.expr() {
        Some(value) if arg.variadic_token().is_none() && arg.order_by_clause().is_none() => {
            form(&value).unwrap_or_else(|| expr(cx, scope, &value))
        }
        _ => text(cx, scope, arg.syntax()),
    };
    list.args().map(argument).collect()
}

/// `substring(x, 1)` and `overlay(…)` without their key words are plain calls.
fn special_call(cx: Context<'_>, scope: &Scope, call: &ast::CallExpr) -> Option<Expr> {
    let (function, args) = if let Some(function) = call.substring_fn() {
        let ast::SubstringArgs::SubstringExprs(args) = function.substring_args()? else { return None };
        ("substring", args.func_arg_exprs())
    } else if let Some(function) = call.overlay_fn() {
        let ast::OverlayArgs::OverlayExprs(args) = function.overlay_args()? else { return None };
        ("overlay", args.func_arg_exprs())
    } else {
        return None;
    };
    let args = args.map(|arg| match arg {
        ast::FuncArgExpr::Expr(value) => expr(cx, scope, &value),
        ast::FuncArgExpr::NamedArg(named) => text(cx, scope, named.syntax()),
    });
    Some(Expr::call(QName::new("", function), args.collect()))
}

/// The functions whose first argument is a sequence by name.
pub(super) fn takes_sequence(function: &str) -> bool {
    matches!(function, "nextval" | "currval" | "setval")
}

pub(super) fn is_regclass(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if named.name == QName::builtin("regclass"))
}

/// `'public.orders_id_seq'` as `'orders_id_seq'`: a relation's name in a string, spelled as everywhere.
fn relation_literal(cx: Context<'_>, literal: Expr) -> Expr {
    let Expr::String(text) = &literal else { return literal };
    match &split_name(text)[..] {
        [name] => Expr::String(cx.relation_name(None, name.clone()).to_string().into()),
        [.., schema, name] => Expr::String(cx.relation_name(Some(schema.clone()), name.clone()).to_string().into()),
        [] => literal,
    }
}

/// The words of a dotted name in a string; none when it is not one (an object number, say).
fn split_name(text: &str) -> Vec<Name> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    loop {
        let length = match rest.strip_prefix('"') {
            Some(inner) => {
                let mut at = 0;
                loop {
                    let Some(quote) = inner[at..].find('"') else { return Vec::new() };
                    at += quote + 1;
                    if !inner[at..].starts_with('"') {
                        break at + 1;
                    }
                    at += 1;
                }
            }
            None => rest.find('.').unwrap_or(rest.len()),
        };
        let word = &rest[..length];
        let is_plain = |word: &str| {
            let mut chars = word.chars();
            chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
                && chars.all(|next| next.is_alphanumeric() || matches!(next, '_' | '$'))
        };
        if !word.starts_with('"') && !is_plain(word) {
            return Vec::new();
        }
        words.push(folded(word));
        match rest[length..].strip_prefix('.') {
            Some(next) => rest = next,
            None if length == rest.len() => return words,
            None => return Vec::new(),
        }
    }
}

impl Context<'_> {
    /// A collation: those of the catalog have no schema, as have those that were never made here.
    pub(crate) fn collation(self, node: &ast::CollationRef) -> QName {
        let Some(path_ref) = node.path_ref() else { return QName::builtin(Name::default()) };
        let (schema, name) = path(&path_ref);
        match schema {
            Some(schema) => QName { schema, name },
            None => {
                let kind = model::Kind::Collation;
                let mut candidates = self.search_path().iter().map(|schema| QName::new(schema.clone(), name.clone()));
                let found = candidates.find(|name| self.schema().contains(&model::Path::object(kind, name)));
                found.unwrap_or_else(|| QName { schema: PG_CATALOG, name: name.clone() })
            }
        }
    }
}

#[cfg(test)]
mod tests;
