//! drizzle-kit: a numbered file, its line in the journal, and a snapshot, which is the one before under another name:
//! what `drizzle-kit generate --custom` writes.

use serde_json::{Value, json};

use super::{Place, Unit, Written};

pub(super) fn write(units: &[Unit], place: &mut Place, written: &mut Written) {
    let home = place.home().to_owned();
    let at = |name: &str| if home.is_empty() { name.to_owned() } else { format!("{home}/{name}") };
    let journal_path = at("meta/_journal.json");
    let in_folders = place.last().is_some_and(|last| last.ends_with("/migration.sql"));
    let mut journal =
        place.beside.get(&journal_path).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(empty);
    let mut snapshot: Option<Value> = last_snapshot(place, &home).and_then(|text| serde_json::from_str(text).ok());
    for unit in units {
        let path = place.next(&unit.slug);
        let statements: Vec<&str> = unit.up.iter().map(String::as_str).collect();
        let comments = unit.commented("--");
        written.files.push((path.clone(), format!("{comments}{}\n", statements.join("\n--> statement-breakpoint\n"))));
        let name = path.rsplit('/').next().unwrap_or(&path);
        if in_folders {
            let Some(snapshot) = &mut snapshot else { continue };
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            renew(snapshot, folder);
            written.files.push((format!("{folder}/snapshot.json"), pretty(snapshot)));
            continue;
        }
        let tag = name.strip_suffix(".sql").unwrap_or(name);
        let number = tag.split('_').next().unwrap_or(tag);
        note(&mut journal, tag);
        if let Some(snapshot) = &mut snapshot {
            renew(snapshot, tag);
            written.files.push((at(&format!("meta/{number}_snapshot.json")), pretty(snapshot)));
        }
    }
    if !in_folders {
        written.files.push((journal_path, pretty(&journal)));
    }
    written.remarks.push(
        "The snapshots are copies of the last one. When the code of the schema says what B says, drizzle-kit generate \
         writes a migration that does it again: keep its snapshot, and leave its SQL empty"
            .to_owned(),
    );
}

fn empty() -> Value {
    json!({ "version": "7", "dialect": "postgresql", "entries": [] })
}

/// A millisecond in the journal says which migrations are newer: it grows by one second.
fn note(journal: &mut Value, tag: &str) {
    let Some(entries) = journal["entries"].as_array_mut() else { return };
    let number = |name: &str| entries.iter().filter_map(|entry| entry[name].as_i64()).max();
    let (idx, when) = (number("idx").map_or(0, |idx| idx + 1), number("when").unwrap_or(0) + 1000);
    entries.push(json!({ "idx": idx, "version": "7", "when": when, "tag": tag, "breakpoints": true }));
}

fn last_snapshot<'a>(place: &'a Place, home: &str) -> Option<&'a str> {
    let inside = |path: &&String| path.starts_with(home) && path.ends_with("snapshot.json");
    let last = place.beside.keys().filter(inside).max()?;
    place.beside.get(last).map(String::as_str)
}

/// The same content under a name of its own, which says the one before. It is made of the migration's name, so that the
/// same plan gives the same files.
fn renew(snapshot: &mut Value, tag: &str) {
    let before = snapshot["id"].take();
    let text = format!("{before} {tag}");
    let hex = format!("{:016x}{:016x}", hashed(&text, 0), hashed(&text, 1));
    let id = format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]);
    snapshot["id"] = Value::String(id);
    snapshot["prevId"] = before;
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is JSON") + "\n"
}

/// FNV-1a: a name for a snapshot, nothing that somebody trusts.
fn hashed(text: &str, seed: u8) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(step(0xcbf2_9ce4_8422_2325, seed), step)
}
