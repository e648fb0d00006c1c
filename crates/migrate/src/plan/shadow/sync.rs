//! The trigger that keeps a column and its shadow in step while two applications write.

use model::object::{Body, Event, Level, Object, Parallel, Returns, Routine, RoutineKind, Timing, Trigger, Volatility};
use model::{Change, Expr, Kind, Name, Path, QName, Schema, Type};

use super::{Manner, Shadow, quoted};
use crate::diff::{Act, Rename, converted};
use crate::plan::names;

impl Shadow {
    /// The new value from the old one, of this row.
    pub(super) fn forth(&self, scratch: &Schema, before: &Schema, renames: &[Rename], row: Option<&str>) -> Expr {
        let to = scratch.column(&self.table, &self.lent).map_or(&self.after.ty, |column| &column.ty);
        converted([before, scratch], renames, of_row(row, &self.old), &self.before.ty, to)
    }

    /// The old value from the new one.
    fn back(&self, scratch: &Schema, before: &Schema, row: Option<&str>) -> Expr {
        let from = scratch.column(&self.table, &self.lent).map_or(&self.after.ty, |column| &column.ty);
        converted([before, scratch], &[], of_row(row, &self.lent), from, &self.before.ty)
    }
}

fn of_row(row: Option<&str>, column: &Name) -> Expr {
    match row {
        Some(row) => Expr::Column(model::expr::ColumnRef { qualifier: Some(row.into()), name: column.clone() }),
        None => Expr::column(column.clone()),
    }
}

/// While the shadow is filled: what the application writes reaches it.
pub(super) fn create(scratch: &Schema, before: &Schema, renames: &[Rename], shadows: &[&Shadow]) -> Vec<Act> {
    trigger(shadows, shadows.iter().map(|shadow| line(scratch, before, renames, shadow)).collect())
}

/// After the places have changed: what is written reaches the old column. Why it cannot, otherwise.
pub(super) fn keep_old(shadows: &[&Shadow], before: &Schema, after: &Schema) -> Result<Vec<Act>, String> {
    let mut lines = String::new();
    for shadow in shadows {
        let old = names::old(&shadow.last);
        let new = of_row(Some("new"), &shadow.last);
        let value = safely([before, after], &new, &shadow.after.ty, &shadow.before.ty).ok_or_else(|| {
            let path = Path::column(&shadow.table, shadow.last.clone());
            format!("what is written to {path} as {} has no place in {}", shadow.after.ty, shadow.before.ty)
        })?;
        lines += &format!("    NEW.{} := {value};\n", quoted(&old));
    }
    Ok(trigger(shadows, lines))
}

/// The value in the old type, or NULL where it does not fit; never an error.
fn safely(schemas: [&Schema; 2], value: &Expr, from: &Type, to: &Type) -> Option<String> {
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
        (_, Type::Text | Type::Varchar(None)) => Some(converted(schemas, &[], value.clone(), from, to).to_string()),
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

fn trigger(shadows: &[&Shadow], lines: String) -> Vec<Act> {
    let Some(first) = shadows.first() else { return Vec::new() };
    let name = name(first);
    let body = format!("\nBEGIN\n{lines}    RETURN NEW;\nEND;\n");
    let routine = Routine {
        name: name.clone(),
        kind: RoutineKind::Function,
        arguments: Vec::new(),
        returns: Returns::Type(Type::builtin("trigger")),
        language: "plpgsql".into(),
        body: Body::Source(body.into()),
        volatility: Volatility::Volatile,
        strict: false,
        security_definer: false,
        leakproof: false,
        parallel: Parallel::Unsafe,
        cost: None,
        rows: None,
        support: None,
        config: Vec::new(),
        transforms: Vec::new(),
        queries: Vec::new(),
        opaque: false,
    };
    let trigger = Trigger {
        name: name.name.clone(),
        timing: Timing::Before,
        events: vec![Event::Insert, Event::Update(Vec::new())],
        level: Level::Row,
        old_table: None,
        new_table: None,
        when: None,
        function: name.clone(),
        arguments: Vec::new(),
        constraint: None,
        enabled: model::object::Enabled::Origin,
        inherited: false,
    };
    let function = Change::Create { path: function(&name), object: Object::Routine(routine.into()) };
    let path = Path::part(Kind::Trigger, &first.table, name.name);
    let trigger = Change::Create { path, object: Object::Trigger(Box::new(trigger)) };
    vec![Act::new(function), Act::new(trigger)]
}

pub(super) fn drop(shadows: &[&Shadow]) -> Vec<Act> {
    let Some(first) = shadows.first() else { return Vec::new() };
    let name = name(first);
    let trigger = Path::part(Kind::Trigger, &first.table, name.name.clone());
    vec![Act::new(Change::drop(trigger)), Act::new(Change::drop(function(&name)))]
}

fn name(shadow: &Shadow) -> QName {
    names::sync(&shadow.table, &shadow.last)
}

fn function(name: &QName) -> Path {
    Path::object(Kind::Function, name)
}

fn line(scratch: &Schema, before: &Schema, renames: &[Rename], shadow: &Shadow) -> String {
    let (old, new) = (quoted(&shadow.old), quoted(&shadow.lent));
    let forth = format!("NEW.{new} := {};", shadow.forth(scratch, before, renames, Some("new")));
    if shadow.manner == Manner::Retype {
        return format!("    {forth}\n");
    }
    let back = format!("NEW.{old} := {};", shadow.back(scratch, before, Some("new")));
    // The shadow has no default, so that it is NULL unless the new application wrote it.
    format!(
        "    IF TG_OP = 'INSERT' THEN
        IF NEW.{new} IS NULL THEN {forth} ELSE {back} END IF;
    ELSIF NEW.{new} IS DISTINCT FROM OLD.{new} THEN
        {back}
    ELSIF NEW.{old} IS DISTINCT FROM OLD.{old} THEN
        {forth}
    END IF;
"
    )
}
