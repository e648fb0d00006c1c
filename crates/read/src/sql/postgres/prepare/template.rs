//! Templates: `{{ .Name }}`, `{% if %}`, `<%= name %>`, `${name}`.

use super::Edits;
use super::scan::is_word;

/// What opens and closes a template, and what its first words must be for it to stand for a name or value.
struct Form {
    open: &'static str,
    close: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Stands for a word, unless its own first word controls the flow.
    Value,
    /// Stands for nothing.
    Control,
}

const FORMS: [Form; 6] = [
    Form { open: "{{", close: "}}", kind: Kind::Value },
    Form { open: "{%", close: "%}", kind: Kind::Control },
    Form { open: "{#", close: "#}", kind: Kind::Control },
    Form { open: "<%=", close: "%>", kind: Kind::Value },
    Form { open: "<%", close: "%>", kind: Kind::Control },
    Form { open: "${", close: "}", kind: Kind::Value },
];

/// Words of Go templates that begin a block, or end one, or define a variable.
const CONTROL: [&str; 12] =
    ["if", "else", "end", "range", "with", "define", "block", "template", "break", "continue", "include", "$"];

/// A template longer than this is somebody's forgotten bracket.
const LONGEST: usize = 2_000;

/// Whether any template may stand in the text.
pub(super) fn is_in(text: &str) -> bool {
    FORMS.iter().any(|form| text.contains(form.open))
}

/// Replaces the template that begins at `at`, quoted or not, and says where the text goes on.
pub(super) fn template(text: &str, at: usize, end: usize, edits: &mut Edits) -> Option<usize> {
    let quoted = text.as_bytes()[at] == b'"';
    let start = at + usize::from(quoted);
    let rest = &text[start..end];
    let form = FORMS.iter().find(|form| rest.starts_with(form.open))?;
    let inside = start + form.open.len();
    let limit = ceil(text, (inside + LONGEST).min(end));
    let close = inside + text[inside..limit].find(form.close)?;
    let mut stop = close + form.close.len();
    if quoted {
        // Only `"{{ schema }}".` is taken out; any other quoted name is a name already.
        if !text[stop..end].starts_with("\".") {
            return None;
        }
        stop += 1;
    }
    edits.templates.push(at..stop);
    let content = text[inside..close].trim_matches(|c: char| c.is_whitespace() || c == '-');
    let is_qualifier = text[stop..end].starts_with('.') && text[stop + 1..end].starts_with(starts_name);
    if form.kind == Kind::Control || is_control(content) || text[at..stop].contains(['\n', '\r']) {
        edits.blank(at..stop);
    } else if is_qualifier && !ends_in_word(text, at) {
        stop += 1;
        edits.blank(at..stop);
    } else {
        edits.replace(at..stop, word(&text[at..stop]));
    }
    Some(stop)
}

fn is_control(content: &str) -> bool {
    // `/* … */` is a comment inside Go's brackets, `name :=` an assignment.
    content.starts_with("/*")
        || content.contains(":=")
        || CONTROL.iter().any(|word| {
            let rest = content.strip_prefix(word);
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
        })
}

/// What can stand behind the dot of a qualifier: a name, also one that is a template itself.
fn starts_name(first: char) -> bool {
    first.is_alphabetic() || matches!(first, '_' | '"' | '{' | '$' | '<')
}

fn ends_in_word(text: &str, at: usize) -> bool {
    at > 0 && is_word(text.as_bytes()[at - 1])
}

/// A name of the same length that still shows what stood there: `${table}` is `__table_`.
fn word(template: &str) -> String {
    template.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte) } else { '_' }).collect()
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
