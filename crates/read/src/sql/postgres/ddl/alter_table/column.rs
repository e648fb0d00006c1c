//! The actions on columns.

use model::change::Aspect;
use model::object::{Generated, Identity, NotNull, Object};
use model::{Change, Path, Type};
use squawk_syntax::ast::{self, AstNode};

use super::super::super::Context;
use super::super::super::expr::expr;
use super::super::super::name::name;
use super::super::super::statement::Placed;
use super::super::super::ty::ty;
use super::super::column::{Written, compression, identity, storage};
use super::super::named::text;
use super::super::options::{cascades, default_of, foreign_changes, integer};
use super::super::sequence::with_options;
use super::{Altering, reset_options, set_options};

impl Altering {
    pub(super) fn add_column(&mut self, cx: Context<'_>, node: &ast::AddColumn) -> Option<()> {
        let written = Written::added(node)?;
        let table = self.table();
        let mut scope = self.scope(cx);
        if let Some(table) = scope.tables.first_mut() {
            table.columns = table.columns.and(&written.own);
        }
        let mut taken = Vec::new();
        let persistence = || cx.schema().table(&table).map(|table| table.persistence).unwrap_or_default();
        let made = written.make(cx, &scope, &table, None, persistence, &mut taken);
        let if_not_exists = node.if_not_exists().is_some();
        self.how.if_not_exists |= if_not_exists;
        let path = Path::column(&table, made.column.name.clone());
        // Where the column is there already, nothing else of the action happens either.
        let skipped = if_not_exists && cx.is_taken(&path);
        let change = Change::Create { path, object: Object::Column(Box::new(made.column)) };
        let placed = Placed { name: made.place.name, ty: made.place.ty, ..Placed::new(cx, node.syntax(), change) };
        if skipped {
            self.changes.push(placed);
            return Some(());
        }
        let (before, after) = made.serial.map(|serial| (serial.before, serial.after)).unzip();
        self.changes.extend(before);
        self.changes.push(placed);
        for (constraint, place) in made.constraints {
            let change = Change::add_constraint(&table, constraint);
            self.changes.push(Placed { change, whole: place.whole, parts: Vec::new(), name: place.name, ty: None });
        }
        self.changes.extend(after);
        Some(())
    }

    pub(super) fn drop_column(&mut self, cx: Context<'_>, node: &ast::DropColumn) -> Option<()> {
        let column = node.column_name_ref()?;
        let cascade = cascades(node.drop_behavior().as_ref());
        self.how.cascade |= cascade;
        self.how.if_exists |= node.if_exists().is_some();
        let path = Path::column(&self.table(), name(&column));
        self.changes.push(Placed::new(cx, node.syntax(), Change::Drop { path, cascade }).named(cx, Some(&column)));
        Some(())
    }

    pub(super) fn rename_column(&mut self, cx: Context<'_>, node: &ast::RenameColumn) -> Option<()> {
        let column = node.column_name_ref()?;
        let change =
            Change::Rename { path: Path::column(&self.table(), name(&column)), to: name(&node.column_name()?) };
        self.changes.push(Placed::new(cx, node.syntax(), change).named(cx, Some(&column)));
        Some(())
    }

    pub(super) fn alter_column(&mut self, cx: Context<'_>, node: &ast::AlterColumn) -> Option<()> {
        let reference = node.column_name_ref()?;
        let path = Path::column(&self.table(), name(&reference));
        let option = node.option()?;
        let written = match &option {
            ast::AlterColumnOption::SetType(it) => it.ty(),
            _ => None,
        };
        if let ast::AlterColumnOption::SetType(it) = &option
            && let Some(using) = it.using_expr().and_then(|using| using.expr())
        {
            self.how.using.push((path.part.clone(), expr(cx, &self.scope(cx), &using)));
        }
        let Some(aspect) = self.column_aspect(cx, &path, &option) else { return Some(()) };
        let placed = Placed::new(cx, node.syntax(), Change::alter(path, aspect));
        self.changes.push(placed.named(cx, Some(&reference)).typed(cx, written.as_ref()));
        Some(())
    }

