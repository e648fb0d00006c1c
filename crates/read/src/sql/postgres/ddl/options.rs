//! The small clauses that many statements share: options, roles, IF EXISTS, numbers.

use model::object::{Grantee, Options};
use model::step::How;
use model::{Expr, Name, Type};
use squawk_syntax::ast::{self, AstNode, LitKind};
use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::super::expr::{expr, string};
use super::super::name::{name, name_of};
use super::super::{Context, Scope};

/// `WITH (fillfactor = 70, toast.autovacuum_enabled)`
pub(super) fn with_params(params: Option<ast::WithParams>) -> Options {
    attributes(params.and_then(|params| params.attribute_list())).into_iter().map(set_or_on).collect()
}

pub(super) fn attribute_options(list: Option<ast::AttributeList>) -> Options {
    attributes(list).into_iter().map(set_or_on).collect()
}

/// An option that is only named is switched on.
fn set_or_on((name, value): (Name, Option<Name>)) -> (Name, Name) {
    (name, value.unwrap_or(Name::new_static("true")))
}

/// `(name = value, …)` in the order written; a value is without its quotes.
pub(super) fn attributes(list: Option<ast::AttributeList>) -> Vec<(Name, Option<Name>)> {
    let options = list.into_iter().flat_map(|list| list.attribute_options().collect::<Vec<_>>());
    let named = options.filter_map(|option| Some((attribute_name(&option)?, option)));
    named.map(|(name, option)| (name, option.attribute_value().map(|value| plain(value.syntax())))).collect()
}

pub(super) fn attribute_name(option: &ast::AttributeOption) -> Option<Name> {
    let own = name(&option.name()?);
    Some(match option.namespace() {
        Some(namespace) => format!("{}.{own}", name(&namespace)).into(),
        None => own,
    })
}

/// `OPTIONS (ADD host 'x', SET port '5432', DROP user)`: what each option becomes.
pub(super) fn foreign_changes(list: Option<ast::AlterOptionList>) -> Vec<(Name, Option<Name>)> {
    let options = list.into_iter().flat_map(|list| list.alter_options().collect::<Vec<_>>());
    let changes = options.filter_map(|option| {
        Some(match option {
            ast::AlterOption::AddForeignOption(add) => {
                (name(&add.foreign_option_name()?), Some(string(&add.literal()?)))
            }
            ast::AlterOption::SetForeignOption(set) => {
                (name(&set.foreign_option_name()?), Some(string(&set.literal()?)))
            }
            ast::AlterOption::DropForeignOption(drop) => (name(&drop.foreign_option_name()?), None),
        })
    });
    changes.collect()
}

pub(super) fn foreign_options(list: Option<ast::AlterOptionList>) -> Options {
    foreign_changes(list).into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A value as it is kept: a string without its quotes, words in lower case, the rest as written.
pub(super) fn plain(node: &SyntaxNode) -> Name {
    if let Some(text) = quoted_text(node) {
        return text;
    }
    let tokens = tokens(node);
    let mut text = String::new();
    for token in &tokens {
        let spaced = text.ends_with(is_word) && token.text().starts_with(is_word);
        text.push_str(if spaced { " " } else { "" });
        match token.text().starts_with('"') {
            true => text.push_str(token.text()),
            false => text.push_str(&token.text().to_ascii_lowercase()),
        }
    }
    text.into()
}

/// What the quotes hold, when the node is nothing but a string.
fn quoted_text(node: &SyntaxNode) -> Option<Name> {
    let literal = node.descendants().find_map(ast::Literal::cast)?;
    let whole = literal.syntax().text_range() == node.text_range();
    let is_string = matches!(
        literal.kind()?,
        LitKind::String(_) | LitKind::EscString(_) | LitKind::UnicodeEscString(_) | LitKind::DollarQuotedString(_)
    );
    (whole && is_string).then(|| string(&literal))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '"' | '\'')
}

/// The tokens below the node, without blanks and comments.
pub(super) fn tokens(node: &SyntaxNode) -> Vec<SyntaxToken> {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.filter(|token| !token.kind().is_trivia()).collect()
}

/// The node's key words and names in capitals, one blank between them.
pub(super) fn capitals(node: &SyntaxNode) -> Name {
    let words: Vec<String> = tokens(node)
        .iter()
        .filter(|token| token.kind() != SyntaxKind::SEMICOLON)
        .map(|token| token.text().to_ascii_uppercase())
        .collect();
    words.join(" ").into()
}

/// An integer, with its sign, also when it is written as a string.
pub(super) fn integer(node: &SyntaxNode) -> Option<i64> {
    plain(node).replace('_', "").parse().ok()
}

pub(crate) fn role(role: &ast::RoleRef) -> Name {
    match role.role_ref_value() {
        Some(ast::RoleRefValue::RoleNameRef(named)) => name(&named),
        Some(word) => capitals(word.syntax()),
        None => name_of(role.syntax()),
    }
}

/// The name of a new role, or one of the words for the current one in capitals.
pub(super) fn new_role(role: &ast::Role) -> Name {
    if role.current_role_token().is_some() || role.current_user_token().is_some() || role.session_user_token().is_some()
    {
        return capitals(role.syntax());
    }
    name(role)
}

pub(super) fn roles(list: Option<ast::RoleRefList>) -> Vec<Name> {
    list.into_iter().flat_map(|list| list.role_refs().collect::<Vec<_>>()).map(|one| role(&one)).collect()
}

pub(super) fn grantee(role: Name) -> Grantee {
    if role == "public" { Grantee::Public } else { Grantee::Role(role) }
}

pub(super) fn cascades(behavior: Option<&ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

pub(super) fn if_exists(clause: Option<ast::IfExists>) -> How {
    How { if_exists: clause.is_some(), ..How::default() }
}

pub(super) fn if_not_exists(clause: Option<ast::IfNotExists>) -> How {
    How { if_not_exists: clause.is_some(), ..How::default() }
}

pub(super) fn columns(list: Option<ast::ColumnRefList>) -> Vec<Name> {
    list.into_iter().flat_map(|list| list.column_name_refs().collect::<Vec<_>>()).map(|column| name(&column)).collect()
}

/// The expression of a default for a value of that type. NULL is no default to PostgreSQL either, unless it has to be
/// made one of the type first: a cast from another type, or to a length, is kept.
pub(super) fn default_of(cx: Context<'_>, scope: &Scope, ty: &Type, node: Option<ast::Expr>) -> Option<Expr> {
    let value = expr(cx, scope, &node?);
    let bare = without_modifiers(ty);
    match &value {
        Expr::Null if bare == *ty => None,
        Expr::Null => Some(Expr::Cast { operand: Box::new(Expr::Null), ty: bare }),
        Expr::Cast { operand, ty: from } if **operand == Expr::Null && from == ty && bare == *ty => None,
        _ => Some(value),
    }
}

/// The type that values have before they are fitted to its length or precision.
fn without_modifiers(ty: &Type) -> Type {
    match ty {
        Type::Numeric(_) => Type::Numeric(None),
        Type::Varchar(_) => Type::Varchar(None),
        Type::Char(_) => Type::Char(None),
        Type::Bit(_) => Type::Bit(None),
        Type::VarBit(_) => Type::VarBit(None),
        Type::Time { zone, .. } => Type::Time { zone: *zone, precision: None },
        Type::Timestamp { zone, .. } => Type::Timestamp { zone: *zone, precision: None },
        Type::Interval { .. } => Type::Interval { fields: None, precision: None },
        Type::Array(element) => without_modifiers(element).array(),
        Type::Named(named) => Type::named(named.name.clone()),
        other => other.clone(),
    }
}
