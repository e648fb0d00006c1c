use model::object::{Column, Table};
use model::{Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Outlier, Style, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::{column_path, own_columns, words_of};
use crate::words::comma;

rule! {
    /// A boolean does not begin as the others do; call it `is_…` where they are.
    ///
    /// `WHERE is_active` reads as a question. With `is_active`, `is_hidden` and then `archived`, the third is taken for a time
    /// or a number. The rule speaks only where most booleans of the project have such a word in front, or where
    /// `naming.boolean-prefixes` of the configuration lists them.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (
    ///     id bigint PRIMARY KEY,
    ///     is_active boolean NOT NULL,
    ///     is_hidden boolean NOT NULL,
    ///     has_avatar boolean NOT NULL,
    ///     can_post boolean NOT NULL,
    ///     archived boolean NOT NULL
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (
    ///     id bigint PRIMARY KEY,
    ///     active boolean NOT NULL,
    ///     hidden boolean NOT NULL,
    ///     has_avatar boolean NOT NULL,
    ///     posts boolean NOT NULL,
    ///     archived boolean NOT NULL
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (
    ///     id bigint PRIMARY KEY,
    ///     is_active boolean NOT NULL,
    ///     is_hidden boolean NOT NULL,
    ///     has_avatar boolean NOT NULL,
    ///     allow_mail boolean NOT NULL
    /// );
    /// ```
    "N010", note, fix, Check::Schema(check)
}

/// Words that make a question or a permission of what follows.
const PREFIXES: &[&str] = &[
    "allow", "allows", "are", "can", "did", "do", "does", "enable", "enables", "has", "have", "in", "include",
    "includes", "is", "must", "needs", "not", "only", "requires", "should", "show", "skip", "supports", "use", "uses",
    "was", "were", "will",
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let booleans: Vec<(&Table, &Column)> =
        own_columns(schema).filter(|(_, column)| column.ty == Type::Boolean).collect();
    let told = findings.house().boolean_prefixes.as_deref();
    let begins = |column: &Column| {
        let first = words_of(&column.name).into_iter().next().unwrap_or_default();
        match told {
            Some(words) => words.iter().any(|word| *word == first),
            None => PREFIXES.contains(&first.as_str()),
        }
    };
    let shown = booleans.iter().map(|(_, column)| begins(column));
    let Some(style) = style(told.map(|_| true), shown, true) else { return };
    if !matches!(style, Style::Told(true) | Style::Shown { way: true, .. }) {
        return;
    }
    let prefix = told.and_then(|words| words.first()).map_or("is", String::as_str);
    let outliers = booleans.iter().filter(|(_, column)| !begins(column)).map(|(table, column)| {
        let path = column_path(table, column);
        let better = prefixed(prefix, &column.name);
        Outlier { changes: renames::part(schema, &path, &better), path, better }
    });
    let outliers = outliers.collect();
    let way = match told {
        Some(words) => format!("begin with {}", comma(words)),
        None => "begin with is, has or the like".to_owned(),
    };
    report(
        findings,
        style,
        outliers,
        &Wording { things: "booleans", way, why: "a flag is taken for a time or a number" },
    );
}

/// `is_archived`, or `isArchived` beside camelCase.
fn prefixed(prefix: &str, name: &str) -> String {
    let camel = name.contains(char::is_uppercase);
    let mut chars = name.chars();
    match (camel, chars.next()) {
        (true, Some(first)) => format!("{prefix}{}{}", first.to_uppercase(), chars.as_str()),
        _ => format!("{prefix}_{name}"),
    }
}
