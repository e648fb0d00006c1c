//! How a database is used, from a file of its statistics:
//!
//! ```json
//! {
//!   "counted": {"days": 41.5, "since": "2026-03-02", "at_least": false},
//!   "replica": false, "replicas": ["standby1 at 10.0.0.5"],
//!   "tables": [{"name": "orders", "writes": {"inserted": 1200, "updated": 90, "in_place": 80, "deleted": 0}}],
//!   "indexes": [{"name": "orders_status", "last_scan": "2026-03-11", "built_now": false, "referred_by": "lines_order_fkey",
//!                "needed": {"bytes": 8192, "measured": true}}]
//! }
//! ```

use model::activity::{Activity, Counted, Needed, Use, WANTED_DAYS, Writes};
use serde_json::Value;

use super::{entries, qualified};

/// Nothing where the file does not say since when scans were counted.
pub(super) fn read(value: &Value) -> Option<Activity> {
    let counted = value.get("counted")?;
    let mut activity = Activity {
        counted: Counted {
            days: counted.get("days").and_then(Value::as_f64).unwrap_or(0.0).max(0.0),
            since: text(counted, "since").unwrap_or_default(),
            at_least: is(counted, "at_least"),
            wanted: WANTED_DAYS,
        },
        is_replica: is(value, "replica"),
        replicas: texts(value, "replicas"),
        added: texts(value, "added"),
        ..Activity::default()
    };
    for (_, entry) in entries(value, "tables") {
        let Some(name) = entry.get("name").and_then(Value::as_str).and_then(qualified) else { continue };
        let Some(writes) = entry.get("writes") else { continue };
        let [inserted, updated, in_place, deleted] =
            ["inserted", "updated", "in_place", "deleted"].map(|key| count(writes, key));
        activity.tables.insert(name, Writes { inserted, updated, in_place, deleted });
    }
    for (_, entry) in entries(value, "indexes") {
        let Some(name) = entry.get("name").and_then(Value::as_str).and_then(qualified) else { continue };
        let needed = |needed: &Value| Needed { bytes: count(needed, "bytes"), is_measured: is(needed, "measured") };
        let used = Use {
            last_scan: text(entry, "last_scan"),
            is_built_now: is(entry, "built_now"),
            referred_by: entry.get("referred_by").and_then(Value::as_str).map(Into::into),
            needed: entry.get("needed").map(needed),
        };
        activity.indexes.insert(name, used);
    }
    Some(activity)
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn count(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_f64).unwrap_or(0.0).max(0.0) as u64
}
