//! Two dumps, object by object.

use std::collections::BTreeMap;

/// The entries of a dump: what each is, and its statements.
pub(crate) fn entries(dump: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut name = String::new();
    let mut text = String::new();
    for line in dump.lines() {
        if let Some(header) = line.strip_prefix("-- Name: ") {
            add(&mut entries, &mut name, &mut text);
            name = header.split("; Owner:").next().unwrap_or(header).to_owned();
        } else if !is_noise(line) {
            text += &in_order(line);
            text.push('\n');
        }
    }
    add(&mut entries, &mut name, &mut text);
    entries
}

fn add(entries: &mut BTreeMap<String, String>, name: &mut String, text: &mut String) {
    let (name, text) = (std::mem::take(name), std::mem::take(text));
    if !name.is_empty() {
        // Overloads of a name have the same header where only the types of a schema differ.
        let is_privileges = name.contains("; Type: ACL;") || name.contains("; Type: DEFAULT ACL;");
        let entry: &mut String = entries.entry(name).or_default();
        if is_privileges {
            // Who was given something first is of no meaning.
            let mut lines: Vec<&str> = text.trim().lines().collect();
            lines.sort_unstable();
            entry.push_str(&lines.join("\n"));
        } else {
            entry.push_str(text.trim());
        }
        entry.push('\n');
    }
}

/// The line with its storage parameters in one order: the catalog keeps them as they were written.
fn in_order(line: &str) -> String {
    let Some((before, parameters)) = line.split_once("WITH (") else { return line.to_owned() };
    let Some((parameters, behind)) = parameters.split_once(')') else { return line.to_owned() };
    let mut parameters: Vec<&str> = parameters.split(", ").collect();
    parameters.sort_unstable();
    format!("{before}WITH ({}){behind}", parameters.join(", "))
}

/// Comments, and settings that stand between the objects.
fn is_noise(line: &str) -> bool {
    let settings = ["SET default_tablespace", "SET default_table_access_method", "\\restrict", "\\unrestrict"];
    line == "--"
        || line.starts_with("-- PostgreSQL database dump")
        || settings.iter().any(|noise| line.starts_with(noise))
}

pub(crate) struct Comparison {
    pub equal: usize,
    pub total: usize,
    /// The objects that differ, with the first line that does on both sides.
    pub differences: Vec<String>,
}

pub(crate) fn compare(original: &str, written: &str) -> Comparison {
    let (original, written) = (entries(original), entries(written));
    let names: std::collections::BTreeSet<&String> = original.keys().chain(written.keys()).collect();
    let mut differences = Vec::new();
    for name in &names {
        match (original.get(*name), written.get(*name)) {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) => differences.push(format!("{name}\n{}", first_difference(one, other))),
            (Some(one), None) => differences.push(format!("{name}\n  missing: {}", first_line(one))),
            (None, Some(other)) => differences.push(format!("{name}\n  too much: {}", first_line(other))),
            (None, None) => {}
        }
    }
    Comparison { equal: names.len() - differences.len(), total: names.len(), differences }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

fn first_difference(one: &str, other: &str) -> String {
    let lines = one.lines().map(Some).chain(std::iter::repeat(None));
    let others = other.lines().map(Some).chain(std::iter::repeat(None));
    let count = one.lines().count().max(other.lines().count());
    let pair = lines.zip(others).take(count).find(|(one, other)| one != other).unwrap_or_default();
    format!("  original: {}\n  written:  {}", pair.0.unwrap_or(""), pair.1.unwrap_or(""))
}
