//! Functions and procedures.

use model::change::Aspect;
use model::expr::Piece;
use model::object::{Argument, ArgumentMode, Body, Object, Parallel, Returns, Routine, RoutineKind, Volatility};
use model::step::How;
use model::{Change, Kind, Name, Path, QName, Sql};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::{expr, string};
use super::super::name::{name, words};
use super::super::query::query;
use super::super::sql_text::sql;
use super::super::statement::{Placed, Read, Statement};
use super::super::ty::{func_type, is_setof, ty};
use super::super::{Context, Scope};
use super::alter;
use super::named::text;
use super::options::{capitals, plain};

/// `CREATE FUNCTION`
pub(crate) fn create_function(cx: Context<'_>, node: &ast::CreateFunction) -> Read {
    let own = node.name()?;
    let mut routine = new(cx, RoutineKind::Function, cx.new_object(&own), node.param_list());
    routine.returns = returns(cx, node.ret_type());
    options(cx, &mut routine, node.option_list());
    body(cx, &mut routine, node.option_list(), node.body());
    create(cx, node.syntax(), routine, node.or_replace().is_some(), &own)
}

/// `CREATE PROCEDURE`
pub(crate) fn create_procedure(cx: Context<'_>, node: &ast::CreateProcedure) -> Read {
    let own = node.name()?;
    let mut routine = new(cx, RoutineKind::Procedure, cx.new_object(&own), node.param_list());
    options(cx, &mut routine, node.option_list());
    body(cx, &mut routine, node.option_list(), node.body());
    create(cx, node.syntax(), routine, node.or_replace().is_some(), &own)
}

fn create(cx: Context<'_>, stmt: &SyntaxNode, routine: Routine, or_replace: bool, own: &impl AstNode) -> Read {
    let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
    let path = Path::part(kind, &routine.name, routine.signature());
    let object = Object::Routine(routine.into());
    let change = if or_replace { Change::Replace { path, object } } else { Change::Create { path, object } };
    let how = How { or_replace, ..How::default() };
    Some(Statement::define([Placed::new(cx, stmt, change).named(cx, Some(own))]).how(how))
}

fn new(cx: Context<'_>, kind: RoutineKind, name: QName, params: Option<ast::ParamList>) -> Routine {
    let params = params.into_iter().flat_map(|params| params.params().collect::<Vec<_>>());
    let arguments = params.filter_map(|param| argument(cx, &param)).collect();
    Routine { arguments, ..Routine::new(kind, name) }
}

fn argument(cx: Context<'_>, param: &ast::Param) -> Option<Argument> {
    let default = param.param_default().and_then(|default| default.expr());
    Some(Argument {
        mode: match param.mode() {
            Some(ast::ParamMode::ParamOut(_)) => ArgumentMode::Out,
            Some(ast::ParamMode::ParamInOut(_)) => ArgumentMode::InOut,
            Some(ast::ParamMode::ParamVariadic(_)) => ArgumentMode::Variadic,
            Some(ast::ParamMode::ParamIn(_)) | None => ArgumentMode::In,
        },
        name: param.name().map(|own| name(&own)),
        ty: func_type(cx, &param.func_type()?).without_modifiers(),
        default: default.map(|node| expr(cx, &Scope::default(), &node)),
    })
}

fn returns(cx: Context<'_>, clause: Option<ast::RetType>) -> Returns {
    let Some(clause) = clause else { return Returns::Nothing };
    if let Some(list) = clause.return_table_arg_list() {
        let columns = list.args().filter_map(|column| {
            Some((name(&column.name()?), func_type(cx, &column.func_type()?).without_modifiers()))
        });
        return Returns::Table(columns.collect());
    }
    match clause.func_type() {
        Some(written) if is_setof(&written) => Returns::SetOf(func_type(cx, &written).without_modifiers()),
        Some(written) => Returns::Type(func_type(cx, &written).without_modifiers()),
        None => Returns::Nothing,
    }
}

fn options(cx: Context<'_>, routine: &mut Routine, list: Option<ast::FuncOptionList>) {
    let options = list.into_iter().flat_map(|list| list.options().collect::<Vec<_>>());
    for one in options {
        let _ = option(cx, routine, &one);
    }
}

