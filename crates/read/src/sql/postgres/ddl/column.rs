//! A column as CREATE TABLE and ADD COLUMN define it, with the constraints behind it.

use model::object::{Column, Constraint, Generated, Identity, NotNull, Options, Persistence, Sequence};
use model::{Name, Path, QName, Type};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::expr;
use super::super::name::name;
use super::super::query::span;
use super::super::repeated::is_plain;
use super::super::statement::PartPlace;
use super::super::ty::{serial, ty};
use super::super::{Context, Scope};
use super::constraint::{constraint, not_null};
use super::options::{capitals, default_of, foreign_options};
use super::sequence::with_options;
use super::serial::{self, Serial};

/// What a column definition says, from either statement.
pub(super) struct Written {
    pub(super) node: SyntaxNode,
    pub(super) own: Name,
    name: ast::ColumnName,
    ty: Option<ast::Type>,
    collate: Option<ast::Collate>,
    options: Options,
    storage: Option<ast::StorageMode>,
    compression: Option<ast::CompressionMethodName>,
    constraints: Vec<ast::Constraint>,
}

/// A column, what it brings along, and where each of it stands.
pub(super) struct Made {
    pub(super) column: Column,
    pub(super) place: PartPlace,
    pub(super) constraints: Vec<(Constraint, PartPlace)>,
    pub(super) serial: Option<Serial>,
}

impl Written {
    pub(super) fn in_table(column: &ast::Column) -> Option<Written> {
        let column_name = column.name()?;
        let mut written = Written {
            node: column.syntax().clone(),
            own: name(&column_name),
            name: column_name,
            ty: column.ty(),
            collate: None,
            options: Options::new(),
            storage: None,
            compression: None,
            constraints: Vec::new(),
        };
        for clause in column.clauses() {
            match clause {
                ast::ColumnClause::Collate(collate) => written.collate = Some(collate),
                ast::ColumnClause::Storage(storage) => written.storage = storage.storage_mode(),
                ast::ColumnClause::CompressionMethod(method) => written.compression = method.compression_method_name(),
                ast::ColumnClause::AlterOptionList(list) => written.options = foreign_options(Some(list)),
                ast::ColumnClause::ColumnConstraint(constraint) => {
                    written.constraints.extend(ast::Constraint::cast(constraint.syntax().clone()));
                }
                ast::ColumnClause::WithOptions(_) => {}
            }
        }
        Some(written)
    }

    pub(super) fn added(column: &ast::AddColumn) -> Option<Written> {
        let clause = |child: SyntaxNode| Some((ast::Storage::cast(child.clone()), ast::CompressionMethod::cast(child)));
        let clauses = column.syntax().children().filter_map(clause).collect::<Vec<_>>();
        let column_name = column.column_name()?;
        Some(Written {
            node: column.syntax().clone(),
            own: name(&column_name),
            name: column_name,
            ty: column.ty(),
            collate: column.collate(),
            options: foreign_options(column.alter_option_list()),
            storage: clauses.iter().find_map(|(storage, _)| storage.as_ref()?.storage_mode()),
            compression: clauses.iter().find_map(|(_, method)| method.as_ref()?.compression_method_name()),
            constraints: column.constraints().collect(),
        })
    }

