//! The list of rules in `docs/advice.md` is printed from the rules. `UPDATE=1 cargo test` writes it.

use std::path::Path;
use std::{env, fs};

use advise::rewrite::{ONE_INSERT, RULES};

const START: &str = "<!-- rules -->\n";
const END: &str = "<!-- end of rules -->\n";

#[test]
fn the_rules_are_in_the_docs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/advice.md");
    let text = fs::read_to_string(&path).expect("it is text");
    let (before, rest) = text.split_once(START).expect("it has a start");
    let (_, after) = rest.split_once(END).expect("it has an end");
    let mut rows: Vec<(&str, &str)> = RULES.iter().map(|rule| (rule.name, rule.says)).collect();
    rows.push((
        ONE_INSERT,
        "INSERT after INSERT into one table becomes one of many rows: it is planned and sent once.",
    ));
    rows.sort_unstable();
    let rows: String =
        rows.iter().map(|(name, says)| format!("| [{name}](../cases/rewrite/{name}.md) | {says} |\n")).collect();
    let expected = format!("{before}{START}| rule | what |\n|---|---|\n{rows}{END}{after}");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).expect("it can be written");
    } else {
        assert_eq!(text, expected);
    }
}