/// What the option says; `None` when its own words are missing, which the parser has reported.
fn option(cx: Context<'_>, routine: &mut Routine, option: &ast::FuncOption) -> Option<()> {
    use ast::FuncOption as O;
    match option {
        O::LanguageFuncOption(it) => routine.language = it.language_name()?.name.to_ascii_lowercase().into(),
        O::AsFuncOption(it) => {
            routine.body = match it.as_func_target()? {
                ast::AsFuncTarget::AsDefinition(it) => Body::Source(string(&it.literal()?)),
                ast::AsFuncTarget::AsObjFile(it) => Body::Linked(string(&it.obj_file()?), string(&it.link_symbol()?)),
            }
        }
        O::VolatilityFuncOption(it) => {
            routine.volatility = match it {
                ast::VolatilityFuncOption::Immutable(_) => Volatility::Immutable,
                ast::VolatilityFuncOption::Stable(_) => Volatility::Stable,
                ast::VolatilityFuncOption::Volatile(_) => Volatility::Volatile,
            }
        }
        O::StrictFuncOption(_) | O::ReturnsNullOnNullInputFuncOption(_) => routine.strict = true,
        O::CalledOnNullInputFuncOption(_) => routine.strict = false,
        O::SecurityDefinerFuncOption(_) => routine.security_definer = true,
        O::SecurityInvokerFuncOption(_) => routine.security_definer = false,
        O::LeakproofFuncOption(_) => routine.leakproof = true,
        O::NotLeakproofFuncOption(_) => routine.leakproof = false,
        O::WindowFuncOption(_) => routine.kind = RoutineKind::Window,
        O::ParallelFuncOption(it) => {
            routine.parallel = match super::super::name::name_of_token(&it.ident_token()?).as_str() {
                "safe" => Parallel::Safe,
                "restricted" => Parallel::Restricted,
                _ => Parallel::Unsafe,
            }
        }
        O::CostFuncOption(it) => routine.cost = Some(plain(it.literal()?.syntax())),
        O::RowsFuncOption(it) => routine.rows = Some(plain(it.literal()?.syntax())),
        O::SupportFuncOption(it) => routine.support = Some(cx.function(&it.function_name_ref()?).to_string().into()),
        O::SetFuncOption(it) => {
            let (name, value) = config(cx, &it.set_config_param()?)?;
            routine.config.retain(|(known, _)| *known != name);
            // DEFAULT takes the setting away from the routine.
            routine.config.extend(value.map(|value| (name, value)));
        }
        O::ResetFuncOption(it) => match it.config_parameter_ref() {
            Some(parameter) => {
                let name = words(&parameter).join(".");
                routine.config.retain(|(known, _)| *known != name);
            }
            None => routine.config.clear(),
        },
        O::TransformFuncOption(it) => {
            let types = it.transform_for_types().filter_map(|clause| clause.ty());
            routine.transforms = types.map(|written| ty(cx, &written).without_modifiers()).collect();
        }
    }
    Some(())
}

/// `SET name = value`: the name, and the value as SQL unless it is DEFAULT.
pub(super) fn config(cx: Context<'_>, set: &ast::SetConfigParam) -> Option<(Name, Option<Sql>)> {
    Some((words(&set.config_parameter_ref()?).join(".").into(), assigned(cx, set.config_assignment()?)))
}

pub(super) fn assigned(cx: Context<'_>, assignment: ast::ConfigAssignment) -> Option<Sql> {
    let value = match assignment {
        ast::ConfigAssignment::FromCurrent(_) => return Some(Sql::text("FROM CURRENT")),
        ast::ConfigAssignment::ToConfigValue(value) => value,
    };
    let mut pieces = Vec::new();
    for (index, value) in value.config_values().enumerate() {
        if index > 0 {
            pieces.push(Piece::Text(Name::new_static(", ")));
        }
        pieces.extend(sql(cx, &Scope::default(), value.syntax()).pieces);
    }
    (!pieces.is_empty()).then(|| {
        let texts = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Ref(path) => path.to_string(),
        });
        Sql::text(texts.collect::<String>())
    })
}

