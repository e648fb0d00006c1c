//! The pieces of a Markdown page.

use std::collections::{BTreeMap, BTreeSet};

use model::QName;

pub(super) fn heading(level: usize, text: &str) -> String {
    format!("{} {}\n", "#".repeat(level), cell(text))
}

/// A table, or nothing when it has no rows.
pub(super) fn rows<const N: usize>(titles: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let body: String = rows.map(|row| line(&row)).collect();
    if body.is_empty() {
        return String::new();
    }
    format!("{}|{}\n{body}", line(&titles.map(ToString::to_string)), "---|".repeat(N))
}

/// The same under a title in bold.
pub(super) fn titled(title: &str, table: String) -> String {
    if table.is_empty() { table } else { format!("**{title}**\n\n{table}") }
}

/// Text that stays on one line and inside its cell.
pub(super) fn cell(text: &str) -> String {
    let text = text.trim().replace('<', "&lt;").replace('|', "\\|");
    text.lines().map(str::trim).collect::<Vec<_>>().join("<br>")
}

/// Code in a line; its fence is longer than any in the text.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = text.split(['\n', '\r']).collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let fence = "`".repeat(longest_fence(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

pub(super) fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_fence(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

fn longest_fence(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Where links to headings lead, by the rule of GitHub and its kin: the heading in small letters without punctuation,
/// dashes for spaces, and a number behind one that is there already.
pub(super) struct Anchors {
    taken: BTreeSet<String>,
    by_name: BTreeMap<QName, String>,
}

impl Anchors {
    pub(super) fn new<const N: usize>(headings: [&str; N]) -> Anchors {
        let mut anchors = Anchors { taken: BTreeSet::new(), by_name: BTreeMap::new() };
        for heading in headings {
            anchors.skip(heading);
        }
        anchors
    }

    /// A heading that nobody links to.
    pub(super) fn skip(&mut self, heading: &str) {
        self.take(heading);
    }

    pub(super) fn add(&mut self, name: QName) {
        let anchor = self.take(&name.to_string());
        self.by_name.insert(name, anchor);
    }

    pub(super) fn link(&self, name: &QName) -> String {
        match self.by_name.get(name) {
            Some(anchor) => format!("[{}](#{anchor})", cell(&name.to_string())),
            None => cell(&name.to_string()),
        }
    }

    fn take(&mut self, heading: &str) -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let numbered = (0..).map(|n| if n == 0 { slug.clone() } else { format!("{slug}-{n}") });
        let free = numbered.into_iter().find(|anchor| !self.taken.contains(anchor));
        let anchor = free.expect("one of endless anchors is free");
        self.taken.insert(anchor.clone());
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_in_its_cell() {
        assert_eq!(cell("a|b\n <c> "), "a\\|b<br>&lt;c>");
        assert_eq!(code("a || b"), "`a \\|\\| b`");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(fenced("sql", "SELECT 1\n"), "```sql\nSELECT 1\n```\n");
    }

    #[test]
    fn anchors_are_those_of_github() {
        let mut anchors = Anchors::new(["Contents"]);
        anchors.add(QName::public("contents"));
        anchors.add(QName::new("app", "Order Items"));
        assert_eq!(anchors.link(&QName::public("contents")), "[contents](#contents-1)");
        assert_eq!(anchors.link(&QName::new("app", "Order Items")), "[app.\"Order Items\"](#apporder-items)");
        assert_eq!(anchors.link(&QName::public("elsewhere")), "elsewhere");
    }
}
