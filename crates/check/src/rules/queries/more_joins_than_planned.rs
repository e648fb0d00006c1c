use model::Schema;
use model::query::{FoundQuery, Source};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::repeated;
use crate::rule::Check;

rule! {
    /// The query joins more tables than the planner orders by itself, so they are joined as written; put the table that leaves the fewest rows first.
    ///
    /// `join_collapse_limit` is 8: of more explicit JOINs the planner keeps the order in which they stand, and an unlucky one
    /// costs a factor of a thousand. Raising the limit makes planning slower for every query.
    ///
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, up bigint);
    /// -- queries
    /// SELECT a.id FROM t a JOIN t b ON b.id = a.up JOIN t c ON c.id = b.up JOIN t d ON d.id = c.up
    /// JOIN t e ON e.id = d.up JOIN t f ON f.id = e.up JOIN t g ON g.id = f.up JOIN t h ON h.id = g.up
    /// JOIN t i ON i.id = h.up;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE t (id bigint PRIMARY KEY, up bigint);
    /// -- queries
    /// SELECT a.id FROM t a LEFT JOIN t b ON b.id = a.up LEFT JOIN t c ON c.id = b.up LEFT JOIN t d ON d.id = c.up
    /// LEFT JOIN t e ON e.id = d.up LEFT JOIN t f ON f.id = e.up LEFT JOIN t g ON g.id = f.up
    /// LEFT JOIN t h ON h.id = g.up LEFT JOIN t i ON i.id = h.up LEFT JOIN t j ON j.id = i.up;
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, up bigint);
    /// -- queries
    /// SELECT a.id FROM t a JOIN t b ON b.id = a.up JOIN t c ON c.id = b.up JOIN t d ON d.id = c.up
    /// JOIN t e ON e.id = d.up JOIN t f ON f.id = e.up JOIN t g ON g.id = f.up JOIN t h ON h.id = g.up;
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint PRIMARY KEY, up bigint);
    /// -- queries
    /// SELECT a.id FROM t a JOIN t b ON b.id = a.up WHERE a.up IN (SELECT c.id FROM t c JOIN t d ON d.id = c.up);
    /// ```
    "Q026", note, known, Check::Query(check)
}

/// The default of `join_collapse_limit` (manual, 20.7.4).
const LIMIT: usize = 8;

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let most = level.from.iter().map(size).max().unwrap_or(0);
        if most > LIMIT {
            findings
                .here(found.place, format!("{most} tables are joined in the order in which they stand"))
                .span(level.span)
                .words("JOIN")
                .why(format!("the planner looks for the best order of {LIMIT} and no more (join_collapse_limit)"));
        }
    }
}

/// How many things one FROM item joins.
fn size(source: &Source) -> usize {
    match source {
        Source::Join(join) => size(&join.left) + size(&join.right),
        _ => 1,
    }
}
