//! Aggregates.

use model::object::{Aggregate, Object};
use model::step::How;
use model::{Change, Kind, Name, Path, Sql};
use squawk_syntax::ast::{self, AstNode};

use super::super::sql_text::sql;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::object::aggregate_arguments;
use super::options::attribute_name;

/// `CREATE AGGREGATE`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateAggregate) -> Read {
    let own = node.aggregate_name()?;
    let name = cx.new_object(&own);
    let options = options(cx, node.attribute_list());
    let arguments = match node.param_list() {
        Some(params) => aggregate_arguments(cx, &params),
        // The old form has the type among the options.
        None => old_arguments(&options),
    };
    let options = options.into_iter().filter(|(name, _)| name != "BASETYPE").collect();
    let path = Path::part(Kind::Aggregate, &name, arguments.clone());
    let object = Object::Aggregate(Aggregate { name, arguments: Sql::text(arguments), options });
    let or_replace = node.or_replace().is_some();
    let change = if or_replace { Change::Replace { path, object } } else { Change::Create { path, object } };
    let how = How { or_replace, ..How::default() };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]).how(how))
}

fn options(cx: Context<'_>, list: Option<ast::AttributeList>) -> Vec<(Name, Sql)> {
    let options = list.into_iter().flat_map(|list| list.attribute_options().collect::<Vec<_>>());
    let named = options.filter_map(|option| Some((attribute_name(&option)?, option.attribute_value())));
    named
        .map(|(name, value)| {
            let value = value.map(|value| sql(cx, &Scope::default(), value.syntax())).unwrap_or_default();
            (Name::from(name.to_ascii_uppercase()), value)
        })
        .collect()
}

fn old_arguments(options: &[(Name, Sql)]) -> Name {
    let base = options.iter().find(|(name, _)| name == "BASETYPE").map(|(_, value)| value.to_string());
    match base.as_deref().map(|base| base.trim_matches(['\'', '"'])) {
        None | Some("ANY" | "any") => Name::new_static("*"),
        Some(base) => model::Type::from_builtin_name(base).map_or_else(|| base.into(), |ty| ty.to_string().into()),
    }
}

/// `ALTER AGGREGATE`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterAggregate) -> Read {
    let path = cx.aggregate_sig(&node.aggregate()?);
    alter::object(cx, node.syntax(), path, node.action().map(|action| action.syntax().clone()))
}
