//! The trigger that keeps a column and its shadow in step while two applications write.

use model::{Expr, Kind, Name, Path, QName, Schema, Type};

use super::{Manner, Shadow, quoted};
use crate::diff::{Act, converted};
use crate::plan::{Value, names, trigger, values};

/// What shadows are filled by: the old schema, the new one with lent names, and what becomes of values that go.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) before: &'a Schema,
    pub(super) scratch: &'a Schema,
    pub(super) values: &'a [Value],
}

impl Shadow {
    /// The new value from the old one, of this row.
    pub(super) fn forth(&self, sight: &Sight<'_>, row: Option<&str>) -> Expr {
        let Sight { before, scratch, values } = *sight;
        let to = scratch.column(&self.table, &self.lent).map_or(&self.after.ty, |column| &column.ty);
        let operand = of_row(row, &self.old);
        let mapped = values::mapped(values, &operand, &self.before.ty, to);
        mapped.unwrap_or_else(|| converted([before, scratch], operand, &self.before.ty, to))
    }

    /// The old value from the new one.
    fn back(&self, sight: &Sight<'_>, row: Option<&str>) -> Expr {
        let Sight { before, scratch, .. } = *sight;
        let from = scratch.column(&self.table, &self.lent).map_or(&self.after.ty, |column| &column.ty);
        converted([before, scratch], of_row(row, &self.lent), from, &self.before.ty)
    }
}

fn of_row(row: Option<&str>, column: &Name) -> Expr {
    match row {
        Some(row) => Expr::Column(model::expr::ColumnRef { qualifier: Some(row.into()), name: column.clone() }),
        None => Expr::column(column.clone()),
    }
}

/// While the shadow is filled: what the application writes reaches it.
pub(super) fn create(sight: &Sight<'_>, shadows: &[&Shadow]) -> Vec<Act> {
    trigger(shadows, shadows.iter().map(|shadow| line(sight, shadow)).collect())
}

/// After the places have changed: what is written reaches the old column. Why it cannot, otherwise.
pub(super) fn keep_old(shadows: &[&Shadow], before: &Schema, after: &Schema) -> Result<Vec<Act>, String> {
    let mut lines = String::new();
    for shadow in shadows {
        let old = names::old(&shadow.last);
        let new = of_row(Some("new"), &shadow.last);
        let value = safely([before, after], &new, &shadow.after.ty, &shadow.before.ty).ok_or_else(|| {
            let path = Path::column(&shadow.table, shadow.last.clone());
            if shadow.after.ty == shadow.before.ty {
                return format!("what is written to {path} has no place in the old {}", shadow.before.ty);
            }
            format!("what is written to {path} as {} has no place in {}", shadow.after.ty, shadow.before.ty)
        })?;
        lines += &format!("    NEW.{} := {value};\n", quoted(&old));
    }
    Ok(trigger(shadows, lines))
}

/// The value in the old type, or NULL where it does not fit; never an error.
pub(in crate::plan) fn safely(schemas: [&Schema; 2], value: &Expr, from: &Type, to: &Type) -> Option<String> {
    if let (Some(is), Some(was)) = (enumeration(schemas, from), enumeration(schemas, to)) {
        // The old type has stepped aside, and does not know every new value.
        let old = QName::new(was.schema.clone(), names::old(&was.name));
        let old = if is == was { old } else { was };
        return Some(format!(
            "CASE WHEN {value}::text = ANY (enum_range(NULL::{old})::text[]) THEN {value}::text::{old} END"
        ));
    }
    let range = |low: i64, high: i64| format!("CASE WHEN {value} BETWEEN {low} AND {high} THEN {value} END");
    let number = |ty: &Type| ty.is_integer() || matches!(ty, Type::Numeric(_));
    match (from, to) {
        (from, Type::SmallInt) if number(from) => Some(range(i64::from(i16::MIN), i64::from(i16::MAX))),
        (from, Type::Integer) if number(from) => Some(range(i64::from(i32::MIN), i64::from(i32::MAX))),
        (from, Type::BigInt | Type::Numeric(None)) if from.is_integer() => Some(value.to_string()),
        (_, Type::Text | Type::Varchar(None)) => Some(converted(schemas, value.clone(), from, to).to_string()),
        (Type::Timestamp { .. }, Type::Timestamp { .. } | Type::Date) => Some(value.to_string()),
        (Type::Date, Type::Timestamp { .. }) | (Type::Json, Type::Jsonb) | (Type::Jsonb, Type::Json) => {
            Some(value.to_string())
        }
        _ => None,
    }
}

fn enumeration(schemas: [&Schema; 2], ty: &Type) -> Option<QName> {
    let Type::Named(named) = ty else { return None };
    let path = Path::object(Kind::Enum, &named.name);
    schemas.iter().any(|schema| schema.object(&path).is_some()).then(|| named.name.clone())
}

fn trigger(shadows: &[&Shadow], mut lines: String) -> Vec<Act> {
    let Some(first) = shadows.first() else { return Vec::new() };
    lines += "    RETURN NEW;\n";
    trigger::before(name(first), &first.table, String::new(), lines)
}

pub(super) fn drop(shadows: &[&Shadow]) -> Vec<Act> {
    let Some(first) = shadows.first() else { return Vec::new() };
    trigger::drop(&name(first), &first.table)
}

fn name(shadow: &Shadow) -> QName {
    names::sync(&shadow.table, &shadow.last)
}

fn line(sight: &Sight<'_>, shadow: &Shadow) -> String {
    let (old, new) = (&shadow.old, &shadow.lent);
    let assign = |column: &Name, value: Expr| format!("{} := {value};", trigger::field("NEW", column));
    let forth = assign(new, shadow.forth(sight, Some("new")));
    if shadow.manner == Manner::Retype {
        return format!("    {forth}\n");
    }
    let back = assign(old, shadow.back(sight, Some("new")));
    let changed =
        |column: &Name, ty: &Type| trigger::differ(&trigger::field("NEW", column), &trigger::field("OLD", column), ty);
    // The shadow has no default, so that it is NULL unless the new application wrote it.
    format!(
        "    IF TG_OP = 'INSERT' THEN
        IF {} IS NULL THEN {forth} ELSE {back} END IF;
    ELSIF {} THEN
        {back}
    ELSIF {} THEN
        {forth}
    END IF;
",
        trigger::field("NEW", new),
        changed(new, &shadow.after.ty),
        changed(old, &shadow.before.ty),
    )
}
