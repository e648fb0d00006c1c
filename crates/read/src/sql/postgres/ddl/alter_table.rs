//! ALTER TABLE, ALTER FOREIGN TABLE and ALTER MATERIALIZED VIEW: one action after the other.

use model::change::Aspect;
use model::object::Persistence;
use model::step::How;
use model::{Change, Kind, Name, Path, QName, Schema};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::super::ty::ty;
use super::super::{Context, Scope};
use super::alter;
use super::named::text;
use super::options::{attributes, if_exists};

mod column;
mod constraint;
mod partition;
mod security;
mod trigger;

/// `ALTER TABLE`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterTable) -> Read {
    if node.all_in_tablespace().is_some() {
        return Some(Statement::other("ALTER TABLE ALL IN TABLESPACE"));
    }
    actions(cx, &node.table_relation_name()?, node.if_exists(), node.actions())
}

/// `ALTER FOREIGN TABLE`
pub(crate) fn alter_foreign(cx: Context<'_>, node: &ast::AlterForeignTable) -> Read {
    actions(cx, &node.table_relation_name()?, node.if_exists(), node.actions())
}

/// `ALTER MATERIALIZED VIEW`
pub(crate) fn alter_materialized_view(cx: Context<'_>, node: &ast::AlterMaterializedView) -> Read {
    if node.all_in_tablespace().is_some() {
        return Some(Statement::other("ALTER MATERIALIZED VIEW ALL IN TABLESPACE"));
    }
    let path = cx.relation_path(Kind::MaterializedView, &node.view_ref()?);
    let mut altering = Altering::new(path, How { ..if_exists(node.if_exists()) });
    for action in node.action() {
        match ast::AlterTableAction::cast(action.syntax().clone()) {
            Some(action) => altering.action(cx, &action),
            None => altering.anything(cx, action.syntax()),
        }
    }
    Some(altering.finish())
}

fn actions(
    cx: Context<'_>,
    table: &ast::TableRelationName,
    skip: Option<ast::IfExists>,
    actions: impl Iterator<Item = ast::AlterTableAction>,
) -> Read {
    let path = cx.relation_path(Kind::Table, &table.table_name_ref()?);
    let how = How { only: table.only_token().is_some(), ..if_exists(skip) };
    let mut altering = Altering::new(path, how);
    let actions: Vec<_> = actions.collect();
    // Each action sees what the ones before it left.
    let mut schema: Option<Schema> = None;
    for (index, action) in actions.iter().enumerate() {
        let done = altering.changes.len();
        altering.action(schema.as_ref().map_or(cx, |now| cx.seeing(now)), action);
        if index + 1 < actions.len() && !cx.is_early() {
            let mut next = schema.take().unwrap_or_else(|| cx.schema().clone());
            for placed in &altering.changes[done..] {
                // What the database would refuse is told when the statement is applied.
                let _ = model::apply(&mut next, &placed.change);
            }
            schema = Some(next);
        }
    }
    Some(altering.finish())
}

/// The statement as far as its actions were read.
pub(super) struct Altering {
    /// The table, or the view, index or sequence that ALTER TABLE was used on.
    path: Path,
    changes: Vec<Placed>,
    how: How,
    problems: Vec<model::Problem>,
}

impl Altering {
    fn new(path: Path, how: How) -> Altering {
        Altering { path, changes: Vec::new(), how, problems: Vec::new() }
    }

    fn finish(self) -> Statement {
        Statement { problems: self.problems, ..Statement::define(self.changes).how(self.how) }
    }

    fn table(&self) -> QName {
        self.path.qname()
    }

    fn scope(&self, cx: Context<'_>) -> Scope {
        let table = self.table();
        Scope::of(&table, cx.columns_of(&table).unwrap_or_default())
    }

    fn push(&mut self, cx: Context<'_>, node: &SyntaxNode, change: Change) {
        self.changes.push(Placed::new(cx, node, change));
    }

    /// A change of the table itself.
    fn alter(&mut self, cx: Context<'_>, node: &SyntaxNode, aspect: Aspect) {
        self.push(cx, node, Change::alter(self.path.clone(), aspect));
    }

