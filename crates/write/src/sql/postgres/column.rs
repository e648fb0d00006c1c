//! Columns: their definition in a table, and what only ALTER TABLE can say of them.

use model::name::quoted;
use model::object::{Column, Generated, Identity, NotNull, Table};
use model::{Expr, QName, Type};

use super::{sequence, words};

/// `total numeric(12,2) DEFAULT 0 NOT NULL`
pub(super) fn definition(column: &Column, table: &Table) -> String {
    let mut sql = format!("{} {}", quoted(&column.name), column.ty);
    if table.foreign.is_some() {
        sql += &words::foreign_options(&column.options);
    }
    sql + &collate(column.collation.as_ref()) + &properties(column, table)
}

/// The column of a table that stores a serial: type and default are told by one word.
pub(super) fn serial(column: &Column) -> String {
    let ty = match column.ty {
        Type::SmallInt => "smallserial",
        Type::Integer => "serial",
        _ => "bigserial",
    };
    format!("{} {ty}", quoted(&column.name))
}

/// What follows the type: everything that a table OF a type or a partition may say of a column it did not name.
pub(super) fn properties(column: &Column, table: &Table) -> String {
    let mut sql = String::new();
    if let Some(default) = &column.default {
        sql += &format!(" DEFAULT {}", default_value(default));
    }
    if let Some(generated) = &column.generated {
        sql += &format!(" {}", generation(generated));
    }
    if let Some(identity) = &column.identity {
        sql += &format!(" {}", self::identity(identity, &table.name, column));
    }
    // A NOT VALID constraint cannot be part of the definition; it is added afterwards.
    if let Some(not_null) = column.not_null.as_ref().filter(|not_null| !not_null.not_valid) {
        sql += &format!(" {}", self::not_null(not_null));
    }
    sql
}

pub(super) fn not_null(not_null: &NotNull) -> String {
    let name = not_null.name.as_ref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default();
    format!("{name}NOT NULL{}", if not_null.no_inherit { " NO INHERIT" } else { "" })
}

pub(super) fn generation(generated: &Generated) -> String {
    let stored = if generated.stored { "STORED" } else { "VIRTUAL" };
    format!("GENERATED ALWAYS AS ({}) {stored}", generated.expr)
}

/// `GENERATED ALWAYS AS IDENTITY (START WITH 1000)`; the sequence's name only where it is not the one that the
/// database would choose.
pub(super) fn identity(identity: &Identity, table: &QName, column: &Column) -> String {
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = sequence::options(&identity.sequence, Some(&column.ty));
    let name = &identity.sequence.name;
    if !name.name.is_empty() && *name != sequence::default_name(table, &column.name) {
        options.insert(0, format!("SEQUENCE NAME {name}"));
    }
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {when} AS IDENTITY{options}")
}

pub(super) fn collate(collation: Option<&QName>) -> String {
    collation.map(|collation| format!(" COLLATE {collation}")).unwrap_or_default()
}

/// The expression where the grammar takes no operators of low precedence without parentheses (`b_expr`).
pub(super) fn default_value(expr: &Expr) -> String {
    match expr {
        Expr::Null
        | Expr::Bool(_)
        | Expr::Number(_)
        | Expr::String(_)
        | Expr::Keyword(_)
        | Expr::Column(_)
        | Expr::Array(_)
        | Expr::Row(_)
        | Expr::Case { .. }
        | Expr::Cast { .. } => expr.to_string(),
        Expr::Unary { op, operand } if op == "-" && matches!(**operand, Expr::Number(_)) => expr.to_string(),
        Expr::Call(call) if call.filter.is_none() && call.over.is_none() => expr.to_string(),
        _ => parenthesized(&expr.to_string()),
    }
}

/// The text in parentheses, unless one pair encloses it already.
pub(super) fn parenthesized(text: &str) -> String {
    if is_enclosed(text) { text.to_owned() } else { format!("({text})") }
}

fn is_enclosed(text: &str) -> bool {
    if !text.starts_with('(') || text.contains(['\'', '"']) {
        return false;
    }
    let mut depth = 0;
    for (offset, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return offset + 1 == text.len();
        }
    }
    false
}

/// What CREATE TABLE cannot say of a column in every version: storage (16), statistics, options.
pub(super) fn afterwards(column: &Column, table: &Table) -> Vec<String> {
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", table.name, quoted(&column.name));
    let mut statements = Vec::new();
    if let Some(storage) = &column.storage {
        statements.push(format!("{alter} SET STORAGE {storage};"));
    }
    if let Some(compression) = &column.compression {
        statements.push(format!("{alter} SET COMPRESSION {};", quoted(compression)));
    }
    if let Some(target) = column.statistics {
        statements.push(format!("{alter} SET STATISTICS {target};"));
    }
    if table.foreign.is_none() && !column.options.is_empty() {
        statements.push(format!("{alter} SET ({});", words::parameters(&column.options)));
    }
    statements
}
