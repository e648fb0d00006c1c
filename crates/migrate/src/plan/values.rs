//! Values of enums that go: rows that have one get another.

use model::change::Aspect;
use model::{Change, Expr, Kind, QName, Type};

use super::{Planner, Value};
use crate::diff::Act;

/// The value of a column in the new type, where the old one is an enum that loses values and the user says what becomes
/// of them.
pub(super) fn mapped(values: &[Value], operand: &Expr, from: &Type, to: &Type) -> Option<Expr> {
    let cast = |operand: Expr, ty: Type| Expr::Cast { operand: Box::new(operand), ty };
    let (item, is_list) = match from {
        Type::Array(item) => (&**item, true),
        other => (other, false),
    };
    let name = item.user_defined()?;
    let own: Vec<&Value> = values.iter().filter(|value| value.ty.qname() == *name).collect();
    if own.is_empty() {
        return None;
    }
    let text = |value: &str| Expr::String(value.into());
    let mapped = match is_list {
        true => own.iter().fold(cast(operand.clone(), Type::Text.array()), |list, value| {
            Expr::call(QName::builtin("array_replace"), vec![list, text(&value.from), text(&value.to)])
        }),
        false => Expr::Case {
            operand: Some(Box::new(cast(operand.clone(), Type::Text))),
            arms: own.iter().map(|value| (text(&value.from), text(&value.to))).collect(),
            otherwise: Some(Box::new(cast(operand.clone(), Type::Text))),
        },
    };
    Some(cast(mapped, to.clone()))
}

impl Planner<'_> {
    /// A column that changes its type where it is, with what becomes of its values.
    pub(super) fn with_values(&self, act: &Act) -> Act {
        let Change::Alter { path, aspect: Aspect::Type { ty, .. } } = &act.change else { return act.clone() };
        if path.kind != Kind::Column || self.settings.values.is_empty() {
            return act.clone();
        }
        let table = self.name_before(&path.qname()).unwrap_or_else(|| path.qname());
        let column = self.before.column(&table, &self.column_before(&path.qname(), &path.part));
        let column_path = Expr::column(path.part.clone());
        let Some(using) = column.and_then(|own| mapped(&self.settings.values, &column_path, &own.ty, ty)) else {
            return act.clone();
        };
        let mut act = act.clone();
        act.how.using = vec![(path.part.clone(), using)];
        act
    }
}
