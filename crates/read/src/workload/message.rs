//! What a message of PostgreSQL's log says of a statement, whatever the log is written in.

use super::gather::{Call, Gather, Source};

/// A message with what stands beside it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) session: String,
    /// Milliseconds.
    pub(super) at: Option<i64>,
    pub(super) line: u64,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) detail: String,
    /// The statement that an error belongs to.
    pub(super) statement: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Severity {
    #[default]
    Other,
    Log,
    Error,
}

impl Severity {
    pub(super) fn of(word: &str) -> Option<Severity> {
        match word {
            "LOG" => Some(Severity::Log),
            "ERROR" | "FATAL" | "PANIC" => Some(Severity::Error),
            "WARNING" | "NOTICE" | "INFO" | "DEBUG" | "DEBUG1" | "DEBUG2" | "DEBUG3" | "DEBUG4" | "DEBUG5" => {
                Some(Severity::Other)
            }
            _ => None,
        }
    }
}

impl Entry {
    pub(super) fn clear(&mut self) {
        self.session.clear();
        self.message.clear();
        self.detail.clear();
        self.statement.clear();
        (self.at, self.severity) = (None, Severity::Other);
    }

    /// Counts what it says.
    pub(super) fn tell(&self, gather: &mut Gather) {
        match self.severity {
            Severity::Error if !self.statement.is_empty() => gather.failed(&self.session, &self.statement),
            Severity::Log => self.log(gather),
            _ => {}
        }
    }

    fn log(&self, gather: &mut Gather) {
        let (ms, said) = match duration(&self.message) {
            Some((ms, rest)) => (Some(ms), rest.trim_start()),
            None => (None, self.message.as_str()),
        };
        if let Some(sql) = said.strip_prefix("statement: ") {
            return self.call(gather, sql, ms, Source::Statement, &[]);
        }
        if let Some(sql) = executed(said) {
            return self.call(gather, sql, ms, Source::Statement, &parameters(&self.detail));
        }
        let Some(ms) = ms else { return };
        if said.is_empty() {
            return gather.duration(&self.session, ms);
        }
        if let Some(plan) = said.strip_prefix("plan:") {
            match plan_text(plan) {
                Some((sql, parameters)) => self.call(gather, &sql, Some(ms), Source::Plan, &parameters),
                None => gather.problem(self.line, "the plan of auto_explain has no text of its query"),
            }
        }
    }

    fn call(&self, gather: &mut Gather, sql: &str, ms: Option<f64>, from: Source, parameters: &[Option<String>]) {
        let session = &self.session;
        gather.call(Call { session, at: self.at, line: self.line, sql, parameters, ms, from });
    }
}

/// `duration: 0.123 ms`, and what follows.
fn duration(message: &str) -> Option<(f64, &str)> {
    let (number, rest) = message.strip_prefix("duration: ")?.split_once(" ms")?;
    let ms: f64 = number.parse().ok()?;
    (ms.is_finite() && ms >= 0.0).then_some((ms, rest))
}

/// `execute NAME: SELECT …`, `execute NAME/PORTAL: …`. More rows of a portal are no call of their own, nor are the steps
/// before (`parse`, `bind`).
fn executed(said: &str) -> Option<&str> {
    let rest = said.strip_prefix("execute ")?;
    if rest.starts_with("fetch from ") {
        return None;
    }
    // A name may hold anything; those that clients make hold no colon with a space behind it.
    rest.split_once(": ").map(|(_, sql)| sql)
}

/// `parameters: $1 = '5', $2 = NULL`, as DETAIL says it; since 18 `Parameters:`.
pub(super) fn parameters(detail: &str) -> Vec<Option<String>> {
    let list = detail.strip_prefix("parameters: ").or_else(|| detail.strip_prefix("Parameters: "));
    list.map(values).unwrap_or_default()
}

/// More parameters than the protocol can send are no parameters.
const MOST: usize = 65_535;

fn values(list: &str) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = Vec::new();
    let mut rest = list;
    while let Some(dollar) = rest.strip_prefix('$') {
        let Some((number, value)) = dollar.split_once(" = ") else { break };
        // They come in their order; one that does not is none.
        if number.parse() != Ok(found.len() + 1) || found.len() >= MOST {
            break;
        }
        if let Some(after) = value.strip_prefix("NULL") {
            found.push(None);
            rest = after;
        } else if let Some(quoted) = value.strip_prefix('\'') {
            let (text, after) = unquoted(quoted, '\'');
            found.push(Some(text));
            rest = after;
        } else {
            break;
        }
        rest = rest.strip_prefix(", ").unwrap_or("");
    }
    found
}

