//! CREATE INDEX and ALTER INDEX.

use model::change::Aspect;
use model::object::{Index, IndexKey, Object};
use model::step::How;
use model::{Change, Expr, Name, Path, QName};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::expr;
use super::super::name::{name, path};
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::object::method;
use super::options::{attribute_options, attributes, if_exists, integer, with_params};

/// `CREATE INDEX`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateIndex) -> Read {
    let on = node.table_relation_name()?;
    let table = cx.relation(&on.table_name_ref()?);
    let scope = Scope::of(&table, cx.columns_of(&table).unwrap_or_default());
    let only = on.only_token().is_some();
    // Made with ONLY, the index waits for those of the partitions, if there are any.
    let waits = only && cx.schema().table(&table).is_some_and(|table| table.is_partitioned());
    let waits = waits && cx.schema().children(&table).next().is_some();
    let keys = node.partition_item_list()?.partition_items();
    let index = Index {
        name: node.index().map(|own| path(&own).1).unwrap_or_default(),
        method: method(node.using_method()),
        unique: node.unique_token().is_some(),
        nulls_not_distinct: matches!(node.nulls_distinct_option(), Some(ast::NullsDistinctOption::NullsNotDistinct(_))),
        keys: keys.filter_map(|item| key(cx, &scope, &item)).collect(),
        include: included(node.index_include_clause()),
        predicate: node.where_clause().and_then(|clause| clause.expr()).map(|node| expr(cx, &scope, &node)),
        options: with_params(node.with_params()),
        tablespace: node.tablespace_clause().and_then(|clause| clause.tablespace_ref()).map(|space| name(&space)),
        valid: !waits,
        ..Index::btree("", [])
    };
    let change =
        Change::Create { path: Path::index(&table, index.name.clone()), object: Object::Index(Box::new(index)) };
    let how = How {
        concurrently: node.concurrently_token().is_some(),
        if_not_exists: node.if_not_exists().is_some(),
        only,
        ..How::default()
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, node.index().as_ref())]).how(how))
}

fn included(clause: Option<ast::IndexIncludeClause>) -> Vec<Name> {
    let items = clause.and_then(|clause| clause.partition_item_list());
    let items = items.into_iter().flat_map(|list| list.partition_items().collect::<Vec<_>>());
    let columns = items.filter_map(|item| match item.expr()? {
        ast::Expr::NameRef(column) => Some(name(&column)),
        _ => None,
    });
    columns.collect()
}

/// One key of an index, with what PostgreSQL fills in: the last place for NULLs, the first when descending.
pub(super) fn key(cx: Context<'_>, scope: &Scope, item: &ast::PartitionItem) -> Option<IndexKey> {
    let opclass = item.op_class_ref().map(|class| cx.opclass(&class));
    let opclass = opclass.filter(|class| item.attribute_list().is_some() || !is_usual(class));
    let mut key = bare_key(cx, scope, &item.expr()?, opclass);
    if let Some(collation) = item.collate().and_then(|collate| collate.collation_ref()) {
        key.collation = Some(cx.collation(&collation));
    }
    key.opclass_options = attribute_options(item.attribute_list());
    key.descending = matches!(item.sort_order(), Some(ast::SortOrder::SortDesc(_)));
    key.nulls_first = match item.nulls_order() {
        Some(ast::NullsOrder::NullsFirst(_)) => true,
        Some(ast::NullsOrder::NullsLast(_)) => false,
        None => key.descending,
    };
    Some(key)
}

/// A built-in operator class that is the default of its type for every method that has it (pg_opclass of 14 to 18).
/// To name it says nothing, and the catalog does not keep that somebody did.
fn is_usual(class: &QName) -> bool {
    const USUAL: [&str; 22] = [
        "array_ops",
        "bit_ops",
        "bool_ops",
        "bpchar_ops",
        "bytea_ops",
        "date_ops",
        "enum_ops",
        "float4_ops",
        "float8_ops",
        "int2_ops",
        "int4_ops",
        "int8_ops",
        "interval_ops",
        "jsonb_ops",
        "numeric_ops",
        "oid_ops",
        "range_ops",
        "text_ops",
        "time_ops",
        "timestamp_ops",
        "timestamptz_ops",
        "uuid_ops",
    ];
    class.schema.is_empty() && USUAL.binary_search(&class.name.as_str()).is_ok()
}

/// A key of which only the expression is written; a collation at its end is the key's.
pub(super) fn bare_key(cx: Context<'_>, scope: &Scope, node: &ast::Expr, opclass: Option<QName>) -> IndexKey {
    let (value, collation) = match node {
        ast::Expr::Collate(collate) => {
            let collation = collate.collation_ref().map(|collation| cx.collation(&collation));
            (collate.expr().map_or(Expr::Null, |inner| expr(cx, scope, &inner)), collation)
        }
        _ => (expr(cx, scope, node), None),
    };
    IndexKey { expr: value, collation, opclass, ..IndexKey::column("") }
}

/// `ALTER INDEX`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterIndex) -> Read {
    if node.all_in_tablespace().is_some() {
        return Some(Statement::other("ALTER INDEX ALL IN TABLESPACE"));
    }
    let index = cx.relation_path(model::Kind::Index, &node.index_ref()?);
    let action = node.action()?;
    let change = match &action {
        ast::AlterIndexAction::AttachIndexPartition(attach) => {
            Some(Aspect::AttachIndex(cx.relation(&attach.index_ref()?)))
        }
        ast::AlterIndexAction::SetOptions(set) => {
            let options = attributes(set.attribute_list()).into_iter();
            Some(Aspect::Options(options.map(|(name, value)| (name, Some(value.unwrap_or("true".into())))).collect()))
        }
        ast::AlterIndexAction::ResetOptions(reset) => Some(Aspect::Options(
            attributes(reset.attribute_list()).into_iter().map(|(name, _)| (name, None)).collect(),
        )),
        ast::AlterIndexAction::SetTablespace(set) => Some(Aspect::Tablespace(name(&set.tablespace_ref()?))),
        ast::AlterIndexAction::AlterSetStatistics(set) => statistics(set),
        _ => None,
    };
    let how = if_exists(node.if_exists());
    Some(match change {
        Some(aspect) => Statement::define([Placed::new(cx, node.syntax(), Change::alter(index, aspect))]).how(how),
        None => alter::object(cx, node.syntax(), Some(index), Some(action.syntax().clone()))?.how(how),
    })
}

/// `ALTER COLUMN n SET STATISTICS m`: by the key's number.
fn statistics(set: &ast::AlterSetStatistics) -> Option<Aspect> {
    let key = integer(set.literal()?.syntax())?;
    let target = set.set_statistics()?.expr().and_then(|target| integer(target.syntax()));
    Some(Aspect::KeyStatistics {
        key: u16::try_from(key).ok()?,
        target: target.and_then(|target| i32::try_from(target).ok()).filter(|target| *target >= 0),
    })
}
