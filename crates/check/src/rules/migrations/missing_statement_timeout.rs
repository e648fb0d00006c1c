use model::{Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::sight::Sight;
use crate::words::counted;

rule! {
    /// Migrations that lock tables against everybody run without a `statement_timeout`; set one that is longer than the work and shorter than an outage.
    ///
    /// A `lock_timeout` bounds the wait and not the work: a scan that needs milliseconds in a test may take an hour in
    /// production, with the lock held.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET lock_timeout = '2s';
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// -- next migration
    /// SET statement_timeout = 0;
    /// ALTER TABLE orders ALTER COLUMN note SET DEFAULT '';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET statement_timeout = '1min';
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// -- next migration
    /// CREATE INDEX CONCURRENTLY orders_note ON orders (note);
    /// ```
    "M043", note, opt_in, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let sight = findings.sight();
    let careless: Vec<&Step> =
        ups(migrations).filter_map(|migration| migration.steps.iter().find(|step| is_unbounded(sight, step))).collect();
    let is_fresh = |step: &&&Step| {
        let fresh = findings.settings.fresh.as_ref();
        fresh.is_none_or(|files| files.contains(&step.place.file))
    };
    let Some(newest) = careless.iter().rev().find(is_fresh) else { return };
    let local = if newest.transaction.is_open() { " LOCAL" } else { "" };
    let edits = match newest.conditional {
        true => Vec::new(),
        false => vec![findings.first(newest.place, &format!("SET{local} statement_timeout = '1min';\n"))],
    };
    let all = counted(ups(migrations).count(), "migration", "migrations");
    findings
        .here(newest.place, "nothing bounds how long this holds its lock")
        .first_line()
        .why(format!("{} of {all} lock tables against everybody without a statement_timeout", careless.len()))
        .edit("give it a minute", edits);
}

fn is_unbounded(sight: &Sight<'_>, step: &Step) -> bool {
    let timeout = step.settings.statement_timeout.as_deref();
    timeout.is_none_or(|timeout| timeout.trim_start_matches('0').is_empty()) && !sight.locked(step).is_empty()
}
