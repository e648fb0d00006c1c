//! Statements that work on what is there: VACUUM, REINDEX, REFRESH, LOCK, TRUNCATE, COPY.

use model::step::{Action, How, Maintenance};
use model::{Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::query::query;
use super::super::statement::{Read, Statement};
use super::super::{Context, Scope};
use super::options::{capitals, cascades};

fn maintain(what: Maintenance, target: Option<Path>) -> Statement {
    Statement::new(Action::Maintain { what, target })
}

/// The first table of the list; without one, the statement is about the whole database.
fn first_table(cx: Context<'_>, list: Option<ast::TableAndColumnsList>) -> Option<Path> {
    let first = list?.table_and_columnss().next()?;
    Some(cx.relation_path(Kind::Table, &first.table_relation_name()?.table_name_ref()?))
}

/// `VACUUM`
pub(crate) fn vacuum(cx: Context<'_>, node: &ast::Vacuum) -> Read {
    let what = if node.is_full() { Maintenance::VacuumFull } else { Maintenance::Vacuum };
    Some(maintain(what, first_table(cx, node.table_and_columns_list())))
}

/// `ANALYZE`
pub(crate) fn analyze(cx: Context<'_>, node: &ast::Analyze) -> Read {
    Some(maintain(Maintenance::Analyze, first_table(cx, node.table_and_columns_list())))
}

/// `CLUSTER`
pub(crate) fn cluster(cx: Context<'_>, node: &ast::Cluster) -> Read {
    let legacy = node.cluster_legacy().and_then(|legacy| legacy.on_path()).and_then(|on| on.table_name_ref());
    let table = node.table_name_ref().or(legacy).map(|table| cx.relation_path(Kind::Table, &table));
    Some(maintain(Maintenance::Cluster, table))
}

/// `REPACK`, which writes the table anew as CLUSTER does.
pub(crate) fn repack(cx: Context<'_>, node: &ast::Repack) -> Read {
    Some(maintain(Maintenance::Cluster, first_table(cx, node.table_and_columns_list())))
}

/// `REINDEX`
pub(crate) fn reindex(cx: Context<'_>, node: &ast::Reindex) -> Read {
    let target = match node.reindex_target()? {
        ast::ReindexTarget::ReindexTargetIndex(it) => it.index_ref().map(|index| cx.relation_path(Kind::Index, &index)),
        ast::ReindexTarget::ReindexTargetTable(it) => {
            it.table_name_ref().map(|table| cx.relation_path(Kind::Table, &table))
        }
        ast::ReindexTarget::ReindexTargetSchema(it) => super::object::global(Kind::Namespace, it.schema_ref().as_ref()),
        ast::ReindexTarget::ReindexTargetDatabase(it) => {
            super::object::global(Kind::Database, it.database_ref().as_ref())
        }
        ast::ReindexTarget::ReindexTargetSystem(it) => {
            super::object::global(Kind::Database, it.database_ref().as_ref())
        }
    };
    let how = How { concurrently: node.is_concurrently(), ..How::default() };
    Some(maintain(Maintenance::Reindex, target).how(how))
}

/// `REFRESH MATERIALIZED VIEW`
pub(crate) fn refresh(cx: Context<'_>, node: &ast::Refresh) -> Read {
    let view = cx.relation_path(Kind::MaterializedView, &node.view_ref()?);
    let how = How {
        concurrently: node.concurrently_token().is_some(),
        no_data: matches!(node.data_option(), Some(ast::DataOption::WithNoData(_))),
        ..How::default()
    };
    Some(maintain(Maintenance::RefreshView, Some(view)).how(how))
}

/// `LOCK TABLE`
pub(crate) fn lock(cx: Context<'_>, node: &ast::Lock) -> Read {
    let tables =
        node.relation_list()?.relation_names().filter_map(|table| Some(cx.relation(&table.relation_name_ref()?)));
    let mode = node.lock_mode_clause().and_then(|clause| clause.lock_mode());
    let mode = mode.map_or(Name::new_static("ACCESS EXCLUSIVE"), |mode| capitals(mode.syntax()));
    Some(Statement::new(Action::LockTable { tables: tables.collect(), mode }))
}

/// `TRUNCATE`
pub(crate) fn truncate(cx: Context<'_>, node: &ast::Truncate) -> Read {
    let tables: Vec<_> = node.table_list()?.table_relation_names().collect();
    let cascade = cascades(node.drop_behavior().as_ref());
    let how = How { cascade, only: tables.iter().any(|table| table.only_token().is_some()), ..How::default() };
    let tables = tables.iter().filter_map(|table| Some(cx.relation(&table.table_name_ref()?))).collect();
    Some(Statement::new(Action::Truncate { tables, cascade }).how(how))
}

/// `COPY`
pub(crate) fn copy(cx: Context<'_>, node: &ast::Copy) -> Read {
    if let Some(inner) = node.copy_query() {
        let inner = query(cx, &Scope::default(), inner.preparable_stmt()?.syntax());
        return Some(Statement::new(Action::Query(Box::new(inner))));
    }
    let table = cx.relation(&node.copy_table()?.table_name_ref()?);
    let from = matches!(node.copy_direction(), Some(ast::CopyDirection::CopyFrom(_)));
    Some(Statement::new(Action::Copy { table, from }))
}
