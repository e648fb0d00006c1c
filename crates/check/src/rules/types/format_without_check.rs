use model::object::{Column, Constraint, ConstraintKind, Table};
use model::{Change, Expr, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// An email address or URL is kept as text without a check; refuse at least what can be none.
    ///
    /// One import with shifted columns fills the column with names, and the mistake shows weeks later, when mail bounces. A
    /// check of one sign stops it at the first row. Finer rules belong to the application.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE hooks (id bigint PRIMARY KEY, callback_url text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL CHECK (email LIKE '%@%'), email_verified text);
    /// ```
    /// ```sql,good
    /// CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%');
    /// CREATE TABLE users (id bigint PRIMARY KEY, email address NOT NULL);
    /// ```
    "T014", note, fix, opt_in, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Text | Type::Varchar(_)) || is_checked(table, column) {
        return;
    }
    let words = at.words;
    let (what, pattern) = match words.last().map(Name::as_str) {
        Some("email" | "mail") => ("an email address", "%@%"),
        Some("url" | "uri") => ("a URL", "%:%"),
        _ => return,
    };
    let like = Expr::binary("LIKE", Expr::column(column.name.clone()), Expr::String(pattern.into()));
    let constraint = Constraint::new(Name::default(), ConstraintKind::Check(like));
    findings
        .at(&column_path(table, column), format!("{}.{} takes what cannot be {what}", table.name, column.name))
        .why("nothing but the application looks at the value")
        .unsafe_fix(format!("check for {pattern}"), vec![Change::add_constraint(&table.name, constraint)]);
}

fn is_checked(table: &Table, column: &Column) -> bool {
    table.checks().any(|(_, expr)| expr.columns().contains(&&column.name))
}
