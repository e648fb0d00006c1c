//! CREATE TABLE and CREATE FOREIGN TABLE.

use std::ops::Range;
use std::sync::Arc;

use model::object::{
    Column, ForeignTable, NotNull, Object, PartitionBy, PartitionKey, PartitionOf, PartitionStrategy, Persistence,
    Table,
};
use model::{Change, Name, Path, QName};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::name::{name, path};
use super::super::repeated::Recalled;
use super::super::sql_text::sql;
use super::super::statement::{PartPlace, Placed, Read, Statement};
use super::super::ty::ty;
use super::super::{Context, Scope};
use super::column::{Written, constraint_place};
use super::constraint::{constraint, not_null};
use super::index;
use super::like;
use super::options::{capitals, foreign_options, if_not_exists, with_params};
use super::same_key;

/// `CREATE TABLE`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateTable) -> Read {
    let persistence = persistence(node.persistence());
    let mut making = Making::new(cx, cx.new_relation(persistence, &node.table_name()?));
    let table = &mut making.table;
    table.persistence = persistence;
    table.of_type = node.of_type().and_then(|of| of.ty()).and_then(|of| ty(cx, &of).user_defined().cloned());
    table.inherits = parents(cx, node.inherits());
    table.partition_of = partition_of(cx, node.partition_of(), node.partition_type());
    table.access_method = node.using_method().and_then(|using| using.access_method_ref()).map(|method| name(&method));
    table.tablespace = node.tablespace_clause().and_then(|clause| clause.tablespace_ref()).map(|space| name(&space));
    table.options = match node.table_params() {
        Some(ast::TableParams::WithParams(params)) => with_params(Some(params)),
        _ => Default::default(),
    };
    // Rows have had no OIDs since PostgreSQL 12; the option is accepted when it says so.
    table.options.remove("oids");
    making.elements(node.table_arg_list());
    making.table.partition_by = node.partition_by().and_then(|by| making.partition_by(&by));
    Some(making.finish(node.syntax(), node.table_name(), node.if_not_exists()))
}

/// `CREATE FOREIGN TABLE`
pub(crate) fn create_foreign(cx: Context<'_>, node: &ast::CreateForeignTable) -> Read {
    let mut making = Making::new(cx, cx.new_object(&node.table_name()?));
    making.table.inherits = parents(cx, node.inherits());
    making.table.partition_of = partition_of(cx, node.partition_of(), node.partition_type());
    making.table.foreign = Some(ForeignTable {
        server: name(&node.server_clause()?.server_ref()?),
        options: foreign_options(node.alter_option_list()),
    });
    making.elements(node.table_arg_list());
    Some(making.finish(node.syntax(), node.table_name(), node.if_not_exists()))
}

impl Context<'_> {
    /// The name of a new table, view or sequence. Temporary ones live in a schema of their own.
    pub(super) fn new_relation(self, persistence: Persistence, node: &impl AstNode) -> QName {
        match path(node) {
            (None, name) if persistence == Persistence::Temporary => QName::new(TEMPORARY, name),
            (schema, name) => self.new_name(schema, name),
        }
    }
}

/// The alias by which every session reaches its own temporary schema.
const TEMPORARY: Name = Name::new_static("pg_temp");

pub(super) fn persistence(clause: Option<ast::Persistence>) -> Persistence {
    match clause {
        Some(ast::Persistence::Temp(_)) => Persistence::Temporary,
        Some(ast::Persistence::Unlogged(_)) => Persistence::Unlogged,
        None => Persistence::Permanent,
    }
}

fn parents(cx: Context<'_>, clause: Option<ast::Inherits>) -> Vec<QName> {
    let parents = clause.into_iter().flat_map(|clause| clause.table_name_refs().collect::<Vec<_>>());
    parents.map(|parent| cx.relation(&parent)).collect()
}

