//! The actions on constraints.

use model::change::Aspect;
use model::{Change, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::super::Context;
use super::super::super::name::{name, path};
use super::super::super::statement::Placed;
use super::super::constraint::{constraint, deferrable, not_null};
use super::super::options::cascades;
use super::Altering;

impl Altering {
    pub(super) fn add_constraint(&mut self, cx: Context<'_>, node: &ast::AddConstraint) -> Option<()> {
        let written = node.constraint()?;
        let named = written.constraint_name();
        let table = self.table();
        let change = match &written {
            ast::Constraint::NotNullConstraint(it) => {
                let (column, fact) = not_null(it);
                Change::alter(Path::column(&table, column?), Aspect::NotNull(Some(fact)))
            }
            other => Change::add_constraint(&table, constraint(cx, &self.scope(cx), other, None)?),
        };
        self.changes.push(Placed::new(cx, node.syntax(), change).named(cx, named.as_ref()));
        Some(())
    }

    pub(super) fn drop_constraint(&mut self, cx: Context<'_>, node: &ast::DropConstraint) -> Option<()> {
        let reference = node.constraint_name_ref()?;
        let cascade = cascades(node.drop_behavior().as_ref());
        self.how.cascade |= cascade;
        self.how.if_exists |= node.if_exists().is_some();
        let change = match self.not_null_column(cx, &reference) {
            Some(column) => Change::alter(column, Aspect::NotNull(None)),
            None => Change::Drop { path: self.constraint(&reference), cascade },
        };
        self.changes.push(Placed::new(cx, node.syntax(), change).named(cx, Some(&reference)));
        Some(())
    }

    pub(super) fn alter_constraint(&mut self, cx: Context<'_>, node: &ast::AlterConstraint) -> Option<()> {
        let reference = node.constraint_name_ref()?;
        let path = self.constraint(&reference);
        let mut aspects = Vec::new();
        for option in node.constraint_options() {
            match option {
                ast::ConstraintOption::Enforced(_) => aspects.push(Aspect::Enforced(true)),
                ast::ConstraintOption::NotEnforced(_) => aspects.push(Aspect::Enforced(false)),
                ast::ConstraintOption::Inherit(_) => aspects.push(Aspect::NoInherit(false)),
                ast::ConstraintOption::NoInherit(_) => aspects.push(Aspect::NoInherit(true)),
                _ => {}
            }
        }
        aspects.extend(deferrable(node.constraint_options()).map(Aspect::Deferrable));
        let changes = aspects.into_iter().map(|aspect| Change::alter(path.clone(), aspect));
        self.changes.extend(changes.map(|change| Placed::new(cx, node.syntax(), change).named(cx, Some(&reference))));
        Some(())
    }

    pub(super) fn rename_constraint(&mut self, cx: Context<'_>, node: &ast::RenameConstraint) -> Option<()> {
        let reference = node.constraint_name_ref()?;
        let to = name(&node.constraint_name()?);
        let change = match self.not_null_column(cx, &reference) {
            Some(column) => {
                let fact = cx.schema().column(&column.qname(), &column.part)?.not_null.clone()?;
                Change::alter(column, Aspect::NotNull(Some(model::object::NotNull { name: Some(to), ..fact })))
            }
            None => Change::Rename { path: self.constraint(&reference), to },
        };
        self.changes.push(Placed::new(cx, node.syntax(), change).named(cx, Some(&reference)));
        Some(())
    }

    pub(super) fn validate_constraint(&mut self, cx: Context<'_>, node: &ast::ValidateConstraint) -> Option<()> {
        let reference = node.constraint_name_ref()?;
        let change = match self.not_null_column(cx, &reference) {
            Some(column) => {
                let fact = cx.schema().column(&column.qname(), &column.part)?.not_null.clone()?;
                Change::alter(column, Aspect::NotNull(Some(model::object::NotNull { not_valid: false, ..fact })))
            }
            None => Change::alter(self.constraint(&reference), Aspect::Validate),
        };
        self.changes.push(Placed::new(cx, node.syntax(), change).named(cx, Some(&reference)));
        Some(())
    }

    fn constraint(&self, reference: &ast::ConstraintNameRef) -> Path {
        Path::constraint(&self.table(), path(reference).1)
    }

    /// The column whose NOT NULL has this name, where no other constraint has it.
    fn not_null_column(&self, cx: Context<'_>, reference: &ast::ConstraintNameRef) -> Option<Path> {
        let own = path(reference).1;
        let table = cx.schema().table(&self.table())?;
        if table.constraint(&own).is_some() {
            return None;
        }
        let automatic = |column: &str| format!("{}_{column}_not_null", table.name.name);
        let column = table.columns.iter().find(|column| {
            column.not_null.as_ref().is_some_and(|fact| match &fact.name {
                Some(name) => *name == own,
                None => own == automatic(&column.name),
            })
        })?;
        Some(Path::column(&table.name, column.name.clone()))
    }
}
