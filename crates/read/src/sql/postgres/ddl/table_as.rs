//! CREATE TABLE AS and SELECT INTO: a table with the columns of a query, as far as they can be told.

use std::sync::Arc;

use model::object::Column;
use model::query::{Source, TargetValue};
use model::step::How;
use model::{Expr, Name, QName, Query, Type};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::name;
use super::super::query::view_query;
use super::super::statement::Read;
use super::options::with_params;
use super::table::{Making, persistence};

/// `CREATE TABLE … AS`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateTableAs) -> Read {
    let persistence = persistence(node.persistence());
    let mut making = Making::new(cx, cx.new_relation(persistence, &node.table_name()?));
    let table = &mut making.table;
    table.persistence = persistence;
    table.access_method = node.using_method().and_then(|using| using.access_method_ref()).map(|method| name(&method));
    table.tablespace = node.tablespace_clause().and_then(|clause| clause.tablespace_ref()).map(|space| name(&space));
    if let Some(ast::TableParams::WithParams(params)) = node.table_params() {
        table.options = with_params(Some(params));
        table.options.remove("oids");
    }
    // What EXECUTE returns is known to the session that prepared it, not here.
    if let Some(query) = node.query().and_then(|query| query.select_variant()) {
        table.columns = columns(cx, query.syntax());
    }
    let arguments = node.table_arg_list().into_iter().flat_map(|list| list.args().collect::<Vec<_>>());
    let names = arguments.filter_map(|argument| match argument {
        ast::TableArg::Column(column) => Some(name(&column.name()?)),
        _ => None,
    });
    rename(&mut table.columns, names);
    let no_data = matches!(node.data_option(), Some(ast::DataOption::WithNoData(_)));
    let statement = making.finish(node.syntax(), node.table_name(), node.if_not_exists());
    let how = How { no_data, ..statement.how.clone() };
    Some(statement.how(how))
}

/// `SELECT … INTO table`
pub(crate) fn select_into(cx: Context<'_>, node: &ast::SelectInto) -> Read {
    let into = node.into_clause()?;
    let persistence = persistence(into.persistence());
    let mut making = Making::new(cx, cx.new_relation(persistence, &into.table_name()?));
    making.table.persistence = persistence;
    making.table.columns = columns(cx, node.syntax());
    Some(making.finish(node.syntax(), into.table_name(), None))
}

/// The names that the statement gives to the columns, in order; more names than columns make columns of their own.
fn rename(columns: &mut Vec<Arc<Column>>, names: impl Iterator<Item = Name>) {
    for (index, name) in names.enumerate() {
        match columns.get_mut(index) {
            Some(column) => Arc::make_mut(column).name = name,
            None => columns.push(Arc::new(Column::new(name, Type::builtin("unknown")))),
        }
    }
}

fn columns(cx: Context<'_>, node: &SyntaxNode) -> Vec<Arc<Column>> {
    let (query, names) = view_query(cx, node);
    let types = query_types(cx, &query);
    let typed = names.into_iter().enumerate();
    typed
        .map(|(index, name)| {
            let ty = types.get(index).cloned().flatten().unwrap_or_else(|| Type::builtin("unknown"));
            Arc::new(Column::new(name, ty))
        })
        .collect()
}

/// The type of each column of the query's result, where it can be told.
fn query_types(cx: Context<'_>, query: &Query) -> Vec<Option<Type>> {
    if let Some(set) = &query.set {
        let (left, right) = (query_types(cx, &set.left), query_types(cx, &set.right));
        return left
            .into_iter()
            .zip(right)
            .map(|(left, right)| left.filter(|left| Some(left) == right.as_ref()))
            .collect();
    }
    let targets = query.targets.iter();
    let types = targets.map(|target| match &target.value {
        TargetValue::Expr(expr) => type_of(cx, query, expr),
        TargetValue::Star(_) => None,
    });
    types.collect()
}