/// What the routine runs, as far as it can be seen.
fn body(
    cx: Context<'_>,
    routine: &mut Routine,
    options: Option<ast::FuncOptionList>,
    parsed: Option<ast::RoutineBody>,
) {
    if routine.language.is_empty() {
        routine.language = Name::new_static("sql");
    }
    if let Some(parsed) = parsed {
        // Arguments are no columns: they stay words.
        let scope = Scope::default();
        routine.body = Body::Parsed(match &parsed {
            ast::RoutineBody::ReturnStmt(it) => sql(cx, &scope, it.syntax()),
            ast::RoutineBody::AtomicBody(it) => atomic(cx, &scope, it),
        });
        if let ast::RoutineBody::AtomicBody(it) = &parsed {
            let statements = it.syntax().children().filter_map(ast::Stmt::cast);
            let queries = statements.filter(is_query).map(|stmt| query(cx, &scope, stmt.syntax()));
            routine.queries = queries.collect();
        }
        return;
    }
    match super::super::body::definition(options) {
        Some(literal) => {
            let (source, start) = super::super::body::source(&literal);
            let embedded = super::super::body::body(cx, &routine.language, &source, cx.offset + start);
            routine.queries = embedded.queries;
            routine.opaque = embedded.opaque;
        }
        None => routine.opaque = true,
    }
}

/// The statements of the body, each with the semicolon that the grammar asks for.
fn atomic(cx: Context<'_>, scope: &Scope, body: &ast::AtomicBody) -> Sql {
    let mut pieces = vec![Piece::Text("BEGIN ATOMIC ".into())];
    for statement in body.routine_body_stmts() {
        let mut text = sql(cx, scope, statement.syntax()).pieces;
        if let Some(Piece::Text(last)) = text.last_mut() {
            *last = last.trim_end_matches([';', ' ']).into();
        }
        pieces.extend(text);
        pieces.push(Piece::Text("; ".into()));
    }
    pieces.push(Piece::Text("END".into()));
    Sql { pieces }
}

fn is_query(stmt: &ast::Stmt) -> bool {
    matches!(
        stmt,
        ast::Stmt::Select(_)
            | ast::Stmt::CompoundSelect(_)
            | ast::Stmt::ParenSelect(_)
            | ast::Stmt::Values(_)
            | ast::Stmt::Table(_)
            | ast::Stmt::Insert(_)
            | ast::Stmt::Update(_)
            | ast::Stmt::Delete(_)
            | ast::Stmt::Merge(_)
    )
}

/// `ALTER FUNCTION`
pub(crate) fn alter_function(cx: Context<'_>, node: &ast::AlterFunction) -> Read {
    let path = cx.function_sig(&node.function_sig()?);
    alter(cx, node.syntax(), path, node.action().map(|action| action.syntax().clone()))
}

/// `ALTER PROCEDURE`
pub(crate) fn alter_procedure(cx: Context<'_>, node: &ast::AlterProcedure) -> Read {
    let path = cx.procedure_sig(&node.procedure_sig()?);
    alter(cx, node.syntax(), path, node.action().map(|action| action.syntax().clone()))
}

/// `ALTER ROUTINE`
pub(crate) fn alter_routine(cx: Context<'_>, node: &ast::AlterRoutine) -> Read {
    let path = cx.routine_sig(&node.routine_sig()?);
    alter(cx, node.syntax(), path, node.action().map(|action| action.syntax().clone()))
}

fn alter(cx: Context<'_>, stmt: &SyntaxNode, path: Option<Path>, action: Option<SyntaxNode>) -> Read {
    let path = path?;
    let written = action.clone().and_then(ast::FuncOptionList::cast);
    let Some(list) = written else { return alter::object(cx, stmt, Some(path), action) };
    let change = match cx.schema().object(&path) {
        Some(Object::Routine(known)) => {
            let mut routine = Routine::clone(known);
            options(cx, &mut routine, Some(list));
            Change::alter(path, Aspect::Routine(Box::new(routine)))
        }
        _ => Change::alter(path, Aspect::Other(text(cx, stmt))),
    };
    Some(Statement::define([Placed::new(cx, stmt, change)]))
}

/// The function that EXECUTE FUNCTION calls, and its arguments as the strings that it gets.
pub(super) fn executed(cx: Context<'_>, call: &ast::CallExpr) -> Option<(QName, Vec<Name>)> {
    let callee = call.expr()?;
    let words = super::options::tokens(callee.syntax()).into_iter();
    let mut words: Vec<Name> =
        words.filter(|token| token.text() != ".").map(|token| super::super::name::name_of_token(&token)).collect();
    let function = words.pop()?;
    let arguments = call.arg_list().into_iter().flat_map(|list| list.args().collect::<Vec<_>>());
    Some((cx.function_name(words.pop(), function), arguments.map(|argument| plain(argument.syntax())).collect()))
}

/// The words of a clause, in capitals.
pub(super) fn clause(node: &impl AstNode) -> Name {
    capitals(node.syntax())
}