fn partition_of(
    cx: Context<'_>,
    parent: Option<ast::PartitionOf>,
    bound: Option<ast::PartitionType>,
) -> Option<PartitionOf> {
    let parent = cx.relation(&parent?.table_name_ref()?);
    Some(PartitionOf { parent, bound: sql(cx, &Scope::default(), bound?.syntax()) })
}

/// A table that grows as its definition is read, with what must be done before and after it is made.
pub(super) struct Making<'a> {
    pub(super) cx: Context<'a>,
    pub(super) table: Table,
    scope: Scope,
    parts: Vec<PartPlace>,
    before: Vec<Placed>,
    pub(super) after: Vec<Placed>,
    taken: Vec<QName>,
}

impl<'a> Making<'a> {
    pub(super) fn new(cx: Context<'a>, name: QName) -> Making<'a> {
        Making {
            cx,
            taken: vec![name.clone()],
            table: Table::new(name),
            scope: Scope::default(),
            parts: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// The list in parentheses. Every expression in it sees all columns, also those that stand behind it.
    fn elements(&mut self, list: Option<ast::TableArgList>) {
        let elements = in_order(list, self.cx.recalled);
        let inherited = self.inherited();
        let mut names: Vec<Name> = inherited.iter().map(|column| column.name.clone()).collect();
        names.reserve(elements.len());
        for element in &elements {
            match element {
                Element::Recalled(column) => names.push(column.name.clone()),
                Element::Written(ast::TableArg::Column(column)) => names.extend(column.name().map(|own| name(&own))),
                Element::Written(ast::TableArg::LikeClause(clause)) => {
                    names.extend(like::column_names(self.cx, clause));
                }
                Element::Written(ast::TableArg::TableConstraint(_)) => {}
            }
        }
        self.scope = Scope::of(&self.table.name, names);
        self.table.columns.reserve_exact(elements.len());
        self.parts.reserve(elements.len());
        for element in &elements {
            match element {
                Element::Recalled(column) => self.recalled(column),
                Element::Written(ast::TableArg::Column(column)) => self.column(column, &inherited),
                Element::Written(ast::TableArg::LikeClause(clause)) => like::copy(self, clause),
                Element::Written(ast::TableArg::TableConstraint(node)) => self.constraint(node),
            }
        }
    }

    fn recalled(&mut self, column: &Recalled) {
        self.cx.note(column.looked_up());
        self.table.columns.push(Arc::new(column.column()));
        self.parts.push(column.place(self.cx, &self.table.name));
    }

    /// The columns that parents, a partitioned table or a type give.
    fn inherited(&self) -> Vec<Column> {
        let of_partition = self.table.partition_of.iter().map(|of| &of.parent);
        let parents: Vec<&QName> = self.table.inherits.iter().chain(of_partition).collect();
        if parents.is_empty() && self.table.of_type.is_none() {
            // Nothing is asked of the schema: most tables can be read ahead.
            return Vec::new();
        }
        let schema = self.cx.schema();
        let parents = parents.into_iter().filter_map(|parent| schema.table(parent));
        let mut columns: Vec<Column> =
            parents.flat_map(|parent| &parent.columns).map(|column| Column::clone(column)).collect();
        if let Some(of) = &self.table.of_type
            && let Some(Object::Composite(composite)) = schema.object(&Path::object(model::Kind::Composite, of))
        {
            columns.extend(composite.attributes.iter().map(|attribute| Column {
                collation: attribute.collation.clone(),
                ..Column::new(attribute.name.clone(), attribute.ty.clone())
            }));
        }
        columns
    }

    fn column(&mut self, node: &ast::Column, inherited: &[Column]) {
        let Some(written) = Written::in_table(node) else { return };
        // Only a definition without a type speaks of a column that is there already.
        let base = inherited.iter().find(|column| column.name == written.own).filter(|_| node.ty().is_none());
        let persistence = self.table.persistence;
        let before = self.cx.look_ups();
        let made = written.make(self.cx, &self.scope, &self.table.name, base, || persistence, &mut self.taken);
        if made.is_general()
            && let Some(ty) = node.ty()
        {
            let (text, start) = (node.syntax().text(), node.syntax().text_range().start());
            let ty = Range::<usize>::from(ty.syntax().text_range() - start);
            self.cx.remember(before, |memory, looked_up| memory.learn(&text, &made.column, ty, looked_up));
        }
        self.table.columns.push(Arc::new(made.column));
        self.parts.push(made.place);
        for (constraint, place) in made.constraints {
            self.table.constraints.push(in_new_table(constraint));
            self.parts.push(place);
        }
        if let Some(serial) = made.serial {
            self.before.push(serial.before);
            self.after.push(serial.after);
        }
    }

    fn constraint(&mut self, node: &ast::TableConstraint) {
        let Some(node) = ast::Constraint::cast(node.syntax().clone()) else { return };
        if let ast::Constraint::NotNullConstraint(it) = &node {
            let (column, fact) = not_null(it);
            let column = column.and_then(|column| self.table.column_mut(&column));
            if let Some(column) = column {
                column.not_null = Some(NotNull { not_valid: false, ..fact });
            }
        } else if let Some(made) = constraint(self.cx, &self.scope, &node, None) {
            self.parts.push(constraint_place(self.cx, &self.table.name, &made, &node));
            self.table.constraints.push(in_new_table(made));
        }
    }

    fn partition_by(&self, by: &ast::PartitionBy) -> Option<PartitionBy> {
        let strategy = match capitals(by.partition_strategy()?.syntax()).as_str() {
            "LIST" => PartitionStrategy::List,
            "HASH" => PartitionStrategy::Hash,
            _ => PartitionStrategy::Range,
        };
        let items = by.partition_item_list()?.partition_items();
        let keys = items.filter_map(|item| index::key(self.cx, &self.scope, &item));
        let keys = keys.map(|key| PartitionKey { expr: key.expr, collation: key.collation, opclass: key.opclass });
        Some(PartitionBy { strategy, keys: keys.collect() })
    }

    pub(super) fn finish(
        mut self,
        stmt: &SyntaxNode,
        name: Option<ast::TableName>,
        skip: Option<ast::IfNotExists>,
    ) -> Statement {
        // Where the table is there already, nothing else of the statement happens either.
        let path = Path::table(&self.table.name);
        let skipped = skip.is_some() && self.cx.is_taken(&path);
        same_key::merge(&mut self.table, &mut self.parts);
        let change = Change::Create { path, object: Object::Table(self.table.into()) };
        let mut placed = Placed::new(self.cx, stmt, change).named(self.cx, name.as_ref());
        placed.parts = self.parts;
        let changes = match skipped {
            true => vec![placed],
            false => self.before.into_iter().chain([placed]).chain(self.after).collect(),
        };
        Statement::define(changes).how(if_not_exists(skip))
    }
}

/// An element of the list.
enum Element<'a> {
    Written(ast::TableArg),
    /// It has no node in the tree.
    Recalled(&'a Recalled),
}

fn in_order(list: Option<ast::TableArgList>, recalled: &[Recalled]) -> Vec<Element<'_>> {
    let mut elements = Vec::with_capacity(recalled.len() + 8);
    let mut recalled = recalled.iter().peekable();
    for written in list.into_iter().flat_map(|list| list.args()) {
        let start = usize::from(written.syntax().text_range().start());
        while let Some(column) = recalled.next_if(|column| column.start() < start) {
            elements.push(Element::Recalled(column));
        }
        elements.push(Element::Written(written));
    }
    elements.extend(recalled.map(Element::Recalled));
    elements
}

/// In a table without rows a constraint is valid whatever the statement says.
fn in_new_table(constraint: model::object::Constraint) -> model::object::Constraint {
    model::object::Constraint { valid: true, ..constraint }
}
