//! The kinds of difference that other engines were measured with, each with the page that shows how it is done here.

use migrate::diff::diff;
use model::Change;
use model::dialect::Version;

use crate::{cases, doc, servers};

/// The kind, the page of `cases/diff`, and what migra, results and pg-schema-diff made of it.
const KINDS: [(&str, &str, [&str; 3]); 28] = [
    ("add a column", "add_a_column", ["ok", "ok", "ok"]),
    ("materialized view and its index", "materialized_view", ["ok", "ok", "ok"]),
    ("function body", "function_body", ["ok", "ok", "ok"]),
    ("trigger", "trigger", ["ok", "ok", "ok"]),
    ("policy change", "policy_change", ["ok", "ok", "ok"]),
    ("add a partition", "add_a_partition", ["ok", "ok", "ok"]),
    ("generated column", "generated_column", ["ok", "ok", "ok"]),
    ("identity", "identity", ["ok", "ok", "ok"]),
    ("extension", "extension", ["ok", "ok", "ok"]),
    ("foreign key", "foreign_key", ["ok", "ok", "ok"]),
    ("index change", "index_change", ["ok", "ok", "ok"]),
    ("SET NOT NULL", "set_not_null", ["ok", "ok", "ok"]),
    ("NULLS NOT DISTINCT", "nulls_not_distinct", ["ok", "ok", "ok"]),
    ("rename a column", "rename_a_column", ["drop and add", "drop and add", "drop and add"]),
    ("rename a table", "rename_a_table", ["drop and add", "drop and add", "drop and add"]),
    ("enum value in the middle", "enum_value_in_the_middle", ["ok", "fails", "ok"]),
    ("enum value removed", "enum_value_removed", ["ok", "fails", "refused"]),
    ("view over a retyped column", "view_over_a_retyped_column", ["ok", "ok", "refused"]),
    ("view `security_invoker`", "view_security_invoker", ["lost in silence", "ok", "ok"]),
    ("function that returns rows of a new table", "function_over_a_new_table", ["ok", "fails", "refused"]),
    ("row security of a partition", "rls_on_a_partition", ["lost in silence", "lost in silence", "refused"]),
    ("exclusion constraint", "exclusion_constraint", ["ok", "ok", "lost in silence"]),
    ("domain", "domain", ["fails", "fails", "refused"]),
    ("composite type", "composite_type", ["fails", "ok", "refused"]),
    ("column privileges", "column_grants", ["missed", "missed", "missed"]),
    ("comment", "comments", ["missed", "ok", "missed"]),
    ("replica identity", "replica_identity", ["missed", "missed", "ok"]),
    ("event trigger", "event_trigger", ["not created", "not created", "function only"]),
];

const TITLE: &str = "\
## Kinds of difference

The kinds that other engines were measured with (migra 3.0.1663481299, results 2.0.1789346060, pg-schema-diff at
6208f8f, on PostgreSQL 15: the statements run on a copy of A, a sorted dump compared with that of B), and how many
statements lead over here. A rename keeps its rows. Each page is run on every server from 14 to 18, introspected, and on
14 and 15 dumped as well:
`PALLADIO_PG_BIN=… cargo test -p migrate --test diff every_server`. This table is printed by
`UPDATE=1 cargo test -p migrate --test diff kinds`.

";

#[test]
fn kinds_of_difference_are_all_led_over() {
    let pages = cases::pages();
    let mut table = String::from(
        "| kind | page | statements | drops and makes anew | migra | results | pg-schema-diff |\n|---|---|---|---|---|---|---|\n",
    );
    let mut arrived = 0;
    for (kind, name, peers) in KINDS {
        let page = pages.iter().find(|page| page.name() == name).unwrap_or_else(|| panic!("no page {name}"));
        let major = 17.max(page.since());
        let (before, after, renames) = page.read(major);
        let settings = migrate::diff::Settings { renames, ..servers::settings(major) };
        assert_eq!(settings.version, Version(major, 0));
        let found = diff(&before, &after, &settings);
        assert!(!found.acts.is_empty(), "{name} differs");
        let mut reached = before.clone();
        for act in &found.acts {
            model::apply(&mut reached, &act.change).expect("the acts were tried in this order");
        }
        let there = found.left.is_empty() && diff(&reached, &after, &servers::settings(major)).is_empty();
        arrived += usize::from(there);
        let tables = |change: &Change| matches!(change, Change::Drop { path, .. } if !path.kind.is_part());
        let dropped = found.acts.iter().filter(|act| tables(&act.change)).count();
        let [migra, results, stripe] = peers;
        table += &format!(
            "| {kind} | [{name}](../cases/diff/{name}.md) | {} | {} | {migra} | {results} | {stripe} |\n",
            found.statements(&before).len(),
            if dropped == 0 { "no".to_owned() } else { format!("{dropped}") },
        );
    }
    let good = |at: usize| KINDS.iter().filter(|(.., peers)| ["ok", "drop and add"].contains(&peers[at])).count();
    table += &format!(
        "| **led over, of {}** | | **{arrived}** | | {} | {} | {} |\n",
        KINDS.len(),
        good(0),
        good(1),
        good(2)
    );
    assert_eq!(arrived, KINDS.len());
    if let Err(words) = doc::part("kinds", &format!("{TITLE}{table}")) {
        panic!("{words}");
    }
}
