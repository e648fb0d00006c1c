//! Constraints: the form behind a column and the form of a table become the same.

use model::object::{Constraint, ConstraintKind, Deferrable, Exclude, Excluded, ForeignKey, Key, NotNull, RefAction};
use model::{Name, QName};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::expr;
use super::super::name::{name, path};
use super::super::{Context, Scope};
use super::index::key as index_key;
use super::object::{method, operator_name};
use super::options::{columns, tokens, with_params};

/// The constraint, when it is one of a table. NOT NULL, DEFAULT and GENERATED are facts about their column.
/// `column` is the one that it stands behind.
pub(super) fn constraint(
    cx: Context<'_>,
    scope: &Scope,
    node: &ast::Constraint,
    column: Option<&Name>,
) -> Option<Constraint> {
    let own = || column.cloned().into_iter().collect::<Vec<_>>();
    let kind = match node {
        ast::Constraint::PrimaryKeyConstraint(it) => {
            ConstraintKind::PrimaryKey(key(own(), it.index_parameters(), it.using_index()))
        }
        ast::Constraint::UniqueConstraint(it) => {
            ConstraintKind::Unique(key(own(), it.index_parameters(), it.using_index()))
        }
        ast::Constraint::CheckConstraint(it) => ConstraintKind::Check(expr(cx, scope, &it.expr()?)),
        ast::Constraint::ExcludeConstraint(it) => ConstraintKind::Exclude(exclude(cx, scope, it)?),
        ast::Constraint::ForeignKeyConstraint(it) => ConstraintKind::ForeignKey(foreign_key(cx, it)?),
        ast::Constraint::ReferencesConstraint(it) => {
            let mut reference = reference(cx.relation(&it.table()?), it.match_type(), it.referential_actions());
            reference.columns = own();
            reference.targets = it.column().iter().map(name).collect();
            ConstraintKind::ForeignKey(reference)
        }
        ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_)
        | ast::Constraint::NotNullConstraint(_)
        | ast::Constraint::NullConstraint(_) => return None,
    };
    let mut constraint = Constraint::new(node.constraint_name().map(|own| name(&own)).unwrap_or_default(), kind);
    for option in node.constraint_options() {
        match option {
            ast::ConstraintOption::NotValid(_) => constraint.valid = false,
            ast::ConstraintOption::NotEnforced(_) => constraint.enforced = false,
            ast::ConstraintOption::NoInherit(_) => constraint.no_inherit = true,
            _ => {}
        }
    }
    constraint.deferrable = deferrable(node.constraint_options()).unwrap_or_default();
    Some(constraint)
}

/// What the options say about the time of the check; `None` when they say nothing.
pub(super) fn deferrable(options: impl Iterator<Item = ast::ConstraintOption>) -> Option<Deferrable> {
    options.fold(None, |before, option| match option {
        ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => Some(Deferrable::InitiallyDeferred),
        ast::ConstraintOption::NotDeferrableConstraintOption(_) => Some(Deferrable::No),
        ast::ConstraintOption::DeferrableConstraintOption(_) => Some(match before {
            Some(Deferrable::InitiallyDeferred) => Deferrable::InitiallyDeferred,
            _ => Deferrable::InitiallyImmediate,
        }),
        ast::ConstraintOption::InitiallyImmediateConstraintOption(_) => {
            // Alone it asks for nothing: a constraint that cannot be deferred is immediate.
            before.map(|before| if before == Deferrable::No { before } else { Deferrable::InitiallyImmediate })
        }
        _ => before,
    })
}

/// The NOT NULL fact that a constraint states, with the column that its table form names.
pub(super) fn not_null(node: &ast::NotNullConstraint) -> (Option<Name>, NotNull) {
    let named = node.constraint_name_clause().and_then(|clause| clause.constraint_name());
    let mut fact = NotNull { name: named.map(|own| name(&own)), ..NotNull::default() };
    for option in node.constraint_options() {
        match option {
            ast::ConstraintOption::NotValid(_) => fact.not_valid = true,
            ast::ConstraintOption::NoInherit(_) => fact.no_inherit = true,
            _ => {}
        }
    }
    (node.column_name_ref().map(|column| name(&column)), fact)
}

fn key(own: Vec<Name>, parameters: Option<ast::IndexParameters>, using: Option<ast::UsingIndexName>) -> Key {
    let using_index = using.and_then(|using| using.index_ref()).map(|index| path(&index).1);
    let Some(parameters) = parameters else {
        return Key { columns: if using_index.is_some() { Vec::new() } else { own }, using_index, ..Key::default() };
    };
    let list = parameters.column_list();
    Key {
        without_overlaps: list.as_ref().is_some_and(|list| list.without_overlaps().is_some()),
        columns: list.map_or(own, |list| list.column_name_refs().map(|column| name(&column)).collect()),
        include: included(parameters.constraint_include_clause()),
        nulls_not_distinct: matches!(
            parameters.nulls_distinct_option(),
            Some(ast::NullsDistinctOption::NullsNotDistinct(_))
        ),
        options: with_params(parameters.with_params()),
        tablespace: tablespace(parameters.constraint_index_tablespace()),
        using_index,
    }
}

