use model::step::Action;
use model::{Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
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
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// -- next migration
    /// SET lock_timeout = 0;
    /// CREATE INDEX CONCURRENTLY orders_note ON orders (note);
    /// ```
    "M044", fix, Check::History(check)
}

/// A visitor of a web page waits about as long.
const LONG: f64 = 30.0;

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut set: Option<(&Step, f64, bool)> = None;
        for step in &migration.steps {
            if let Some((value, local)) = timeout(step) {
                set = seconds(value.trim_matches('\'')).map(|seconds| (step, seconds, local));
            }
            // A concurrent build waits without a queue behind it, and may take its time.
            if findings.sight().locked(step).is_empty() {
                continue;
            }
            let Some((setting, seconds, local)) = set.take() else { continue };
            if seconds == 0.0 || seconds > LONG {
                report(findings, setting, seconds, local);
            }
        }
    }
}

fn timeout(step: &Step) -> Option<(String, bool)> {
    match &step.action {
        Action::Set { name, value, local } if name.eq_ignore_ascii_case("lock_timeout") => {
            Some((value.as_ref().map(ToString::to_string).unwrap_or_default(), *local))
        }
        _ => None,
    }
}

fn report(findings: &mut Findings<'_>, setting: &Step, seconds: f64, local: bool) {
    let message = match seconds > 0.0 {
        true => format!("everybody may wait {seconds:.0} seconds behind this migration"),
        false => "everybody may wait behind this migration without an end".to_string(),
    };
    let local = if local { " LOCAL" } else { "" };
    let edit = findings.rewrite(setting.place, &format!("SET{local} lock_timeout = '2s'"));
    let edits = if setting.conditional { Vec::new() } else { vec![edit] };
    findings
        .here(setting.place, message)
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
