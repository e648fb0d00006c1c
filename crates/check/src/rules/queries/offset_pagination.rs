use model::query::{FoundQuery, Origin};
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;

rule! {
    /// OFFSET reads and throws away every row before the page; continue after the last row that was seen.
    ///
    /// Page 1,000 of 50 rows reads 50,000 rows to return 50, and a row that is inserted meanwhile shifts all pages, so that
    /// rows are shown twice or never. A condition on the sort key is as quick on the last page as on the first.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text);
    /// -- queries
    /// SELECT id, title FROM posts ORDER BY id LIMIT 50 OFFSET $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text);
    /// -- queries
    /// SELECT id, title FROM posts WHERE id > $1 ORDER BY id LIMIT 50;
    /// ```
    "Q004", note, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    if found.origin == Origin::Migration {
        return;
    }
    for level in levels(&found.query) {
        let Some(offset) = level.offset.as_ref().filter(|offset| !is_small(&offset.expr)) else { continue };
        findings
            .here(found.place, "every page reads all the pages before it")
            .span(offset.span)
            .why("page 1,000 of 50 rows reads 50,000 rows, and a new row shifts them all");
    }
}

/// A constant that skips a few rows is no page.
fn is_small(offset: &Expr) -> bool {
    match offset.without_casts() {
        Expr::Number(number) => number.parse::<f64>().is_ok_and(|number| number <= 1000.0),
        Expr::Null => true,
        _ => false,
    }
}