/// The text up to the closing sign, doubled ones made one, and what follows.
pub(super) fn unquoted(text: &str, sign: char) -> (String, &str) {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let Some(at) = rest.find(sign) else {
            out.push_str(rest);
            return (out, "");
        };
        out.push_str(&rest[..at]);
        rest = &rest[at + sign.len_utf8()..];
        match rest.strip_prefix(sign) {
            Some(after) => {
                out.push(sign);
                rest = after;
            }
            None => return (out, rest),
        }
    }
}

/// The query of a plan of auto_explain, in each of its formats.
fn plan_text(plan: &str) -> Option<(String, Vec<Option<String>>)> {
    let plan = plan.trim_start();
    if plan.starts_with('{') {
        let document: serde_json::Value = serde_json::from_str(plan).ok()?;
        let list = document["Query Parameters"].as_str().map(values).unwrap_or_default();
        return Some((document["Query Text"].as_str()?.to_owned(), list));
    }
    if plan.starts_with('<') {
        let inside = |tag: &str| {
            let rest = &plan[plan.find(&format!("<{tag}>"))? + tag.len() + 2..];
            Some(unescaped(&rest[..rest.find(&format!("</{tag}>"))?]))
        };
        let list = inside("Query-Parameters").as_deref().map(values).unwrap_or_default();
        return Some((inside("Query-Text")?, list));
    }
    if let Some(rest) = plan.strip_prefix("Query Text: \"").filter(|_| plan.contains("\nPlan:")) {
        // YAML writes strings as JSON does.
        let line = rest.lines().next().unwrap_or("");
        let text: String = serde_json::from_str(&format!("\"{line}")).ok()?;
        let list = plan.lines().find_map(|line| line.strip_prefix("Query Parameters: "));
        let list: Option<String> = list.and_then(|list| serde_json::from_str(list).ok());
        return Some((text, list.as_deref().map(values).unwrap_or_default()));
    }
    let text = plan.strip_prefix("Query Text: ")?;
    // The first node ends it: auto_explain always writes costs.
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let is_node = line.contains("  (cost=") && line.contains(" rows=") && line.contains(" width=");
        let is_more = line.starts_with("Query Parameters: ") || line.starts_with("Query Identifier: ");
        if end > 0 && (is_node || is_more) {
            break;
        }
        end += line.len();
    }
    let list = text[end..].strip_prefix("Query Parameters: ").map(values).unwrap_or_default();
    Some((text[..end].trim_end().to_owned(), list))
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    plain.replace("&#x0d;", "\r").replace("&#xd;", "\r").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_their_quotes() {
        let text = |value: &str| Some(value.to_owned());
        assert_eq!(
            parameters("parameters: $1 = '5', $2 = NULL, $3 = 'it''s, $4 = x\nend'"),
            [text("5"), None, text("it's, $4 = x\nend")]
        );
        assert_eq!(parameters("Parameters: $1 = ''"), [text("")]);
        assert_eq!(parameters("parameters: $2 = '5'"), []);
    }

    #[test]
    fn the_query_of_a_plan_in_each_format() {
        let expected = Some(("SELECT\n 1 < \"a\"".to_owned(), vec![Some("5".to_owned())]));
        for plan in [
            "\nQuery Text: SELECT\n 1 < \"a\"\nQuery Parameters: $1 = '5'\nResult  (cost=0.00..0.01 rows=1 width=4)",
            "\n{\n  \"Query Text\": \"SELECT\\n 1 < \\\"a\\\"\",\n  \"Query Parameters\": \"$1 = '5'\", \"Plan\": {}\n}",
            "\n<explain><Query-Text>SELECT\n 1 &lt; &quot;a&quot;</Query-Text><Query-Parameters>$1 = '5'</Query-Parameters>",
            "\nQuery Text: \"SELECT\\n 1 < \\\"a\\\"\"\nQuery Parameters: \"$1 = '5'\"\nPlan: \n  Node Type: \"Result\"",
        ] {
            assert_eq!(plan_text(plan), expected, "{plan}");
        }
    }
}
