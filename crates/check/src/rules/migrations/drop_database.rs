use model::Step;
use model::step::Action;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A migration drops a whole database, or changes the server for all of them; leave that to whoever runs the server.
    ///
    /// DROP DATABASE has no way back, not even ROLLBACK, and it does not ask which environment it runs in. ALTER SYSTEM holds
    /// for every database of the server, needs a superuser, and is in no dump.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// DROP DATABASE IF EXISTS old_shop;
    /// ```
    /// ```sql,bad
    /// ALTER SYSTEM SET log_min_duration_statement = '1s';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// SET work_mem = '64MB';
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// ALTER ROLE reporting SET statement_timeout = '5min';
    /// ```
    "M046", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Other(words) = &step.action else { return };
    let (message, why, severity) = match words.as_str() {
        "DROP DATABASE" => ("all of a database is lost", "nothing brings it back but a backup", model::Severity::Error),
        "ALTER SYSTEM" => (
            "this changes every database of the server",
            "it needs a superuser, and a dump does not carry it",
            model::Severity::Warning,
        ),
        _ => return,
    };
    findings.here(step.place, message).words(words).why(why).severity(severity);
}
