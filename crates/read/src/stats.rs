//! Statistics of a running database, from a JSON file that a team exports and keeps beside its SQL.
//!
//! ```json
//! {
//!   "version": 1,
//!   "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 9663676416, "dead_rows": 120000}],
//!   "indexes": [{"name": "public.orders_status_idx", "bytes": 912680550, "scans": 0}]
//! }
//! ```
//!
//! `tables` comes from `pg_class.reltuples`, `pg_table_size` and `pg_stat_user_tables.n_dead_tup`, `indexes` from
//! `pg_relation_size` and `pg_stat_user_indexes.idx_scan`. A name without a schema is in `public`; names are as the
//! catalog has them, in double quotes only where they hold a dot or a quote. Numbers that are left out count as zero, and
//! what else stands there (`palladio stats export` writes what the planner knows beside it) is passed over. How the
//! database is used may stand there as well: `activity`.

mod activity;

use model::stats::{IndexStats, Stats, TableStats};
use model::{FileId, Place, Problem, ProblemKind, QName};
use serde_json::Value;

/// Reads one file of statistics; what it lacks or holds wrongly is a problem.
pub(crate) fn read(file: FileId, text: &str) -> (Option<Stats>, Vec<Problem>) {
    let place = Some(Place::new(file, 0, text.len() as u32));
    let problem = |message: String| Problem { kind: ProblemKind::Syntax, place, message };
    let value: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(value) => value,
        Err(error) => return (None, vec![problem(format!("no JSON of statistics: {error}"))]),
    };
    match value.get("version").and_then(Value::as_u64) {
        Some(1) => {}
        Some(other) => return (None, vec![problem(format!("statistics of version {other}; version 1 is read"))]),
        None => return (None, vec![problem("statistics without a \"version\"; version 1 is read".to_owned())]),
    }
    let mut stats = Stats { activity: activity::read(&value), ..Stats::default() };
    let mut problems = Vec::new();
    for (key, entry) in entries(&value, "tables").chain(entries(&value, "indexes")) {
        let Some(name) = entry.get("name").and_then(Value::as_str).and_then(qualified) else {
            problems.push(problem(format!("an entry of \"{key}\" has no name")));
            continue;
        };
        let number = |key: &str| entry.get(key).and_then(Value::as_f64).unwrap_or(0.0).max(0.0);
        if key == "tables" {
            let (rows, bytes, dead_rows) = (number("rows"), number("bytes") as u64, number("dead_rows"));
            let modified = entry.get("modified").and_then(Value::as_f64).map(|rows| rows.max(0.0));
            stats.tables.insert(name, TableStats { rows, bytes, dead_rows, modified, ..TableStats::default() });
        } else {
            stats.indexes.insert(name, IndexStats { bytes: number("bytes") as u64, scans: number("scans") as u64 });
        }
    }
    (Some(stats), problems)
}

/// What several files say, together; a later one is right about what both say.
pub(crate) fn join(into: &mut Option<Stats>, other: Stats) {
    let stats = into.get_or_insert_default();
    stats.tables.extend(other.tables);
    stats.indexes.extend(other.indexes);
    stats.activity = other.activity.or(stats.activity.take());
}

fn entries<'a>(value: &'a Value, key: &'static str) -> impl Iterator<Item = (&'static str, &'a Value)> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().map(move |entry| (key, entry))
}

/// `orders`, `app.orders`, `"odd.schema".orders`
fn qualified(text: &str) -> Option<QName> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => {
                words.last_mut().expect("one word at least").push('"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("one word at least").push(letter),
        }
    }
    match words.as_slice() {
        [name] if !name.is_empty() => Some(QName::public(name.as_str())),
        [schema, name] if !schema.is_empty() && !name.is_empty() => Some(QName::new(schema.as_str(), name.as_str())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (stats, problems) = read(FileId(0), text);
        let stats = stats.unwrap_or_default();
        let mut found = String::new();
        for (name, table) in &stats.tables {
            found += &format!("{name}: {} rows, {} bytes, {} dead\n", table.rows, table.bytes, table.dead_rows);
        }
        for (name, index) in &stats.indexes {
            found += &format!("{name}: {} bytes, {} scans\n", index.bytes, index.scans);
        }
        for problem in problems {
            found += &format!("! {}\n", problem.message);
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn tables_and_indexes() {
        check(
            r#"{"version": 1,
                "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 10, "dead_rows": 3}, {"name": "\"a.b\".c"}],
                "indexes": [{"name": "orders_pkey", "bytes": 5, "scans": 7}]}"#,
            "\"a.b\".c: 0 rows, 0 bytes, 0 dead\norders: 41200000 rows, 10 bytes, 3 dead\norders_pkey: 5 bytes, 7 scans\n",
        );
    }

    #[test]
    fn what_the_planner_knows_is_passed_over() {
        check(
            r#"{"version": 1, "server": "17.2", "settings": {"work_mem": "4MB"},
                "tables": [{"name": "app.\"say \"\"hi\"\"\"", "rows": -1.0, "bytes": 8, "columns": [{"name": "id"}]}]}"#,
            "app.\"say \"\"hi\"\"\": 0 rows, 8 bytes, 0 dead\n",
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        check(r#"{"tables": []}"#, "! statistics without a \"version\"; version 1 is read\n");
        check(r#"{"version": 2}"#, "! statistics of version 2; version 1 is read\n");
        check(r#"{"version": 1, "tables": [{"rows": 1}]}"#, "! an entry of \"tables\" has no name\n");
        check("nonsense", "! no JSON of statistics: expected ident at line 1 column 2\n");
    }
}
