//! Operators: known by their symbol and the types of their sides.

use model::{Kind, Path};
use squawk_syntax::ast;

use super::super::Context;
use super::super::ty::ty;
use super::drop::operands;
use super::object::operator_name;
use super::options::attribute_name;

/// The path of a new operator: its sides are among its options.
pub(crate) fn created(cx: Context<'_>, node: &ast::CreateOperator) -> Option<Path> {
    let (schema, symbol) = operator_name(&node.op()?);
    let options: Vec<_> = node.attribute_list()?.attribute_options().collect();
    let side = |side: &str| {
        let option = options.iter().find(|option| attribute_name(option).is_some_and(|name| name == side));
        let written = option.and_then(|option| option.attribute_value()).and_then(|value| value.ty());
        written.map_or_else(|| "NONE".to_string(), |written| ty(cx, &written).without_modifiers().to_string())
    };
    let part = format!("{}, {}", side("leftarg"), side("rightarg"));
    Some(Path::part(Kind::Operator, &cx.new_name(schema, symbol), part))
}

pub(crate) fn altered(cx: Context<'_>, node: &ast::AlterOperator) -> Option<Path> {
    let sig = node.op_sig()?;
    let (left, right) = operands(&sig);
    Some(cx.operator_path(&sig.op()?, left, right))
}