fn included(clause: Option<ast::ConstraintIncludeClause>) -> Vec<Name> {
    columns(clause.and_then(|clause| clause.column_ref_list()))
}

fn tablespace(clause: Option<ast::ConstraintIndexTablespace>) -> Option<Name> {
    Some(name(&clause?.tablespace_ref()?))
}

fn foreign_key(cx: Context<'_>, node: &ast::ForeignKeyConstraint) -> Option<ForeignKey> {
    let mut key = reference(cx.relation(&node.table_name_ref()?), node.match_type(), node.referential_actions());
    (key.columns, key.period) = key_columns(node.from_columns());
    (key.targets, _) = key_columns(node.to_columns());
    Some(key)
}

/// The columns of one side, and whether the last is a period.
fn key_columns(list: Option<ast::ForeignKeyColumnList>) -> (Vec<Name>, bool) {
    let Some(list) = list else { return (Vec::new(), false) };
    let period = list.period_column().and_then(|period| period.name());
    let has_period = period.is_some();
    (list.column_name_refs().chain(period).map(|column| name(&column)).collect(), has_period)
}

fn reference(
    table: QName,
    matching: Option<ast::MatchType>,
    actions: impl Iterator<Item = ast::ReferentialAction>,
) -> ForeignKey {
    let mut key = ForeignKey {
        columns: Vec::new(),
        table,
        targets: Vec::new(),
        on_delete: RefAction::NoAction,
        on_update: RefAction::NoAction,
        set_columns: Vec::new(),
        match_full: matches!(matching, Some(ast::MatchType::MatchFull(_))),
        period: false,
    };
    for action in actions {
        match action {
            ast::ReferentialAction::OnDeleteAction(it) => {
                let (action, set_columns) = ref_action(it.ref_action());
                (key.on_delete, key.set_columns) = (action, set_columns);
            }
            ast::ReferentialAction::OnUpdateAction(it) => key.on_update = ref_action(it.ref_action()).0,
        }
    }
    key
}

fn ref_action(action: Option<ast::RefAction>) -> (RefAction, Vec<Name>) {
    match action {
        Some(ast::RefAction::Restrict(_)) => (RefAction::Restrict, Vec::new()),
        Some(ast::RefAction::Cascade(_)) => (RefAction::Cascade, Vec::new()),
        Some(ast::RefAction::SetNullColumns(set)) => (RefAction::SetNull, columns(set.column_ref_list())),
        Some(ast::RefAction::SetDefaultColumns(set)) => (RefAction::SetDefault, columns(set.column_ref_list())),
        Some(ast::RefAction::NoAction(_)) | None => (RefAction::NoAction, Vec::new()),
    }
}

fn exclude(cx: Context<'_>, scope: &Scope, node: &ast::ExcludeConstraint) -> Option<Exclude> {
    let using = node.constraint_index_method().and_then(|using| using.access_method_ref());
    let elements = node.constraint_exclusion_list()?.constraint_exclusions();
    Some(Exclude {
        method: using.map_or_else(|| method(None), |method| name(&method)),
        elements: elements.filter_map(|element| excluded(cx, scope, &element)).collect(),
        include: included(node.constraint_include_clause()),
        predicate: node.where_condition_clause().and_then(|clause| clause.expr()).map(|node| expr(cx, scope, &node)),
        options: with_params(node.with_params()),
        tablespace: tablespace(node.constraint_index_tablespace()),
    })
}

fn excluded(cx: Context<'_>, scope: &Scope, node: &ast::ConstraintExclusion) -> Option<Excluded> {
    let call = node.operator_call();
    let op = node.op().or_else(|| call.as_ref()?.op())?;
    let operator = match operator_name(&op) {
        (Some(schema), symbol) if schema != "pg_catalog" => {
            format!("OPERATOR({}.{symbol})", model::name::quoted(&schema)).into()
        }
        (_, symbol) => symbol,
    };
    // The parser may hold the key in a node of its own, with operator class and direction, or as a bare expression.
    let key = match node.syntax().children().find_map(ast::PartitionItem::cast) {
        Some(item) => index_key(cx, scope, &item)?,
        None => super::index::bare_key(cx, scope, &node.expr()?, trailing_opclass(cx, node)),
    };
    Some(Excluded { key, operator })
}

/// An operator class that the parser left between the expression and WITH.
fn trailing_opclass(cx: Context<'_>, node: &ast::ConstraintExclusion) -> Option<QName> {
    if let Some(class) = node.syntax().children().find_map(ast::OpClassRef::cast) {
        return Some(cx.opclass(&class));
    }
    let after = node.expr()?.syntax().text_range().end();
    let words = tokens(node.syntax()).into_iter().filter(|token| token.text_range().start() >= after);
    let words: Vec<_> = words.take_while(|token| !token.text().eq_ignore_ascii_case("with")).collect();
    let last = words.last()?;
    Some(QName::new("", super::super::name::name_of_token(last)))
}