fn type_of(cx: Context<'_>, query: &Query, expr: &Expr) -> Option<Type> {
    Some(match expr {
        Expr::Column(column) => return column_type(cx, query, column.qualifier.as_ref(), &column.name),
        Expr::Cast { ty, .. } => ty.clone(),
        Expr::Bool(_) | Expr::Test { .. } | Expr::In { .. } | Expr::Between { .. } | Expr::Quantified { .. } => {
            Type::Boolean
        }
        Expr::String(_) => Type::Text,
        Expr::Number(number) => match (number.parse::<i32>(), number.parse::<i64>()) {
            (Ok(_), _) => Type::Integer,
            (_, Ok(_)) => Type::BigInt,
            _ => Type::Numeric(None),
        },
        Expr::Keyword(word) => match word.as_str() {
            "CURRENT_DATE" => Type::Date,
            "CURRENT_TIMESTAMP" => Type::Timestamp { zone: true, precision: None },
            "LOCALTIMESTAMP" => Type::Timestamp { zone: false, precision: None },
            _ => return None,
        },
        Expr::Binary { op, .. } => match op.as_str() {
            "AND"
            | "OR"
            | "="
            | "<>"
            | "<"
            | ">"
            | "<="
            | ">="
            | "LIKE"
            | "ILIKE"
            | "NOT LIKE"
            | "NOT ILIKE"
            | "IS DISTINCT FROM"
            | "IS NOT DISTINCT FROM" => Type::Boolean,
            _ => return None,
        },
        Expr::Unary { op, .. } if op == "NOT" => Type::Boolean,
        Expr::Collate { operand, .. } => return type_of(cx, query, operand),
        Expr::Case { arms, otherwise, .. } => {
            let mut results = arms.iter().map(|(_, result)| result).chain(otherwise.as_deref());
            return results.find(|result| **result != Expr::Null).and_then(|result| type_of(cx, query, result));
        }
        Expr::Call(call) => match call.function.name.as_str() {
            "count" | "row_number" | "rank" | "dense_rank" => Type::BigInt,
            "now" | "clock_timestamp" => Type::Timestamp { zone: true, precision: None },
            "lower" | "upper" | "concat" | "btrim" | "replace" | "string_agg" | "to_char" | "md5" => Type::Text,
            "gen_random_uuid" | "uuidv4" | "uuidv7" => Type::Uuid,
            "length" | "char_length" => Type::Integer,
            "bool_and" | "bool_or" => Type::Boolean,
            "min" | "max" | "coalesce" | "nullif" | "greatest" | "least" | "first_value" | "last_value" => {
                return call.args.first().and_then(|argument| type_of(cx, query, argument));
            }
            "array_agg" => type_of(cx, query, call.args.first()?)?.array(),
            _ => return None,
        },
        _ => return None,
    })
}

fn column_type(cx: Context<'_>, query: &Query, qualifier: Option<&Name>, name: &Name) -> Option<Type> {
    query.from.iter().find_map(|source| type_in(cx, query, source, qualifier, name))
}

fn type_in(cx: Context<'_>, query: &Query, source: &Source, qualifier: Option<&Name>, name: &Name) -> Option<Type> {
    match source {
        Source::Table(table) => {
            let alias = table.alias.as_ref().unwrap_or(&table.name.name);
            if qualifier.is_some_and(|qualifier| qualifier != alias) {
                return None;
            }
            if table.cte {
                let cte = query.ctes.iter().find(|cte| cte.name == table.name.name)?;
                return result_type(cx, &cte.query, name);
            }
            table_column(cx, &table.name, name)
        }
        Source::Subquery { query, alias, .. } => {
            let named = qualifier.is_none_or(|qualifier| Some(qualifier) == alias.as_ref());
            named.then(|| result_type(cx, query, name)).flatten()
        }
        Source::Join(join) => {
            type_in(cx, query, &join.left, qualifier, name).or_else(|| type_in(cx, query, &join.right, qualifier, name))
        }
        Source::Function { .. } | Source::Other(_) => None,
    }
}

fn table_column(cx: Context<'_>, table: &QName, name: &Name) -> Option<Type> {
    match cx.schema().column(table, name) {
        Some(column) => Some(column.ty.clone()),
        None => result_type(cx, &cx.schema().view(table)?.query, name),
    }
}

/// The type of the column of that name in the result of a query.
fn result_type(cx: Context<'_>, query: &Query, name: &Name) -> Option<Type> {
    let target = query.targets.iter().find(|target| match (&target.alias, &target.value) {
        (Some(alias), _) => alias == name,
        (None, TargetValue::Expr(expr)) => matches!(expr, Expr::Column(column) if column.name == *name),
        (None, TargetValue::Star(_)) => false,
    });
    match &target?.value {
        TargetValue::Expr(expr) => type_of(cx, query, expr),
        TargetValue::Star(_) => None,
    }
}
