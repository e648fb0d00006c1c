use model::{Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A measure does not say its unit; put it into the name.
    ///
    /// `timeout integer` is taken for seconds by one service and for milliseconds by the next, and no constraint can tell
    /// 30 from 30000. A probe to Mars was lost by such a column.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, timeout integer NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE trips (id bigint PRIMARY KEY, total_distance numeric(8,2) NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, timeout_ms integer NOT NULL, retry_delay interval);
    /// ```
    /// ```sql,good
    /// CREATE TABLE trips (id bigint PRIMARY KEY, distance numeric(8,2), distance_unit text);
    /// ```
    "N017", note, opt_in, Check::Column(check)
}

/// What has a unit and does not say which.
const MEASURES: &[&str] =
    &["delay", "distance", "duration", "elapsed", "interval", "latency", "speed", "temperature", "timeout", "ttl"];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let is_number = column.ty.is_integer() || matches!(column.ty, Type::Numeric(_) | Type::Real | Type::Double);
    let words = at.words;
    if !is_number || !words.last().is_some_and(|last| MEASURES.contains(&last.as_str())) {
        return;
    }
    let beside = |other: &str| other.contains("unit") || other.ends_with("_uom");
    if table.columns.iter().any(|other| beside(&other.name)) {
        return;
    }
    findings
        .at(&column_path(table, column), format!("{}.{} does not say in which unit", table.name, column.name))
        .why("30 is right in one unit and wrong in the next; the type cannot tell");
}
