//! The columns that a query returns: their names as PostgreSQL chooses them, and what `*` stands for.

use model::Name;
use squawk_syntax::ast::{self, AstNode, CastKind};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::columns::Columns;
use super::name::{name, path};
use super::scope::{from_items, join_of, level_at, select_of};
use super::{Context, Scope};

/// The names of the columns of a query, when all of them can be told.
pub(super) fn output_columns(cx: Context<'_>, outer: &Scope, node: &SyntaxNode, depth: usize) -> Option<Vec<Name>> {
    if depth > 16 {
        return None;
    }
    if let Some(select) = ast::CompoundSelect::cast(node.clone()) {
        let level = level_at(cx, outer, node, depth);
        return output_columns(cx, &level.frame, select.lhs()?.syntax(), depth + 1);
    }
    if let Some(select) = ast::ParenSelect::cast(node.clone()) {
        let level = level_at(cx, outer, node, depth);
        return output_columns(cx, &level.frame, select.select()?.syntax(), depth + 1);
    }
    if let Some(values) = ast::Values::cast(node.clone()) {
        let count = values.row_list()?.rows().next()?.exprs().count();
        return Some((1..=count).map(|number| format!("column{number}").into()).collect());
    }
    if let Some(table) = ast::Table::cast(node.clone()) {
        let path_ref = table.relation_name()?.relation_name_ref()?.path_ref()?;
        let (schema, name) = path(&path_ref);
        if let (None, Some(cte)) = (&schema, outer.cte(&name)) {
            return (!cte.columns.is_empty()).then(|| cte.columns.to_vec());
        }
        return cx.columns_of(&cx.relation_name(schema, name)).map(|columns| columns.to_vec());
    }
    let level = level_at(cx, outer, node, depth);
    let targets = target_list(node)?;
    let mut columns = Vec::new();
    for target in targets.targets() {
        match star(&level.full, node, &target) {
            Some(expanded) => columns.extend(expanded?.into_iter().map(|column| column.name)),
            None => columns.push(target_name(cx, &level.full, &target, depth)),
        }
    }
    Some(columns)
}

/// The list of a SELECT, or of RETURNING.
pub(super) fn target_list(node: &SyntaxNode) -> Option<ast::TargetList> {
    let is_clause =
        |child: &SyntaxNode| matches!(child.kind(), SyntaxKind::SELECT_CLAUSE | SyntaxKind::RETURNING_CLAUSE);
    node.children().find(is_clause)?.children().find_map(ast::TargetList::cast)
}

/// One of the columns that `*` stands for.
#[derive(Clone, Debug)]
pub(super) struct StarColumn {
    /// Left out when one table is all there is, and for a column that a join merged.
    pub(super) qualifier: Option<Name>,
    pub(super) name: Name,
}

/// What a target `*` or `t.*` stands for: `None` for any other target, `Some(None)` when it cannot be told.
pub(super) fn star(scope: &Scope, query: &SyntaxNode, target: &ast::Target) -> Option<Option<Vec<StarColumn>>> {
    if let Some(ast::Expr::FieldExpr(field)) = target.expr() {
        field.star_token()?;
        let words = field.base().and_then(|base| super::expr::dotted(&base));
        let columns = words.and_then(|words| {
            let table = scope.table(words.last()?)?;
            let qualifier = (scope.tables.len() > 1).then(|| table.alias.clone());
            known(&table.columns, qualifier)
        });
        return Some(columns);
    }
    target.star_token()?;
    let mut columns = Some(Vec::new());
    let only = scope.tables.len() == 1;
    let mut items = from_items(query);
    if items.is_empty() && query.kind() != SyntaxKind::SELECT {
        // RETURNING * of a plain INSERT, UPDATE or DELETE
        let table = scope.tables.first();
        return Some(table.and_then(|table| known(&table.columns, None)));
    }
    for item in items.drain(..) {
        let more = item_columns(scope, &item, only);
        columns = columns.zip(more).map(|(columns, more)| columns.into_iter().chain(more).collect());
    }
    Some(columns)
}

