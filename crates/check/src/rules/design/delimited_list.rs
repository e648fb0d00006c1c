use model::{Expr, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A column holds a list in one text; give each item a row of its own, or use an array.
    ///
    /// `'3,17,170'` matches `LIKE '%17%'` twice. No foreign key holds for the items, no index finds one, adding one rewrites all,
    /// and two requests at once lose one of the two. It breaks the first normal form.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, tag_ids text NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, roles_csv varchar(200));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, roles text);
    /// -- queries
    /// SELECT id FROM users WHERE $1 = ANY (string_to_array(roles, ','));
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, tag_ids bigint[] NOT NULL, check_list text, notes text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- queries
    /// SELECT string_to_array(name, ' ') FROM users;
    /// ```
    "D001", Check::Schema(check)
}

fn check(_: &Schema, findings: &mut Findings<'_>) {
    let split = split_columns(findings);
    let texts = findings.sight().columns().filter(|at| matches!(at.column.ty, Type::Text | Type::Varchar(_)));
    for At { table, column, words, .. } in texts {
        let why = if is_named_so(words) {
            "its name says that it holds several"
        } else if split.iter().any(|(of, name)| *of == table.name.name && *name == column.name) {
            "a query takes it apart at a separator"
        } else {
            continue;
        };
        findings
            .at_type(&column_path(table, column), format!("{}.{} holds a list in one text", table.name, column.name))
            .why(why)
            .why("no index and no foreign key reaches the items");
    }
}

/// `tag_ids`, `roles_csv`
fn is_named_so(words: &[Name]) -> bool {
    words.len() > 1 && words.last().is_some_and(|last| matches!(last.as_str(), "csv" | "ids"))
}

/// The columns that a query takes apart at a comma or its like, with the name of their table.
fn split_columns(findings: &Findings<'_>) -> Vec<(model::Name, model::Name)> {
    let mut found = Vec::new();
    for query in findings.queries() {
        query.query.walk(&mut |query| {
            let [source] = query.tables()[..] else { return };
            for expr in query.expressions() {
                expr.walk(&mut |expr| {
                    let Expr::Call(call) = expr else { return };
                    let splits = matches!(
                        call.function.name.as_str(),
                        "string_to_array" | "regexp_split_to_table" | "string_to_table"
                    );
                    let [of, Expr::String(sign), ..] = call.args.as_slice() else { return };
                    let name = of.without_casts().as_column();
                    if let Some(name) = name.filter(|_| splits && matches!(sign.trim(), "," | ";" | "|")) {
                        found.push((source.name.name.clone(), name.clone()));
                    }
                });
            }
        });
    }
    found
}
