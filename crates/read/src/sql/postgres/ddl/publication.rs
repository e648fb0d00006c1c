//! Publications.

use model::change::Aspect;
use model::object::{Object, Options, Publication, PublishedTable};
use model::{Change, Kind, Name, Path, QName};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::expr;
use super::super::name::{name, path};
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::alter;
use super::named::text;
use super::object::global;
use super::options::{attribute_options, columns, with_params};

/// `CREATE PUBLICATION`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreatePublication) -> Read {
    let own = node.publication()?;
    let mut publication = Publication {
        name: name(&own),
        all_tables: false,
        tables: Vec::new(),
        schemas: Vec::new(),
        options: canonical(with_params(node.with_params())),
    };
    match node.publication_for_clause() {
        Some(ast::PublicationForClause::ForAllPublicationObjects(it)) => {
            publication.all_tables = all_tables(it.all_publication_objects());
        }
        Some(ast::PublicationForClause::ForPublicationObjects(it)) => {
            add(cx, &mut publication, it.publication_objects());
        }
        None => {}
    }
    let own_path = Path::global(Kind::Publication, publication.name.clone());
    let change = Change::Create { path: own_path, object: Object::Publication(publication) };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]))
}

/// Without what every publication has anyway, and the published kinds in the order of the catalog.
fn canonical(mut options: Options) -> Options {
    const KINDS: [&str; 4] = ["insert", "update", "delete", "truncate"];
    if let Some(published) = options.get_mut("publish") {
        let said: Vec<&str> = published.split(',').map(str::trim).collect();
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| said.contains(kind)).collect();
        *published = kinds.join(", ").into();
    }
    let all: Name = KINDS.join(", ").into();
    options.retain(|name, value| match name.as_str() {
        "publish" => *value != all,
        "publish_via_partition_root" => !["false", "off", "0"].contains(&value.as_str()),
        "publish_generated_columns" => value != "none",
        _ => true,
    });
    options
}

fn all_tables(mut objects: impl Iterator<Item = ast::AllPublicationObject>) -> bool {
    objects.any(|object| matches!(object, ast::AllPublicationObject::AllPublicationTables(_)))
}

fn add(cx: Context<'_>, publication: &mut Publication, objects: impl Iterator<Item = ast::PublicationObject>) {
    for member in members(cx, objects) {
        match member {
            Member::Table(it) => {
                let tables = published(cx, &it, &publication.tables);
                publication.tables.extend(tables);
            }
            Member::Schema(schema) => publication.schemas.push(schema),
        }
    }
}

enum Member {
    Table(ast::PublicationObjectTable),
    Schema(Name),
}

/// The words before the first of several hold for those behind it: `TABLES IN SCHEMA one, other`.
fn members(cx: Context<'_>, objects: impl Iterator<Item = ast::PublicationObject>) -> Vec<Member> {
    let mut members = Vec::new();
    let mut in_schema = false;
    for object in objects {
        let member = match object {
            ast::PublicationObject::PublicationObjectTable(it) if in_schema && it.table_token().is_none() => {
                it.table_name_ref().map(|table| Member::Schema(path(&table).1))
            }
            ast::PublicationObject::PublicationObjectTable(it) => {
                in_schema = false;
                Some(Member::Table(it))
            }
            ast::PublicationObject::PublicationObjectTablesInSchema(it) => {
                in_schema = true;
                let schema = it.schema_ref().map_or_else(|| cx.creation_schema(), |schema| name(&schema));
                Some(Member::Schema(schema))
            }
            ast::PublicationObject::PublicationObjectCurrentSchema(_) => Some(Member::Schema(cx.creation_schema())),
        };
        members.extend(member);
    }
    members
}

/// The table, and those below it that are not members yet.
fn published(cx: Context<'_>, node: &ast::PublicationObjectTable, known: &[PublishedTable]) -> Vec<PublishedTable> {
    let tables = meant(cx, node);
    let Some(table) = tables.first() else { return Vec::new() };
    let scope = Scope::of(table, cx.columns_of(table).unwrap_or_default());
    let filter = node.where_condition_clause().and_then(|clause| clause.expr());
    let filter = filter.map(|filter| expr(cx, &scope, &filter));
    let columns = columns(node.column_ref_list());
    let new = tables.into_iter().filter(|table| known.iter().all(|known| known.table != *table));
    new.map(|table| PublishedTable { table, columns: columns.clone(), filter: filter.clone() }).collect()
}

/// Without ONLY all tables that inherit from the named one are meant as well; the partitions of one are never members by
/// themselves (CREATE PUBLICATION).
fn meant(cx: Context<'_>, node: &ast::PublicationObjectTable) -> Vec<QName> {
    let Some(named) = node.table_name_ref() else { return Vec::new() };
    let mut tables = vec![cx.relation(&named)];
    let mut at = 0;
    while at < tables.len() && node.only_token().is_none() {
        let inheriting = cx.schema().inheriting(&tables[at]).filter(|child| !tables.contains(child));
        let inheriting: Vec<QName> = inheriting.cloned().collect();
        tables.extend(inheriting);
        at += 1;
    }
    tables
}

/// `ALTER PUBLICATION`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterPublication) -> Read {
    use ast::AlterPublicationAction as A;
    let path = global(Kind::Publication, node.publication_ref().as_ref())?;
    let action = node.action()?;
    if let Some(change) = alter::any(cx, &path, action.syntax()) {
        return Some(Statement::define([Placed::new(cx, node.syntax(), change)]));
    }
    let aspect = match cx.schema().object(&path) {
        Some(Object::Publication(known)) => {
            let mut publication = known.clone();
            match &action {
                A::AddPublicationObjects(it) => add(cx, &mut publication, it.publication_objects()),
                A::DropPublicationObjects(it) => remove(cx, &mut publication, it.publication_objects()),
                A::SetPublicationObjects(it) => {
                    publication.tables.clear();
                    publication.schemas.clear();
                    add(cx, &mut publication, it.publication_objects());
                }
                A::SetAllPublicationObjectList(it) => {
                    publication.all_tables = all_tables(it.all_publication_objects());
                }
                A::SetOptions(it) => {
                    publication.options.extend(attribute_options(it.attribute_list()));
                    publication.options = canonical(publication.options);
                }
                A::OwnerTo(_) | A::PublicationRenameTo(_) => {}
            }
            Aspect::Publication(Box::new(publication))
        }
        _ => Aspect::Other(text(cx, node.syntax())),
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), Change::alter(path, aspect))]))
}

fn remove(cx: Context<'_>, publication: &mut Publication, objects: impl Iterator<Item = ast::PublicationObject>) {
    for member in members(cx, objects) {
        match member {
            Member::Table(it) => {
                let tables = meant(cx, &it);
                publication.tables.retain(|known| !tables.contains(&known.table));
            }
            Member::Schema(schema) => publication.schemas.retain(|known| *known != schema),
        }
    }
}
