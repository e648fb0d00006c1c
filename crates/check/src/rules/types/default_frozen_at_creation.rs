use model::{Aspect, Change, Expr, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `DEFAULT 'now'` is the moment when the table was made; call `now()`.
    ///
    /// The literal is read once, when the statement runs, and its value is stored as the default. Every row then gets that same
    /// moment, which looks right until the next day.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz DEFAULT 'now');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_on date DEFAULT 'today'::date);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz DEFAULT now(), due text DEFAULT 'now');
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz DEFAULT 'infinity');
    /// ```
    "T029", error, known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let literal = match &column.default {
        Some(Expr::String(text)) => text,
        Some(Expr::Cast { operand, ty }) if is_time(ty) => match &**operand {
            Expr::String(text) => text,
            _ => return,
        },
        _ => return,
    };
    let word = literal.trim().to_ascii_lowercase();
    if !is_time(&column.ty) || !matches!(word.as_str(), "now" | "today" | "tomorrow" | "yesterday") {
        return;
    }
    let path = column_path(table, column);
    let draft = findings
        .at(&path, format!("{}.{} is always the day when the table was made", table.name, column.name))
        .why(format!("'{word}' is read once, when the default is stored"));
    let running = match (&column.ty, word.as_str()) {
        (Type::Date, "now" | "today") => Expr::Keyword("CURRENT_DATE".into()),
        (_, "now") => Expr::call(QName::new("", "now"), Vec::new()),
        _ => return,
    };
    let title = format!("use {running}");
    draft.fix(title, vec![Change::alter(path, Aspect::Default(Some(running)))]);
}

fn is_time(ty: &Type) -> bool {
    matches!(ty, Type::Date | Type::Timestamp { .. } | Type::Time { .. })
}