    /// The new state of the column, or `None` where the model stays as it is.
    fn column_aspect(&self, cx: Context<'_>, path: &Path, option: &ast::AlterColumnOption) -> Option<Aspect> {
        use ast::AlterColumnOption as O;
        let column = cx.schema().column(&path.qname(), &path.part);
        let ty_now = || column.map_or(Type::BigInt, |column| column.ty.clone());
        Some(match option {
            O::SetType(it) => Aspect::Type {
                ty: ty(cx, &it.ty()?),
                collation: it.collate().and_then(|it| it.collation_ref()).map(|collation| cx.collation(&collation)),
            },
            O::SetDefault(it) => Aspect::Default(default_of(cx, &self.scope(cx), &ty_now(), it.expr())),
            O::DropDefault(_) => Aspect::Default(None),
            O::SetNotNull(_) => Aspect::NotNull(Some(NotNull::default())),
            O::DropNotNull(_) => Aspect::NotNull(None),
            O::AddGenerated(it) => Aspect::Identity(Some(Box::new(identity(
                cx,
                &ty_now(),
                it.generated_when(),
                it.sequence_option_list(),
            )))),
            O::SetGenerated(it) => {
                Aspect::Identity(Some(Box::new(Identity { always: is_always(it), ..self.identity_now(cx, path) })))
            }
            O::SetSequenceOption(it) => {
                let options = it.sequence_option().into_iter();
                Aspect::Identity(Some(Box::new(with_sequence(cx, self.identity_now(cx, path), options))))
            }
            O::SetGeneratedOptions(it) => {
                let mut identity = self.identity_now(cx, path);
                let mut options = Vec::new();
                for option in it.set_generated_options() {
                    match option {
                        ast::SetGeneratedOption::SetGenerated(it) => identity.always = is_always(&it),
                        ast::SetGeneratedOption::SetSequenceOption(it) => options.extend(it.sequence_option()),
                        ast::SetGeneratedOption::Restart(_) => {}
                    }
                }
                let only_restart =
                    options.is_empty() && column.and_then(|column| column.identity.as_deref()) == Some(&identity);
                if only_restart {
                    return None;
                }
                Aspect::Identity(Some(Box::new(with_sequence(cx, identity, options.into_iter()))))
            }
            O::DropIdentity(_) => Aspect::Identity(None),
            O::DropExpression(_) => Aspect::Generated(None),
            O::SetExpression(it) => Aspect::Generated(Some(Box::new(Generated {
                expr: expr(cx, &self.scope(cx), &it.expr()?),
                stored: column.and_then(|column| column.generated.as_ref()).is_none_or(|generated| generated.stored),
            }))),
            O::SetStatistics(it) => {
                let target = it.expr().and_then(|target| integer(target.syntax()));
                Aspect::ColumnStatistics(
                    target.and_then(|target| i32::try_from(target).ok()).filter(|target| *target >= 0),
                )
            }
            O::SetOptions(it) => Aspect::Options(set_options(it.attribute_list())),
            O::ResetOptions(it) => Aspect::Options(reset_options(it.attribute_list())),
            O::SetOptionsList(it) => Aspect::Options(foreign_changes(it.alter_option_list())),
            O::SetStorage(it) => Aspect::Storage(storage(&it.storage_mode()?, &ty_now())),
            O::SetCompression(it) => Aspect::Compression(compression(&it.compression_method_name()?)),
            // Where the sequence goes on counting is data, not definition.
            O::Restart(_) => return None,
            O::Inherit(_) | O::NoInherit(_) => Aspect::Other(text(cx, option.syntax())),
        })
    }

    fn identity_now(&self, cx: Context<'_>, path: &Path) -> Identity {
        let column = cx.schema().column(&path.qname(), &path.part);
        let known = column.and_then(|column| column.identity.as_deref().cloned());
        known.unwrap_or_else(|| identity(cx, &column.map_or(Type::BigInt, |column| column.ty.clone()), None, None))
    }
}

fn is_always(set: &ast::SetGenerated) -> bool {
    !matches!(set.generated_when(), Some(ast::GeneratedWhen::GeneratedByDefault(_)))
}

fn with_sequence(cx: Context<'_>, identity: Identity, options: impl Iterator<Item = ast::SequenceOption>) -> Identity {
    Identity { sequence: with_options(cx, identity.sequence, options, false), ..identity }
}
