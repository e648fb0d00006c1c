//! The conditions of nodes, understood: EXPLAIN prints expressions as the rest of PostgreSQL does, but for the values
//! of other plans.

use model::plan::Condition;
use model::{Expr, Schema, Sql};

use crate::sql::postgres::Printed;

/// Longer conditions are kept as text: a list of ten thousand keys says nothing more than its first thousand.
const LONGEST: usize = 20_000;

pub(super) fn condition(text: &str) -> Condition {
    let schema = Schema::default();
    let printed = Printed { schema: &schema };
    let expr = (text.len() <= LONGEST && depth(text) < 200).then(|| printed.value(&as_sql(text))).flatten();
    Condition { text: text.to_owned(), expr: expr.unwrap_or_else(|| Expr::Text(Sql::text(text))) }
}

fn depth(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// `(SubPlan 1)`, `(hashed SubPlan 1)`, `(InitPlan 1).col1`: calls in their place, for they have no arguments that one
/// could look at.
fn as_sql(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = ["SubPlan ", "InitPlan ", "CTE "].iter().filter_map(|word| rest.find(word)).min() {
        let before = rest[..at].strip_suffix("hashed ").unwrap_or(&rest[..at]);
        let before =
            ["alternatives: ", "NOT hashed "].iter().fold(before, |text, word| text.strip_suffix(word).unwrap_or(text));
        let kind = if rest[at..].starts_with('S') { "subplan" } else { "initplan" };
        let after = rest[at..].find(' ').map_or("", |space| &rest[at + space + 1..]);
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(after.len());
        let name: String = after[..end].chars().filter(char::is_ascii_alphanumeric).collect();
        let quoted = rest[..at].matches('\'').count() % 2 == 1;
        if quoted || name.is_empty() || !rest[..at].ends_with(['(', ' ']) {
            out += &rest[..at + 1];
            rest = &rest[at + 1..];
            continue;
        }
        out += before;
        out += &format!("{kind}_{}()", name.to_ascii_lowercase());
        rest = &after[end..];
        // `(InitPlan 1).col1` is one value.
        if let Some(inner) = rest.strip_prefix(").col") {
            out.push(')');
            rest = inner.trim_start_matches(|letter: char| letter.is_ascii_digit());
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(condition(text).expr.to_string(), expected);
    }

    #[test]
    fn conditions_of_every_kind() {
        check("((status = 'open'::text) AND (total > 5))", "status = 'open'::text AND total > 5");
        check("(o.a = $0)", "o.a = $0");
        check("(a = (SubPlan 1))", "a = subplan_1()");
        check("(NOT (hashed SubPlan 2))", "NOT subplan_2()");
        check("(a = (InitPlan 1).col1)", "a = initplan_1()");
        check("(lower(email) = 'SubPlan 1'::text)", "lower(email) = 'SubPlan 1'::text");
        check("(a @> '{}'::jsonb)", "a @> '{}'::jsonb");
        check("(broken", "(broken");
    }
}
