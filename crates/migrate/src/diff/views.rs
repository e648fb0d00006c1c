//! Views: what CREATE OR REPLACE takes, what ALTER VIEW changes, and when the view is made anew.

use model::change::Aspect;
use model::object::{Object, View};
use model::query::{Query, TargetValue};
use model::{Change, Expr, Kind, Path, Type};

use super::alter::Pair;
use super::compare::Difference;
use super::parts;

pub(super) fn view(pair: Pair<'_>, path: &Path, now: &View, wanted: &View, found: &mut Vec<Difference>) {
    let same = is_same_query(now, wanted) && now.materialized == wanted.materialized;
    if !same && (wanted.materialized || !keeps_columns(pair, now, wanted)) {
        let mut bare = wanted.clone();
        let parts =
            (std::mem::take(&mut bare.triggers), std::mem::take(&mut bare.rules), std::mem::take(&mut bare.defaults));
        let mut changes =
            vec![Change::drop(path.clone()), Change::Create { path: path.clone(), object: Object::View(bare.into()) }];
        let part = |kind, name: &model::Name| Path::part(kind, &wanted.name, name.clone());
        changes.extend(parts.0.into_iter().map(|trigger| Change::Create {
            path: part(Kind::Trigger, &trigger.name),
            object: Object::Trigger(Box::new(trigger)),
        }));
        changes.extend(
            parts.1.into_iter().map(|rule| Change::Create {
                path: part(Kind::Rule, &rule.name),
                object: Object::Rule(Box::new(rule)),
            }),
        );
        changes.extend(parts.2.into_iter().map(|(column, default)| {
            Change::alter(path.clone(), Aspect::ViewDefault { column, default: Some(default) })
        }));
        found.push(Difference::new(path, changes));
        return;
    }
    let mut changes = Vec::new();
    if !same {
        // Its options come with the statement; what is in the view stays.
        let object = Object::View(wanted.clone().into());
        changes.push(Change::Replace { path: path.clone(), object });
    } else {
        let options = parts::options(&now.options, &wanted.options);
        if !options.is_empty() {
            changes.push(Change::alter(path.clone(), Aspect::Options(options)));
        }
    }
    if let Some(tablespace) = wanted.tablespace.as_ref().filter(|_| now.tablespace != wanted.tablespace) {
        changes.push(Change::alter(path.clone(), Aspect::Tablespace(tablespace.clone())));
    }
    if let Some(method) = wanted.access_method.as_ref().filter(|_| now.access_method != wanted.access_method) {
        changes.push(Change::alter(path.clone(), Aspect::AccessMethod(method.clone())));
    }
    let lost = now.defaults.iter().filter(|(column, _)| wanted.defaults.iter().all(|(own, _)| own != column));
    for (column, _) in lost {
        changes.push(Change::alter(path.clone(), Aspect::ViewDefault { column: column.clone(), default: None }));
    }
    for (column, default) in wanted.defaults.iter().filter(|own| !now.defaults.contains(own)) {
        let aspect = Aspect::ViewDefault { column: column.clone(), default: Some(default.clone()) };
        changes.push(Change::alter(path.clone(), aspect));
    }
    if !changes.is_empty() {
        found.push(Difference::new(path, changes));
    }
    parts::indexes(&wanted.name, &now.indexes, &wanted.indexes, found);
    parts::triggers(&wanted.name, &now.triggers, &wanted.triggers, found);
    parts::rules(&wanted.name, &now.rules, &wanted.rules, found);
}

fn is_same_query(now: &View, wanted: &View) -> bool {
    now.query.sql == wanted.query.sql && now.columns == wanted.columns
}

/// Whether every column of the old view is one of the new, at its place, with its name and type.
fn keeps_columns(pair: Pair<'_>, now: &View, wanted: &View) -> bool {
    if now.materialized || now.columns.is_empty() || wanted.columns.len() < now.columns.len() {
        return false;
    }
    let named = now.columns.iter().zip(&wanted.columns).all(|(old, new)| old == new);
    named
        && (0..now.columns.len()).all(|at| {
            let (old, new) = (column(&now.query, at), column(&wanted.query, at));
            match (old, new) {
                (Some(old), Some(new)) => {
                    let types = (type_of(pair.now, &now.query, old), type_of(pair.after, &wanted.query, new));
                    matches!(types, (Some(old), Some(new)) if old == new)
                }
                _ => false,
            }
        })
}

/// The expression of the column at that place, when no `*` stands before it.
fn column(query: &Query, at: usize) -> Option<&Expr> {
    let stars = query.targets.iter().take(at + 1).any(|target| matches!(target.value, TargetValue::Star(_)));
    match &query.targets.get(at).filter(|_| !stars && query.set.is_none())?.value {
        TargetValue::Expr(expr) => Some(expr),
        TargetValue::Star(_) => None,
    }
}

/// The type of an expression, as far as it can be seen: of columns of tables, of casts, and of what is always one.
fn type_of(schema: &model::Schema, query: &Query, expr: &Expr) -> Option<Type> {
    match expr {
        Expr::Cast { ty, .. } => Some(ty.clone()),
        Expr::Column(column) => {
            let tables = query.tables();
            let of_name = |name: &model::Name| {
                let named = tables.iter().filter(|source| source.alias.as_ref().unwrap_or(&source.name.name) == name);
                named.copied().next()
            };
            let sources: Vec<_> = match &column.qualifier {
                Some(qualifier) => of_name(qualifier).into_iter().collect(),
                None => tables.clone(),
            };
            let mut types = sources
                .iter()
                .filter(|source| !source.cte)
                .filter_map(|source| schema.column(&source.name, &column.name).map(|column| column.ty.clone()));
            let first = types.next();
            if types.next().is_some() { None } else { first }
        }
        Expr::Bool(_) | Expr::Test { .. } | Expr::In { .. } | Expr::Between { .. } => Some(Type::Boolean),
        Expr::Binary { op, .. } => match op.as_str() {
            "AND" | "OR" | "=" | "<>" | "<" | ">" | "<=" | ">=" | "LIKE" | "ILIKE" => Some(Type::Boolean),
            _ => None,
        },
        Expr::Call(call) if call.star && call.function.name == "count" => Some(Type::BigInt),
        _ => None,
    }
}
