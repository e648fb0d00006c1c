//! Functions and procedures.

use model::name::{literal, quoted};
use model::object::{Argument, ArgumentMode, Body, Parallel, Returns, Routine, RoutineKind, Volatility};

use super::words::{self, INDENT};

pub(super) fn create(routine: &Routine, verb: &str) -> String {
    let kind = if routine.kind == RoutineKind::Procedure { "PROCEDURE" } else { "FUNCTION" };
    let head = format!("{verb} {kind} {}{}", routine.name, arguments(&routine.arguments));
    let returns = returns(&routine.returns).map(|returns| format!("\n{INDENT}RETURNS {returns}")).unwrap_or_default();
    let config: String =
        routine.config.iter().map(|(name, value)| format!("\n{INDENT}SET {} TO {value}", setting(name))).collect();
    format!("{head}{returns}\n{INDENT}{}{config}\n{};", attributes(routine).join(" "), body(&routine.body))
}

fn arguments(arguments: &[Argument]) -> String {
    let arguments: Vec<String> = arguments.iter().map(argument).collect();
    let line = format!("({})", arguments.join(", "));
    if line.len() <= 80 { line } else { words::block("", &arguments).trim_start().to_owned() }
}

fn argument(argument: &Argument) -> String {
    let mode = match argument.mode {
        ArgumentMode::In => "",
        ArgumentMode::Out => "OUT ",
        ArgumentMode::InOut => "INOUT ",
        ArgumentMode::Variadic => "VARIADIC ",
    };
    let name = argument.name.as_ref().map(|name| format!("{} ", quoted(name))).unwrap_or_default();
    let default = argument.default.as_ref().map(|expr| format!(" DEFAULT {expr}")).unwrap_or_default();
    format!("{mode}{name}{}{default}", argument.ty)
}

fn returns(returns: &Returns) -> Option<String> {
    match returns {
        Returns::Nothing => None,
        Returns::Type(ty) => Some(ty.to_string()),
        Returns::SetOf(ty) => Some(format!("SETOF {ty}")),
        Returns::Table(columns) => {
            let columns: Vec<String> = columns.iter().map(|(name, ty)| format!("{} {ty}", quoted(name))).collect();
            Some(words::list("TABLE", &columns).replacen("TABLE (", "TABLE(", 1))
        }
    }
}

fn attributes(routine: &Routine) -> Vec<String> {
    let mut words = vec![format!("LANGUAGE {}", quoted(&routine.language))];
    let mut say = |condition: bool, word: &str| {
        if condition {
            words.push(word.to_owned());
        }
    };
    say(routine.kind == RoutineKind::Window, "WINDOW");
    say(routine.volatility == Volatility::Stable, "STABLE");
    say(routine.volatility == Volatility::Immutable, "IMMUTABLE");
    say(routine.leakproof, "LEAKPROOF");
    say(routine.strict, "STRICT");
    say(routine.security_definer, "SECURITY DEFINER");
    say(routine.parallel == Parallel::Restricted, "PARALLEL RESTRICTED");
    say(routine.parallel == Parallel::Safe, "PARALLEL SAFE");
    let transforms: Vec<String> = routine.transforms.iter().map(|ty| format!("FOR TYPE {ty}")).collect();
    say(!transforms.is_empty(), &format!("TRANSFORM {}", transforms.join(", ")));
    words.extend(routine.cost.as_ref().map(|cost| format!("COST {cost}")));
    words.extend(routine.rows.as_ref().map(|rows| format!("ROWS {rows}")));
    words.extend(routine.support.as_ref().map(|support| format!("SUPPORT {support}")));
    words
}

/// A setting may have a prefix: `myapp.tenant`.
fn setting(name: &str) -> String {
    name.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

fn body(body: &Body) -> String {
    match body {
        Body::Source(source) => format!("AS {}", words::dollar_quoted(source)),
        Body::Linked(file, symbol) => format!("AS {}, {}", literal(file), literal(symbol)),
        Body::Parsed(sql) => sql.to_string(),
    }
}
