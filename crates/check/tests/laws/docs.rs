//! `docs/rules/` is printed from the rules. `UPDATE=1 cargo test -p check` writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use check::{PEERS, Rule, reason, rules};

#[test]
fn docs_are_printed_from_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let mut pages: BTreeMap<PathBuf, String> =
        rules().iter().map(|rule| (folder.join(format!("{}.md", rule.name)), page(rule))).collect();
    pages.insert(folder.join("README.md"), index());
    let on_disk: Vec<PathBuf> =
        std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let stray: Vec<_> = on_disk.into_iter().filter(|path| !pages.contains_key(path)).collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for path in stray {
            std::fs::remove_file(path).expect("an old page can be removed");
        }
        for (path, text) in pages {
            std::fs::write(path, text).expect("a page can be written");
        }
        return;
    }
    assert!(stray.is_empty(), "pages of no rule: {stray:?}; run UPDATE=1 cargo test -p check");
    for (path, text) in pages {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is not what its rule says; run UPDATE=1 cargo test -p check", path.display());
    }
}

fn page(rule: &Rule) -> String {
    let Rule { code, name, group, severity, proof, page, .. } = rule;
    let fix = if rule.fix { "can be fixed" } else { "has no fix" };
    let off = if rule.opt_in { " · off unless selected" } else { "" };
    let (severity, proof) = (severity.name(), proof.name());
    let page = page.replace("```sql,", "```sql ").replace("```plan,", "```text ");
    format!("# {name} ({code})\n\n{severity} · {proof} · {group} · {fix}{off}\n\n{page}")
}

fn index() -> String {
    let mut groups: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules() {
        groups.entry(rule.group).or_default().push(rule);
    }
    let mut out = format!("# Rules\n\n{} rules, printed from their files.\n", rules().len());
    for (group, rules) in groups {
        write!(out, "\n## {group}\n\n| code | name | | what it finds |\n|---|---|---|---|\n")
            .expect("a string takes it");
        for Rule { code, name, severity, summary, .. } in rules {
            writeln!(out, "| {code} | [{name}]({name}.md) | {} | {summary} |", severity.name())
                .expect("a string takes it");
        }
    }
    out += "\n## Names of other tools\n\nThese names work in comments that silence a rule.\n\n| tool | its rule | ours |\n|---|---|---|\n";
    for peer in PEERS {
        let ours: Vec<String> = peer.ours.iter().map(|name| format!("[{name}]({name}.md)")).collect();
        let ours = match (ours.is_empty(), reason(peer)) {
            (false, _) => ours.join(", "),
            (true, Some(reason)) => format!("none: {reason}"),
            (true, None) => "–".to_string(),
        };
        writeln!(out, "| {} | {} | {ours} |", peer.tool, peer.name).expect("a string takes it");
    }
    out
}

#[test]
fn peers_are_mapped_to_rules_that_exist() {
    for peer in PEERS {
        for name in peer.ours {
            assert!(rules().iter().any(|rule| rule.name == *name), "{} names {name}", peer.name);
        }
    }
    assert!(PEERS.is_sorted_by_key(|peer| (peer.tool, peer.name)));
}

/// How many rules each tool has, by its own list: none may be left out.
#[test]
fn every_rule_of_a_peer_is_mapped_or_declined_with_a_reason() {
    let complete = [
        ("atlas", 13),
        ("eugene", 15),
        ("pg_schema_diff", 12),
        ("pgfence", 42),
        ("postgres_language_server", 23),
        ("splinter", 28),
        ("squawk", 78),
        ("strong_migrations", 23),
    ];
    for (tool, count) in complete {
        let own: Vec<_> = PEERS.iter().filter(|peer| peer.tool == tool).collect();
        assert_eq!(own.len(), count, "{tool}");
        for peer in own {
            assert!(peer.ours.is_empty() == reason(peer).is_some(), "{tool} {}", peer.name);
        }
    }
}

#[test]
fn rules_about_schemas_are_mapped_or_declined_with_a_reason() {
    let tools = ["pglinter", "schemacrawler", "schemalint", "sqlcheck"];
    for peer in PEERS.iter().filter(|peer| tools.contains(&peer.tool)) {
        assert!(peer.ours.is_empty() == reason(peer).is_some(), "{} {}", peer.tool, peer.name);
    }
}
