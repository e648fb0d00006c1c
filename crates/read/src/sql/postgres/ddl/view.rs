//! Views and materialized views.

use model::change::Aspect;
use model::expr::Piece;
use model::name::quoted;
use model::object::{Object, Options, Persistence, View};
use model::query::{Cte, QueryKind, Source, TableSource, Target, TargetValue};
use model::step::How;
use model::{Change, Expr, Kind, Name, Path, QName, Query, Sql, Type};
use squawk_syntax::ast::{self, AstNode};

use super::super::name::name;
use super::super::query::view_query;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::alter_table::{reset_options, set_options};
use super::options::{default_of, if_exists, with_params};
use super::table::persistence;

/// `CREATE VIEW`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateView) -> Read {
    let persistence = persistence(node.persistence());
    let own = cx.new_relation(persistence, &node.view()?);
    let (query, columns) = view_query(cx, node.query()?.syntax());
    let columns = renamed(columns, node.column_list());
    let recursive = node.recursive_token().is_some();
    let mut view = View {
        query: if recursive { recursive_query(&own, query, &columns) } else { query },
        columns,
        persistence,
        options: with_params(node.with_params()),
        ..empty(&own)
    };
    if let Some(check) = node.with_check_option() {
        let level = match check.check_option_level() {
            Some(ast::CheckOptionLevel::LocalCheckOption(_)) => "local",
            _ => "cascaded",
        };
        view.options.insert(Name::new_static("check_option"), Name::new_static(level));
    }
    let path = Path::object(Kind::View, &own);
    let object = Object::View(view.into());
    let or_replace = node.or_replace().is_some();
    let change = if or_replace { Change::Replace { path, object } } else { Change::Create { path, object } };
    let placed = Placed::new(cx, node.syntax(), change).named(cx, node.view().as_ref());
    Some(Statement::define([placed]).how(How { or_replace, ..How::default() }))
}

/// `CREATE MATERIALIZED VIEW`
pub(crate) fn create_materialized(cx: Context<'_>, node: &ast::CreateMaterializedView) -> Read {
    let own = cx.new_object(&node.view()?);
    let (query, columns) = view_query(cx, node.query()?.syntax());
    let no_data = matches!(node.data_option(), Some(ast::DataOption::WithNoData(_)));
    let view = View {
        materialized: true,
        query,
        columns: renamed(columns, node.column_list()),
        options: with_params(node.with_params()),
        populated: !no_data,
        tablespace: node.tablespace_clause().and_then(|clause| clause.tablespace_ref()).map(|space| name(&space)),
        access_method: node.using_method().and_then(|using| using.access_method_ref()).map(|method| name(&method)),
        ..empty(&own)
    };
    let change = Change::Create { path: Path::object(Kind::MaterializedView, &own), object: Object::View(view.into()) };
    let how = How { if_not_exists: node.if_not_exists().is_some(), no_data, ..How::default() };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, node.view().as_ref())]).how(how))
}

fn empty(name: &QName) -> View {
    View {
        name: name.clone(),
        materialized: false,
        columns: Vec::new(),
        query: Query::opaque(QueryKind::Select, Sql::default(), Default::default()),
        options: Options::new(),
        persistence: Persistence::Permanent,
        populated: true,
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        defaults: Vec::new(),
        tablespace: None,
        access_method: None,
    }
}

/// The names that the statement lists take the place of the query's own, from the first.
fn renamed(mut columns: Vec<Name>, list: Option<ast::ColumnList>) -> Vec<Name> {
    let listed = list.into_iter().flat_map(|list| list.column_names().collect::<Vec<_>>());
    for (index, own) in listed.enumerate() {
        match columns.get_mut(index) {
            Some(column) => *column = name(&own),
            None => columns.push(name(&own)),
        }
    }
    columns
}

/// `CREATE RECURSIVE VIEW v (a, b) AS q` is `WITH RECURSIVE v (a, b) AS (q) SELECT a, b FROM v`.
fn recursive_query(view: &QName, inner: Query, columns: &[Name]) -> Query {
    let name = quoted(&view.name).into_owned();
    let list = columns.iter().map(|column| quoted(column).into_owned()).collect::<Vec<_>>().join(", ");
    let mut pieces = vec![Piece::Text(format!("WITH RECURSIVE {name} ({list}) AS (").into())];
    pieces.extend(inner.sql.pieces.iter().cloned());
    pieces.push(Piece::Text(format!(") SELECT {list} FROM {name}").into()));
    let span = inner.span;
    let target = |column: &Name| Target { value: TargetValue::Expr(Expr::column(column.clone())), alias: None, span };
    Query {
        targets: columns.iter().map(target).collect(),
        from: vec![Source::Table(TableSource {
            name: QName::new("", view.name.clone()),
            cte: true,
            alias: None,
            span,
        })],
        ctes: vec![Cte { name: view.name.clone(), query: inner, recursive: true }],
        ..Query::opaque(QueryKind::Select, Sql { pieces }, span)
    }
}

/// `ALTER VIEW`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterView) -> Read {
    let path = cx.relation_path(Kind::View, &node.view_ref()?);
    let action = node.action()?;
    let change = match &action {
        ast::AlterViewAction::RenameColumn(it) => {
            let column = Path::column(&path.qname(), name(&it.column_name_ref()?));
            Change::Rename { path: column, to: name(&it.column_name()?) }
        }
        ast::AlterViewAction::AlterViewColumn(it) => {
            let default = match it.alter_view_column_action()? {
                ast::AlterViewColumnAction::SetDefault(set) => {
                    default_of(cx, &Scope::default(), &Type::builtin("unknown"), set.expr())
                }
                ast::AlterViewColumnAction::DropDefault(_) => None,
            };
            Change::alter(path, Aspect::ViewDefault { column: name(&it.name()?), default })
        }
        ast::AlterViewAction::SetOptions(it) => Change::alter(path, Aspect::Options(set_options(it.attribute_list()))),
        ast::AlterViewAction::ResetOptions(it) => {
            Change::alter(path, Aspect::Options(reset_options(it.attribute_list())))
        }
        other => {
            let statement = alter::object(cx, node.syntax(), Some(path), Some(other.syntax().clone()))?;
            return Some(statement.how(if_exists(node.if_exists())));
        }
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), change)]).how(if_exists(node.if_exists())))
}
