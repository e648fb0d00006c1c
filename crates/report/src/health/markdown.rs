//! A list for a ticket: a line for each index, its statements folded.

use super::{Item, Report, foot, head};
use crate::count::bytes;

pub(super) fn render(report: &Report<'_>, items: &[Item<'_>]) -> String {
    let mut out = format!("### Indexes: {}\n\n{}.\n", foot(items), head(report));
    for note in report.notes {
        out += &format!("\n> {}\n", escaped(note));
    }
    for item in items {
        let finding = item.finding;
        // Rules about use say it themselves.
        let size = if item.bytes > 0 && !finding.rule.starts_with('U') {
            format!(" ({})", bytes(item.bytes))
        } else {
            String::new()
        };
        out += &format!(
            "\n<details><summary>{}: {}{size}</summary>\n\n",
            finding.severity.name(),
            escaped(&finding.message)
        );
        for why in finding.why.iter().chain(&item.costs) {
            out += &format!("- {}\n", escaped(why));
        }
        if let Some(how) = item.how {
            out += &format!("- {}\n", escaped(how));
        }
        out += &format!("- `{} {}`\n", finding.rule, finding.name);
        let statements = item.statements.join("\n");
        let undo: String =
            item.undo.iter().flat_map(|undo| undo.lines()).map(|line| format!("\n-- undo: {line}")).collect();
        out += &format!("\n```sql\n{statements}{undo}\n```\n\n</details>\n");
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
