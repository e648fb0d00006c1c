use model::object::{Column, Table};
use model::{Aspect, Change, Expr, Name, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A yes or no is kept as a number or a letter; use `boolean`.
    ///
    /// `is_active smallint` takes 2, and `is_active char(1)` takes `Y`, `y`, `J` and a blank: each query decides anew what counts
    /// as yes. `boolean` takes one byte and three states at most.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, is_active smallint NOT NULL DEFAULT 1);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, has_avatar varchar(1) NOT NULL DEFAULT 'N' CHECK (has_avatar IN ('Y', 'N')));
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, is_active boolean NOT NULL DEFAULT true, has_seen integer[]);
    /// ```
    /// ```sql,good
    /// CREATE TABLE films (id bigint PRIMARY KEY, active integer, is_rated_count integer, rating char(1));
    /// ```
    "T015", fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !is_small(&column.ty) || !names_question(at.words) || !default_fits(column) {
        return;
    }
    let path = column_path(table, column);
    let draft = findings
        .at_type(&path, format!("{}.{} can be more than yes or no", table.name, column.name))
        .why("each query decides by itself which values are a yes");
    if !is_compared(table, column) {
        draft.unsafe_fix("make it boolean", to_boolean(table, column, path));
    }
}

fn is_small(ty: &Type) -> bool {
    matches!(ty, Type::SmallInt | Type::Integer | Type::Char(Some(1)) | Type::Varchar(Some(1)) | Type::Bit(Some(1)))
}

/// `is_active`, and not `is_rated_count`.
fn names_question(words: &[Name]) -> bool {
    const MEASURES: &[&str] = &["at", "by", "count", "id", "level", "number", "on", "order", "total"];
    let asks = words.len() > 1 && matches!(words[0].as_str(), "is" | "has" | "can" | "was" | "should");
    asks && words.last().is_some_and(|last| !MEASURES.contains(&last.as_str()))
}

/// No default, or one of the two values.
fn default_fits(column: &Column) -> bool {
    column.default.as_ref().is_none_or(|default| truth(default).is_some())
}

fn truth(value: &Expr) -> Option<bool> {
    match value.without_casts() {
        Expr::Number(number) => match number.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        Expr::String(text) => match text.to_ascii_lowercase().as_str() {
            "y" | "t" | "1" => Some(true),
            "n" | "f" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// An index compares the column with the old values, or holds it beside others by them.
fn is_compared(table: &Table, column: &Column) -> bool {
    let in_predicate = |expr: &Expr| expr.columns().contains(&&column.name);
    let wide = |columns: Vec<model::Name>| columns.len() > 1 && columns.contains(&column.name);
    table.indexes.iter().any(|index| index.predicate.as_ref().is_some_and(in_predicate))
        || table.checks().any(|(constraint, _)| wide(constraint.columns()))
}

fn to_boolean(table: &Table, column: &Column, path: Path) -> Vec<Change> {
    let own_checks = table.checks().filter(|(constraint, _)| constraint.columns() == [column.name.clone()]);
    let mut changes: Vec<Change> = own_checks
        .map(|(constraint, _)| Change::drop(Path::constraint(&table.name, constraint.name.clone())))
        .collect();
    if column.default.is_some() {
        changes.push(Change::alter(path.clone(), Aspect::Default(None)));
    }
    changes.push(Change::set_type(path.clone(), Type::Boolean));
    if let Some(value) = column.default.as_ref().and_then(truth) {
        changes.push(Change::alter(path, Aspect::Default(Some(Expr::Bool(value)))));
    }
    changes
}
