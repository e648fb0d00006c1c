//! Views and materialized views.

use model::object::View;
use model::query::{Query, TargetValue};
use model::{Expr, Name};

use super::layout::laid_out;
use super::words;

pub(super) fn create(view: &View, verb: &str) -> String {
    let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let name = words::created(&view.name, view.persistence);
    let columns = match named_otherwise(view) {
        true => format!(" ({})", words::names(&view.columns)),
        false => String::new(),
    };
    let method = view.access_method.as_ref().map(|method| format!(" USING {method}")).unwrap_or_default();
    let options = words::with(&view.options);
    let tablespace = words::tablespace(view.tablespace.as_ref());
    let data = if view.materialized && !view.populated { "\nWITH NO DATA" } else { "" };
    let query = laid_out(&view.query.sql.to_string());
    let persistence = words::persistence(view.persistence);
    format!("{verb} {persistence}{kind} {name}{columns}{method}{options}{tablespace} AS\n{query}{data};")
}

/// The columns have names that the query does not give them.
fn named_otherwise(view: &View) -> bool {
    !view.columns.is_empty() && output_names(&view.query).is_none_or(|names| names != view.columns)
}

/// The names that the database gives to the columns of a query; nothing when a star or an expression hides them.
fn output_names(query: &Query) -> Option<Vec<Name>> {
    if let Some(set) = &query.set {
        return output_names(&set.left);
    }
    query
        .targets
        .iter()
        .map(|target| match (&target.alias, &target.value) {
            (Some(alias), _) => Some(alias.clone()),
            (None, TargetValue::Expr(expr)) => output_name(expr),
            (None, TargetValue::Star(_)) => None,
        })
        .collect()
}

/// `FigureColname` of PostgreSQL, for the plain cases.
fn output_name(expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Column(column) => Some(column.name.clone()),
        Expr::Call(call) => Some(call.function.name.clone()),
        Expr::Field { field, .. } => Some(field.clone()),
        _ => None,
    }
}
