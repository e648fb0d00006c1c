//! Markdown for a comment on a pull request: the counts, then each finding folded. A comment has a longest length
//! (65,536 characters on GitHub), so what comes last may only be counted.

use model::Severity;

use crate::Report;
use crate::count::{counted, number};
use crate::item::{Item, items};
use crate::summary::by_severity;

pub(super) fn render(report: &Report<'_>) -> String {
    const LONGEST: usize = 60_000;
    let coverage = report.reading.coverage;
    let understood = format!(
        "Understood {} of {}.",
        number(coverage.understood as usize),
        counted(coverage.statements as usize, "statement")
    );
    if report.findings.is_empty() {
        return format!("### Palladio: no findings\n\n{understood}\n");
    }
    let mut out = format!("### Palladio: {}\n\n{understood}\n", by_severity(report.findings));
    let mut items: Vec<Item<'_>> = items(report).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
    let mut shown = 0;
    for item in &items {
        let text = details(item);
        if out.len() + text.len() > LONGEST {
            break;
        }
        out += &text;
        shown += 1;
    }
    if shown < items.len() {
        out += &format!("\nand {}\n", counted(items.len() - shown, "more finding"));
    }
    out
}

fn details(item: &Item<'_>) -> String {
    let finding = item.finding;
    let place = match (&item.at, &item.origin) {
        (Some(at), _) => format!("<code>{}:{}</code> ", escaped(&at.path), at.start.line),
        (None, Some(origin)) => format!("<code>{}</code> ", escaped(&origin.to_string())),
        (None, None) => String::new(),
    };
    let severity = match finding.severity {
        Severity::Error => "<b>error</b>",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let message = escaped(&finding.message);
    let mut out = format!("\n<details><summary>{severity} {place}{message}</summary>\n\n");
    for why in &finding.why {
        out += &format!("- {}\n", escaped(why).replace('\n', " "));
    }
    out += &format!("- {}: `{} {}`\n", finding.proof.name(), finding.rule, finding.name);
    if let Some(fix) = &item.fix {
        let sql = fix.sql.join("\n");
        let fence = fence(&sql);
        out += &format!("\nFix: {}\n\n{fence}sql\n{sql}\n{fence}\n", escaped(&fix.title));
    }
    out + "\n</details>\n"
}

/// A fence longer than any run of backticks in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(3.max(longest + 1))
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '@' => out += &format!("&#{};", character as u32),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn a_fold_per_finding() {
        let (reading, findings, rules) = example();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let expected = "\
### Palladio: 1 error

Understood 3 of 3 statements.

<details><summary><b>error</b> <code>migrations/2&#95;status.sql:2</code> \
building this index stops every write to orders</summary>

- orders had 41,200,000 rows in the statistics: minutes, not seconds
- known: `M012 index-blocks-writes`

Fix: build it without the lock

```sql
CREATE INDEX CONCURRENTLY i ON orders (status);
```

</details>
";
        assert_eq!(render(&report, Format::Markdown, Style::PLAIN), expected);
    }
}
