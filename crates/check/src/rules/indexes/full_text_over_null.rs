use model::object::{Generated, Index, IndexKey, Table};
use model::{Aspect, Change, Expr, Name, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::column_path;

rule! {
    /// A full-text vector is put together from columns that may be NULL, and one NULL makes all of it NULL; wrap each in `coalesce`.
    ///
    /// `title || ' ' || body` is NULL for every row without a body, so that a search finds none of them, by title either.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL, body text);
    /// CREATE INDEX posts_search ON posts USING gin (to_tsvector('english', title || ' ' || body));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE posts (
    ///     id bigint PRIMARY KEY, title text, body text,
    ///     search tsvector GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || body)) STORED
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL, body text);
    /// CREATE INDEX posts_search ON posts USING gin (to_tsvector('english', title || ' ' || coalesce(body, '')));
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL, body text);
    /// CREATE INDEX posts_search ON posts USING gin (to_tsvector('english', body));
    /// ```
    "I010", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.inherited) {
            let Some(column) = index.keys.iter().find_map(|key| swallowed(table, &key.expr)) else { continue };
            let path = Path::index(&table.name, index.name.clone());
            let keys =
                index.keys.iter().map(|key| IndexKey { expr: mended(table, &key.expr), ..key.clone() }).collect();
            let anew = Change::add_index(&table.name, Index { keys, ..index.clone() });
            findings
                .at(&path, format!("rows without a {column} are not found"))
                .why(format!("{column} may be NULL, and NULL || anything is NULL"))
                .unsafe_fix("put an empty text in its place", vec![Change::drop(path), anew]);
        }
        for column in table.columns.iter().filter(|column| !column.inherited) {
            let Some(generated) = &column.generated else { continue };
            let Some(part) = swallowed(table, &generated.expr) else { continue };
            let path = column_path(table, column);
            let expr = mended(table, &generated.expr);
            let anew = Aspect::Generated(Some(Box::new(Generated { expr, stored: generated.stored })));
            findings
                .at(&path, format!("rows without a {part} are not found"))
                .why(format!("{part} may be NULL, and NULL || anything is NULL"))
                .unsafe_fix("put an empty text in its place", vec![Change::alter(path, anew)]);
        }
    }
}

/// A column that may be NULL, put together with others inside `to_tsvector`.
fn swallowed<'e>(table: &Table, expr: &'e Expr) -> Option<&'e Name> {
    let mut found = None;
    expr.walk(&mut |part| {
        let Expr::Call(call) = part else { return };
        for argument in call.args.iter().filter(|_| call.function.name == "to_tsvector") {
            found = found.or_else(|| open_part(table, argument));
        }
    });
    found
}

/// Among parts that are joined by `||`.
fn open_part<'e>(table: &Table, expr: &'e Expr) -> Option<&'e Name> {
    match expr.without_casts() {
        Expr::Binary { op, left, right } if op == "||" => {
            [left, right].into_iter().find_map(|side| match side.without_casts() {
                Expr::Column(column) => is_open(table, &column.name).then_some(&column.name),
                _ => open_part(table, side),
            })
        }
        _ => None,
    }
}

fn is_open(table: &Table, column: &Name) -> bool {
    table.column(column).is_some_and(|column| column.is_nullable() && column.ty.is_text())
}

/// The same, with `coalesce(column, '')` for each such column.
fn mended(table: &Table, expr: &Expr) -> Expr {
    fn mend(table: &Table, expr: &mut Expr) {
        match expr {
            Expr::Column(column) if is_open(table, &column.name) => {
                let args = vec![expr.clone(), Expr::String(Name::default())];
                *expr = Expr::call(QName::new("", "coalesce"), args);
            }
            // Who wrote it knows.
            Expr::Call(call) if call.function.name == "coalesce" => {}
            _ => expr.children_mut().into_iter().for_each(|child| mend(table, child)),
        }
    }
    let mut mended = expr.clone();
    mend(table, &mut mended);
    mended
}