    /// What holds for every kind of object, or else nothing that the model keeps.
    fn anything(&mut self, cx: Context<'_>, node: &SyntaxNode) {
        match alter::any(cx, &self.path, node) {
            Some(change) => self.push(cx, node, change),
            None => self.alter(cx, node, Aspect::Other(text(cx, node))),
        }
    }

    fn action(&mut self, cx: Context<'_>, action: &ast::AlterTableAction) {
        use ast::AlterTableAction as A;
        let node = action.syntax();
        // An action whose own words are missing is a syntax error, which the parser has reported.
        let _ = match action {
            A::AddColumn(it) => self.add_column(cx, it),
            A::DropColumn(it) => self.drop_column(cx, it),
            A::AlterColumn(it) => self.alter_column(cx, it),
            A::RenameColumn(it) => self.rename_column(cx, it),
            A::AddConstraint(it) => self.add_constraint(cx, it),
            A::DropConstraint(it) => self.drop_constraint(cx, it),
            A::AlterConstraint(it) => self.alter_constraint(cx, it),
            A::RenameConstraint(it) => self.rename_constraint(cx, it),
            A::ValidateConstraint(it) => self.validate_constraint(cx, it),
            A::AttachPartition(it) => self.attach_partition(cx, it),
            A::DetachPartition(it) => self.detach_partition(cx, it),
            A::InheritTable(it) => self.inherit(cx, it),
            A::NoInheritTable(it) => self.no_inherit(cx, it),
            A::EnableTrigger(_)
            | A::EnableReplicaTrigger(_)
            | A::EnableAlwaysTrigger(_)
            | A::DisableTrigger(_)
            | A::EnableRule(_)
            | A::EnableReplicaRule(_)
            | A::EnableAlwaysRule(_)
            | A::DisableRule(_) => self.enable(cx, action),
            A::EnableRls(_) | A::DisableRls(_) | A::ForceRls(_) | A::NoForceRls(_) => self.row_security(cx, action),
            A::ReplicaIdentity(it) => self.replica_identity(cx, it),
            A::MergePartitions(_)
            | A::SplitPartition(_)
            | A::OwnerTo(_)
            | A::SetSchema(_)
            | A::TableRenameTo(_)
            | A::OptionItemList(_) => {
                self.anything(cx, node);
                Some(())
            }
            // Tables have had no OIDs since PostgreSQL 12.
            A::SetWithoutOids(_) => Some(()),
            other => self.storage(cx, other),
        };
    }

    /// How and where the table is kept.
    fn storage(&mut self, cx: Context<'_>, action: &ast::AlterTableAction) -> Option<()> {
        use ast::AlterTableAction as A;
        let aspect = match action {
            A::SetLogged(_) => Aspect::Persistence(Persistence::Permanent),
            A::SetUnlogged(_) => Aspect::Persistence(Persistence::Unlogged),
            A::SetTablespace(it) => Aspect::Tablespace(name(&it.tablespace_ref()?)),
            A::SetAccessMethod(it) => {
                let method = it.access_method_ref().map(|method| name(&method));
                Aspect::AccessMethod(method.unwrap_or(Name::new_static("heap")))
            }
            A::ClusterOn(it) => Aspect::ClusterOn(Some(super::super::name::path(&it.index_ref()?).1)),
            A::SetWithoutCluster(_) => Aspect::ClusterOn(None),
            A::SetOptions(it) => Aspect::Options(set_options(it.attribute_list())),
            A::ResetOptions(it) => Aspect::Options(reset_options(it.attribute_list())),
            A::AlterOptionList(it) => Aspect::Options(super::options::foreign_changes(Some(it.clone()))),
            A::OfType(it) => Aspect::OfType(ty(cx, &it.ty()?).user_defined().cloned()),
            A::NotOf(_) => Aspect::OfType(None),
            _ => return None,
        };
        self.alter(cx, action.syntax(), aspect);
        Some(())
    }
}

pub(super) fn set_options(list: Option<ast::AttributeList>) -> Vec<(Name, Option<Name>)> {
    let on = |value: Option<Name>| Some(value.unwrap_or(Name::new_static("true")));
    attributes(list).into_iter().map(|(name, value)| (name, on(value))).collect()
}

pub(super) fn reset_options(list: Option<ast::AttributeList>) -> Vec<(Name, Option<Name>)> {
    attributes(list).into_iter().map(|(name, _)| (name, None)).collect()
}
