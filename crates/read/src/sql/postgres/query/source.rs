//! The items of a FROM list.

use model::query::{Join, JoinCondition, JoinKind, Source, TableSource};
use model::{Name, Span};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::expr::{expr, expr_or_null};
use super::super::name::{name, path};
use super::super::scope::{Level, join_of, select_of};
use super::super::sql_text::sql;
use super::{query, span};

pub(super) fn source(cx: Context<'_>, level: &Level, item: &ast::FromListItem) -> Source {
    let mut joins = Vec::new();
    let mut first = item.clone();
    // A chain of joins leans to the left.
    while let ast::FromListItem::JoinExpr(join) = &first {
        let left = join.from_list_item();
        joins.push(join.clone());
        match left {
            Some(left) => first = left,
            None => break,
        }
    }
    let start = match &first {
        ast::FromListItem::FromItem(item) => from_item(cx, level, item),
        ast::FromListItem::JoinExpr(join) => Source::Other(sql(cx, &level.full, join.syntax())),
    };
    joins.into_iter().rev().fold(start, |left, node| join(cx, level, left, &node))
}

fn join(cx: Context<'_>, level: &Level, left: Source, node: &ast::JoinExpr) -> Source {
    let Some(join) = node.join() else { return left };
    let Some(right) = join.from_list_item() else { return left };
    let kind = match join.join_type() {
        Some(ast::JoinType::JoinLeft(_)) => JoinKind::Left,
        Some(ast::JoinType::JoinRight(_)) => JoinKind::Right,
        Some(ast::JoinType::JoinFull(_)) => JoinKind::Full,
        Some(ast::JoinType::JoinCross(_)) => JoinKind::Cross,
        Some(ast::JoinType::JoinInner(_)) | None => JoinKind::Inner,
    };
    let condition = match join.join_condition() {
        Some(ast::JoinCondition::OnClause(on)) => JoinCondition::On(expr_or_null(cx, &level.full, on.expr())),
        Some(ast::JoinCondition::JoinUsingClause(using)) => {
            let columns = using.column_ref_list().into_iter().flat_map(|list| list.column_name_refs());
            JoinCondition::Using(columns.map(|column| name(&column)).collect())
        }
        None if join.natural_token().is_some() => JoinCondition::Natural,
        None => JoinCondition::None,
    };
    let right = source(cx, level, &right);
    Source::Join(Box::new(Join { kind, left, right, condition, span: span(cx, node.syntax()) }))
}

fn from_item(cx: Context<'_>, level: &Level, item: &ast::FromItem) -> Source {
    let span = span(cx, item.syntax());
    let alias = item.alias().and_then(|alias| alias.name()).map(|alias| name(&alias));
    let text = || Source::Other(sql(cx, &level.full, item.syntax()));
    match item {
        ast::FromItem::RelationFromItem(relation) => match relation.path_ref() {
            Some(path_ref) => Source::Table(table(cx, level, &path_ref, alias, span)),
            None => text(),
        },
        ast::FromItem::FunctionFromItem(function) => match function.call_expr() {
            Some(call) => Source::Function {
                call: expr(cx, &level.full, &ast::Expr::CallExpr(call)),
                alias,
                lateral: function.lateral_token().is_some(),
                span,
            },
            None => text(),
        },
        ast::FromItem::ExprFromItem(value) => {
            let call = value.call_expr().map(ast::Expr::CallExpr).or(value.cast_expr().map(ast::Expr::CastExpr));
            match call {
                Some(call) => Source::Function { call: expr(cx, &level.full, &call), alias, lateral: false, span },
                None => text(),
            }
        }
        ast::FromItem::ParenFromItem(paren) => {
            let lateral = paren.lateral_token().is_some();
            match (select_of(paren), join_of(paren)) {
                (Some(select), _) => {
                    let scope = if lateral { &level.full } else { &level.frame };
                    Source::Subquery { query: Box::new(query(cx, scope, select.syntax())), alias, lateral, span }
                }
                (None, Some(inner)) if alias.is_none() => source(cx, level, &inner),
                _ => text(),
            }
        }
        ast::FromItem::GraphTableFromItem(_)
        | ast::FromItem::JsonTableFromItem(_)
        | ast::FromItem::RowsFromItem(_)
        | ast::FromItem::XmlTableFromItem(_) => text(),
    }
}

fn table(cx: Context<'_>, level: &Level, path_ref: &ast::PathRef, alias: Option<Name>, span: Span) -> TableSource {
    let (schema, name) = path(path_ref);
    let cte = schema.is_none() && level.frame.cte(&name).is_some();
    let name = if cte { model::QName::new("", name) } else { cx.relation_name(schema, name) };
    let alias = alias.filter(|alias| *alias != name.name);
    TableSource { name, cte, alias, span }
}

/// The table of `TABLE name`.
pub(super) fn of_table(cx: Context<'_>, level: &Level, node: &SyntaxNode) -> Option<Source> {
    let relation = ast::Table::cast(node.clone())?.relation_name()?;
    let span = span(cx, relation.syntax());
    Some(Source::Table(table(cx, level, &relation.relation_name_ref()?.path_ref()?, None, span)))
}
