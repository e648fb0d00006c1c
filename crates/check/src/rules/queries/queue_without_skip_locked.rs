use model::query::FoundQuery;
use model::{Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, is_plain_from, repeated};
use crate::rule::Check;

rule! {
    /// Workers that take the first rows with FOR UPDATE wait for each other; say `SKIP LOCKED`.
    ///
    /// All of them pick the same first rows, and all but one wait until it commits, so that ten workers do the work of one.
    /// `SKIP LOCKED` passes over what somebody else has taken.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);
    /// -- queries
    /// SELECT id FROM jobs WHERE status = 'waiting' ORDER BY run_at LIMIT 10 FOR UPDATE;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);
    /// -- queries
    /// UPDATE jobs SET status = 'taken' WHERE id = (SELECT id FROM jobs WHERE status = 'waiting' ORDER BY id LIMIT 1 FOR UPDATE);
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);
    /// -- queries
    /// SELECT id FROM jobs WHERE status = 'waiting' ORDER BY run_at LIMIT 10 FOR UPDATE SKIP LOCKED;
    /// ```
    /// ```sql,good
    /// CREATE TABLE versions (id bigint PRIMARY KEY, document bigint, number integer);
    /// -- queries
    /// SELECT number FROM versions WHERE document = $1 ORDER BY number DESC LIMIT 1 FOR UPDATE;
    /// ```
    "Q021", note, fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let Some(locking) = &level.locking else { continue };
        let takes = matches!(locking.strength.as_str(), "UPDATE" | "NO KEY UPDATE");
        // The newest row of a group is locked so that others wait for it.
        let one = matches!(level.limit.as_ref(), Some(Expr::Number(number)) if number == "1");
        let is_inner = !std::ptr::eq(level, &found.query);
        let queues = level.limit.is_some() && (!one || is_inner) && !level.order_by.is_empty() && is_plain_from(level);
        if !takes || !queues || locking.skip_locked || locking.no_wait {
            continue;
        }
        let words = format!("FOR {}", locking.strength);
        // FOR UPDATE OF names tables behind it.
        let names = !findings.replace(found.place, &format!("{words} OF"), "").is_empty();
        let edits = match is_editable(found) && !names {
            true => findings.replace(found.place, &words, &format!("{words} SKIP LOCKED")),
            false => Vec::new(),
        };
        findings
            .here(found.place, "whoever runs this at the same time waits for the same rows")
            .span(level.span)
            .words(&words)
            .why("all pick the first rows, and all but one wait for its commit")
            .unsafe_edit("pass over what is taken", edits);
    }
}