fn known(columns: &Columns, qualifier: Option<Name>) -> Option<Vec<StarColumn>> {
    let column = |name: &Name| StarColumn { qualifier: qualifier.clone(), name: name.clone() };
    (!columns.is_empty()).then(|| columns.iter().map(column).collect())
}

fn item_columns(scope: &Scope, item: &ast::FromListItem, only: bool) -> Option<Vec<StarColumn>> {
    let item = match item {
        ast::FromListItem::JoinExpr(join) => return join_columns(scope, join, only),
        ast::FromListItem::FromItem(item) => item,
    };
    let alias = item.alias().and_then(|alias| alias.name()).map(|alias| name(&alias));
    let alias = match (alias, item) {
        (Some(alias), _) => alias,
        (None, ast::FromItem::RelationFromItem(relation)) => path(&relation.path_ref()?).1,
        (None, ast::FromItem::FunctionFromItem(function)) => {
            super::expr::dotted(&function.call_expr()?.expr()?)?.pop()?
        }
        (None, ast::FromItem::ParenFromItem(paren)) if select_of(paren).is_none() => {
            return item_columns(scope, &join_of(paren)?, only);
        }
        _ => Name::default(),
    };
    let table = scope.tables.iter().find(|table| table.alias == alias)?;
    known(&table.columns, (!only && !alias.is_empty()).then_some(alias))
}

/// A join puts the columns that it merges first.
fn join_columns(scope: &Scope, join: &ast::JoinExpr, only: bool) -> Option<Vec<StarColumn>> {
    let left = item_columns(scope, &join.from_list_item()?, only)?;
    let join = join.join()?;
    let right = item_columns(scope, &join.from_list_item()?, only)?;
    let merged: Vec<Name> = match join.join_condition() {
        Some(ast::JoinCondition::JoinUsingClause(using)) => {
            using.column_ref_list()?.column_name_refs().map(|column| name(&column)).collect()
        }
        _ if join.natural_token().is_some() => {
            let shared = |column: &&StarColumn| right.iter().any(|other| other.name == column.name);
            left.iter().filter(shared).map(|column| column.name.clone()).collect()
        }
        _ => Vec::new(),
    };
    let rest = left.into_iter().chain(right).filter(|column| !merged.contains(&column.name));
    let first = merged.iter().map(|name| StarColumn { qualifier: None, name: name.clone() });
    Some(first.chain(rest).collect())
}

/// The name of one output column.
pub(super) fn target_name(cx: Context<'_>, scope: &Scope, target: &ast::Target, depth: usize) -> Name {
    if let Some(alias) = target.as_name().and_then(|alias| alias.name()) {
        return name(&alias);
    }
    let figured = target.expr().and_then(|expr| figure(cx, scope, &expr, depth));
    figured.map_or_else(|| "?column?".into(), |figured| figured.name)
}

/// A name found for an expression. A weak one (of a type, or `case`) gives way to a better one below it.
struct Figured {
    name: Name,
    weak: bool,
}

