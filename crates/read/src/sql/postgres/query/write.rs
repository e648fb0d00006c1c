//! INSERT, UPDATE, DELETE and MERGE.

use model::expr::Expr;
use model::query::{QueryKind, Write};
use model::{Name, Query};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::super::expr::{expr, expr_or_null};
use super::super::name::name;
use super::super::scope::{Level, from_items, written_table};
use super::super::sql_text::sql;
use super::super::{Context, Scope};
use super::{filter, query, scalar, source, targets};

pub(super) fn write(cx: Context<'_>, level: &Level, node: &SyntaxNode, found: &mut Query) {
    let scope = &level.full;
    let table = match ast::Insert::cast(node.clone()) {
        Some(insert) => insert.relation_name_ref().and_then(|table| table.path_ref()),
        None => written_table(node),
    };
    let Some(table) = table.map(|table| cx.relation(&table)) else { return };
    let alias = node
        .children()
        .find(|child| matches!(child.kind(), SyntaxKind::OPTIONAL_AS_ALIAS | SyntaxKind::REQUIRED_AS_ALIAS));
    let alias = alias.and_then(|alias| alias.children().find_map(ast::TableAlias::cast)).map(|alias| name(&alias));
    let mut write = Write {
        alias: alias.filter(|alias| *alias != table.name),
        table,
        columns: Vec::new(),
        rows: 0,
        assignments: Vec::new(),
        on_conflict: false,
        returning: targets(cx, scope, node, false),
        query: None,
    };
    found.from = from_items(node).iter().map(|item| source::source(cx, level, item)).collect();
    found.filter = filter(cx, scope, node);
    match found.kind {
        QueryKind::Insert => insert(cx, level, node, &mut write),
        QueryKind::Merge => merge(cx, scope, node, &mut write, found),
        _ => {
            let set = node.children().find_map(ast::SetClause::cast);
            write.assignments = set.map(|set| assignments(cx, scope, &set)).unwrap_or_default();
        }
    }
    found.write = Some(Box::new(write));
}

fn insert(cx: Context<'_>, level: &Level, node: &SyntaxNode, write: &mut Write) {
    let Some(insert) = ast::Insert::cast(node.clone()) else { return };
    write.columns = columns(insert.column_target_list());
    match insert.insert_source() {
        Some(ast::InsertSource::SelectVariant(ast::SelectVariant::Values(values))) => {
            let rows = values.row_list().map_or(0, |list| list.rows().count());
            write.rows = u32::try_from(rows).unwrap_or(u32::MAX);
        }
        Some(ast::InsertSource::SelectVariant(select)) => {
            write.query = Some(query(cx, &level.frame, select.syntax()));
        }
        Some(ast::InsertSource::DefaultValues(_)) => write.rows = 1,
        None => {}
    }
    if let Some(conflict) = insert.on_conflict_clause() {
        write.on_conflict = true;
        if let Some(ast::ConflictAction::ConflictDoUpdateSet(update)) = conflict.conflict_action() {
            let set = update.set_clause();
            write.assignments = set.map(|set| assignments(cx, &level.full, &set)).unwrap_or_default();
        }
    }
}

/// The condition of a MERGE is its ON clause; what it sets and inserts is taken from all its branches.
fn merge(cx: Context<'_>, scope: &Scope, node: &SyntaxNode, write: &mut Write, found: &mut Query) {
    let Some(merge) = ast::Merge::cast(node.clone()) else { return };
    let on = merge.using_on_clause().and_then(|using| using.on_clause());
    found.filter = on.map(|on| expr_or_null(cx, scope, on.expr()));
    for branch in merge.merge_when_clauses() {
        for action in branch.syntax().children() {
            if let Some(update) = ast::MergeUpdate::cast(action.clone()) {
                let set = update.set_clause();
                write.assignments.extend(set.map(|set| assignments(cx, scope, &set)).unwrap_or_default());
            } else if let Some(insert) = ast::MergeInsert::cast(action) {
                write.columns = columns(insert.column_target_list());
                write.rows = 1;
            }
        }
    }
}

fn columns(list: Option<ast::ColumnTargetList>) -> Vec<Name> {
    let targets = list.into_iter().flat_map(|list| list.column_targets());
    targets.filter_map(|target| target.name()).map(|column| name(&column)).collect()
}

fn assignments(cx: Context<'_>, scope: &Scope, set: &ast::SetClause) -> Vec<(Name, Expr)> {
    let mut found = Vec::new();
    for set in set.set_column_list().into_iter().flat_map(|list| list.set_columns()) {
        match set {
            ast::SetColumn::SetSingleColumn(single) => {
                let column = single.column_target().and_then(|target| target.name());
                found.extend(column.map(|column| (name(&column), value(cx, scope, single.set_expr()))));
            }
            ast::SetColumn::SetMultipleColumns(multiple) => {
                let names = columns(multiple.column_target_list());
                if let Some(select) = multiple.paren_select() {
                    // One query gives all the values; it counts once, the rest is text.
                    let text = || Expr::Text(sql(cx, scope, select.syntax()));
                    let first = scalar(cx, scope, select.syntax());
                    found.extend(names.into_iter().zip(std::iter::once(first).chain(std::iter::repeat_with(text))));
                } else {
                    let values = multiple.set_expr_list().into_iter().flat_map(|list| list.set_exprs());
                    found.extend(names.into_iter().zip(values.map(|written| value(cx, scope, Some(written)))));
                }
            }
        }
    }
    found
}

fn value(cx: Context<'_>, scope: &Scope, written: Option<ast::SetExpr>) -> Expr {
    match written.and_then(|written| written.expr()) {
        Some(written) => expr(cx, scope, &written),
        None => Expr::Keyword("DEFAULT".into()),
    }
}
