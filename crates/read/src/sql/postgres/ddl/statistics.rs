//! Extended statistics.

use model::change::Aspect;
use model::object::{Object, Statistics};
use model::{Change, Kind, Path, QName};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::exprs;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::options::{if_not_exists, integer};

/// `CREATE STATISTICS`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateStatistics) -> Read {
    let table = cx.relation(&node.from_table()?.table_name_ref()?);
    let scope = Scope::of(&table, cx.columns_of(&table).unwrap_or_default());
    let own = node.statistics();
    let kinds = node.stat_types().into_iter().flat_map(|types| types.statistics_kinds().collect::<Vec<_>>());
    let statistics = Statistics {
        name: own.as_ref().map_or_else(|| QName::new(table.schema.clone(), ""), |own| cx.new_object(own)),
        kinds: kinds.map(|kind| name(&kind)).collect(),
        keys: node.statistics_on_clause().map(|on| exprs(cx, &scope, on.exprs())).unwrap_or_default(),
        table,
        target: None,
    };
    let path = Path::object(Kind::Statistics, &statistics.name);
    let change = Change::Create { path, object: Object::Statistics(statistics) };
    let placed = Placed::new(cx, node.syntax(), change).named(cx, own.as_ref());
    Some(Statement::define([placed]).how(if_not_exists(node.if_not_exists())))
}

/// `ALTER STATISTICS`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterStatistics) -> Read {
    let path = cx.object_path(Kind::Statistics, &node.statistics_ref()?);
    let action = node.action()?;
    let ast::AlterStatisticsAction::SetStatistics(set) = &action else {
        return alter::object(cx, node.syntax(), Some(path), Some(action.syntax().clone()));
    };
    let target = set.expr().and_then(|target| integer(target.syntax()));
    // −1 is the default.
    let target = target.and_then(|target| i32::try_from(target).ok()).filter(|target| *target >= 0);
    let change = Change::alter(path, Aspect::StatisticsTarget(target));
    Some(Statement::define([Placed::new(cx, node.syntax(), change)]))
}