/// The name that PostgreSQL gives the column of an expression (`FigureColname` in parse_target.c).
fn figure(cx: Context<'_>, scope: &Scope, expr: &ast::Expr, depth: usize) -> Option<Figured> {
    let strong = |name: Name| Some(Figured { name, weak: false });
    let weak = |name: Name| Some(Figured { name, weak: true });
    match expr {
        ast::Expr::NameRef(word) => strong(name(word)),
        ast::Expr::FieldExpr(field) => match field.field() {
            Some(last) if field.star_token().is_none() => strong(name(&last)),
            _ => figure(cx, scope, &field.base()?, depth),
        },
        ast::Expr::IndexExpr(index) => figure(cx, scope, &index.base()?, depth),
        ast::Expr::SliceExpr(slice) => figure(cx, scope, &slice.base()?, depth),
        ast::Expr::Collate(collate) => figure(cx, scope, &collate.expr()?, depth),
        ast::Expr::ParenExpr(paren) => match paren.expr() {
            Some(inner) => figure(cx, scope, &inner, depth),
            None => {
                let select = super::expr::select_in(paren.syntax())?;
                strong(output_columns(cx, scope, select.syntax(), depth + 1)?.into_iter().next()?)
            }
        },
        ast::Expr::CastExpr(cast) => {
            let operand = match cast.kind() {
                Some(CastKind::Cast | CastKind::DoubleColon) => figure(cx, scope, &cast.expr()?, depth),
                Some(CastKind::Treat) => return strong(type_word(&cast.ty()?)),
                _ => None,
            };
            match operand {
                Some(operand) if !operand.weak => Some(operand),
                _ => weak(type_word(&cast.ty()?)),
            }
        }
        ast::Expr::CaseExpr(case) => {
            let otherwise = case.else_clause().and_then(|clause| clause.expr());
            match otherwise.and_then(|expr| figure(cx, scope, &expr, depth)) {
                Some(otherwise) if !otherwise.weak => Some(otherwise),
                _ => weak("case".into()),
            }
        }
        ast::Expr::ArrayExpr(_) => strong("array".into()),
        ast::Expr::TupleExpr(_) => strong("row".into()),
        ast::Expr::BinExpr(binary) => match binary.op()? {
            ast::BinOp::AtTimeZone(_) => strong("timezone".into()),
            ast::BinOp::Overlaps(_) => strong("overlaps".into()),
            _ => None,
        },
        ast::Expr::PostfixExpr(postfix) => match postfix.op()? {
            ast::PostfixOp::AtLocal(_) => strong("timezone".into()),
            ast::PostfixOp::IsNormalized(_) => strong("is_normalized".into()),
            _ => None,
        },
        ast::Expr::CallExpr(call) => strong(call_name(call)?),
        // `true` was a cast, and its column `bool`, until PostgreSQL 15.
        ast::Expr::Literal(_) | ast::Expr::BetweenExpr(_) | ast::Expr::PrefixExpr(_) => None,
    }
}

fn call_name(call: &ast::CallExpr) -> Option<Name> {
    if let Some(function) = call.expr() {
        return super::expr::dotted(&function)?.pop();
    }
    if let Some(trim) = call.trim_fn() {
        return Some(match trim.trim_side() {
            Some(ast::TrimSide::TrimLeading(_)) => "ltrim".into(),
            Some(ast::TrimSide::TrimTrailing(_)) => "rtrim".into(),
            _ => "btrim".into(),
        });
    }
    if call.any_fn().is_some() || call.all_fn().is_some() || call.some_fn().is_some() {
        return None;
    }
    if call.collation_for_fn().is_some() {
        return Some("pg_collation_for".into());
    }
    // Every other special form is called like its key word: `extract`, `position`, `exists`, `json_value`, …
    let word = call.syntax().first_token()?;
    Some(word.text().to_ascii_lowercase().into())
}

/// The last word of a type as the grammar of PostgreSQL spells it.
fn type_word(written: &ast::Type) -> Name {
    let zoned = |name: &str, zone: Option<ast::Timezone>| match zone {
        Some(ast::Timezone::WithTimezone(_)) => format!("{name}tz").into(),
        _ => Name::new(name),
    };
    match written {
        ast::Type::ArrayType(array) => array.ty().map_or_else(Name::default, |element| type_word(&element)),
        ast::Type::VarcharType(_) => "varchar".into(),
        ast::Type::CharacterType(_) => "bpchar".into(),
        ast::Type::BitType(_) => "bit".into(),
        ast::Type::BitVaryingType(_) => "varbit".into(),
        ast::Type::DoubleType(_) => "float8".into(),
        ast::Type::IntervalType(_) => "interval".into(),
        ast::Type::TimeType(time) => zoned("time", time.timezone()),
        ast::Type::TimestampType(time) => zoned("timestamp", time.timezone()),
        ast::Type::PathType(named) => {
            let (schema, word) = named.path_ref().map(|named| path(&named)).unwrap_or_default();
            match word.as_str() {
                _ if schema.is_some() => word,
                "int" | "integer" => "int4".into(),
                "bigint" => "int8".into(),
                "smallint" => "int2".into(),
                "real" => "float4".into(),
                "float" => "float8".into(),
                "decimal" | "dec" => "numeric".into(),
                "boolean" => "bool".into(),
                _ => word,
            }
        }
    }
}
