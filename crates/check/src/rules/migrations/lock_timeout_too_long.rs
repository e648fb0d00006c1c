use model::Step;
use model::step::Action;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// The `lock_timeout` is as long as an outage; let it be a few seconds, and try again.
    ///
    /// While the migration waits for its lock, every later query on the table waits behind it. A timeout of five minutes
    /// allows an outage of five minutes; 0 allows any.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET lock_timeout = '5min';
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET lock_timeout TO 60000;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET lock_timeout = '5s';
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,good
    /// SET lock_timeout = 0;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    "M044", fix, Check::Step(check)
}

/// A visitor of a web page waits about as long.
const LONG: f64 = 30.0;

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::Set { name, value: Some(value), local } = &step.action else { return };
    // Where nothing is there yet, nobody waits: dumps begin so.
    if !name.eq_ignore_ascii_case("lock_timeout") || step.before.is_empty() {
        return;
    }
    let Some(seconds) = seconds(value.to_string().trim_matches('\'')) else { return };
    if seconds > 0.0 && seconds <= LONG {
        return;
    }
    let message = match seconds > 0.0 {
        true => format!("everybody may wait {seconds:.0} seconds behind this migration"),
        false => "everybody may wait behind this migration without an end".to_string(),
    };
    let local = if *local { " LOCAL" } else { "" };
    let edit = findings.rewrite(step.place, &format!("SET{local} lock_timeout = '2s'"));
    let edits = if step.conditional { Vec::new() } else { vec![edit] };
    findings
        .here(step.place, message)
        .words("lock_timeout")
        .why("later queries on the table queue behind a lock that is asked for")
        .edit("wait two seconds", edits);
}

/// Milliseconds, unless a unit says otherwise (manual, 20.1.1).
fn seconds(value: &str) -> Option<f64> {
    let value = value.trim();
    let digits = value.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let of_unit = match unit.trim() {
        "" | "ms" => 0.001,
        "us" => 0.000_001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(number * of_unit)
}