    /// The column of `table`. `base` is what its parent or type says of it, for a definition without a type.
    pub(super) fn make(
        &self,
        cx: Context<'_>,
        scope: &Scope,
        table: &QName,
        base: Option<&Column>,
        persistence: impl FnOnce() -> Persistence,
        taken: &mut Vec<QName>,
    ) -> Made {
        let own = &self.own;
        let ty = || self.ty.as_ref().map(|written| ty(cx, written));
        let plain = || Column::new(own.clone(), ty().unwrap_or_else(|| Type::builtin("unknown")));
        let based = |base: &Column| {
            let ty = ty().unwrap_or_else(|| base.ty.clone());
            Column { ty, inherited: false, ..base.clone() }
        };
        let mut column = base.map_or_else(plain, based);
        if let Some(collation) = self.collate.as_ref().and_then(|collate| collate.collation_ref()) {
            column.collation = Some(cx.collation(&collation));
        }
        column.options.extend(self.options.clone());
        if let Some(mode) = &self.storage {
            column.storage = storage(mode, &column.ty);
        }
        if let Some(method) = &self.compression {
            column.compression = compression(method);
        }
        let draws = self.ty.as_ref().and_then(serial);
        let serial = draws.map(|ty| serial::expand(cx, table, &mut column, ty, persistence(), taken, &self.node));
        let mut constraints = Vec::new();
        for node in &self.constraints {
            fact(cx, scope, &mut column, node);
            if let Some(made) = constraint(cx, scope, node, Some(own)) {
                let place = constraint_place(cx, table, &made, node);
                constraints.push((made, place));
            }
        }
        let place = PartPlace {
            path: Path::column(table, own.clone()),
            whole: span(cx, &self.node),
            name: Some(span(cx, self.name.syntax())),
            ty: self.ty.as_ref().map(|written| span(cx, written.syntax())),
        };
        Made { column, place, constraints, serial }
    }
}

impl Made {
    /// Whether the definition means the same in any table: it makes nothing but the column, and speaks of no other.
    pub(super) fn is_general(&self) -> bool {
        let Column { default, generated, .. } = &self.column;
        let is_alone = self.constraints.is_empty() && self.serial.is_none();
        is_alone && generated.is_none() && default.as_ref().is_none_or(is_plain)
    }
}

pub(super) fn constraint_place(cx: Context<'_>, table: &QName, made: &Constraint, node: &ast::Constraint) -> PartPlace {
    PartPlace {
        path: Path::constraint(table, made.name.clone()),
        whole: span(cx, node.syntax()),
        name: node.constraint_name().map(|own| span(cx, own.syntax())),
        ty: None,
    }
}

/// What a constraint says about the column itself.
fn fact(cx: Context<'_>, scope: &Scope, column: &mut Column, node: &ast::Constraint) {
    match node {
        ast::Constraint::DefaultConstraint(it) => column.default = default_of(cx, scope, &column.ty, it.expr()),
        ast::Constraint::NotNullConstraint(it) => column.not_null = Some(not_null(it).1),
        ast::Constraint::GeneratedConstraint(it) => match it.generated_as() {
            Some(ast::GeneratedAs::GeneratedIdentity(it)) => {
                column.identity =
                    Some(Box::new(identity(cx, &column.ty, it.generated_when(), it.sequence_option_list())));
                column.not_null.get_or_insert_with(NotNull::default);
            }
            Some(ast::GeneratedAs::GeneratedStored(it)) => {
                column.generated = it.expr().map(|node| {
                    Box::new(Generated {
                        expr: expr(cx, scope, &node),
                        stored: matches!(it.generated_kind(), Some(ast::GeneratedKind::Stored(_))),
                    })
                });
            }
            None => {}
        },
        _ => {}
    }
}

/// An identity with a sequence of the column's type, whose name is left to the database unless it is written.
pub(super) fn identity(
    cx: Context<'_>,
    ty: &Type,
    when: Option<ast::GeneratedWhen>,
    options: Option<ast::SequenceOptionList>,
) -> Identity {
    let options = options.into_iter().flat_map(|list| list.sequence_options().collect::<Vec<_>>());
    let sequence = Sequence::new(QName::new("", ""), ty.clone());
    Identity {
        always: !matches!(when, Some(ast::GeneratedWhen::GeneratedByDefault(_))),
        sequence: with_options(cx, sequence, options, true),
    }
}

/// `STORAGE …`, when it is not what the type has anyway.
pub(super) fn storage(mode: &ast::StorageMode, ty: &Type) -> Option<Name> {
    let mode = capitals(mode.syntax());
    (mode != "DEFAULT" && Some(mode.as_str()) != ty.usual_storage()).then_some(mode)
}

pub(super) fn compression(method: &ast::CompressionMethodName) -> Option<Name> {
    method.default_token().is_none().then(|| name(method))
}
