//! Names in a file of statistics: `public.orders`, as the catalog has them, in double quotes where a part holds a dot or
//! a quote.

use model::QName;

pub(super) fn write(schema: &str, name: &str) -> String {
    let part = |part: &str| match part.contains(['.', '"']) {
        true => format!("\"{}\"", part.replace('"', "\"\"")),
        false => part.to_owned(),
    };
    format!("{}.{}", part(schema), part(name))
}

/// The name that a file of statistics writes so.
pub fn read(text: &str) -> Option<QName> {
    let (schema, rest) = part(text)?;
    let (name, rest) = part(rest.strip_prefix('.')?)?;
    rest.is_empty().then(|| QName::new(schema, name))
}

/// The part at the start, and what follows it.
fn part(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut found = String::new();
    loop {
        let quote = rest.find('"')?;
        found += &rest[..quote];
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(more) => rest = more,
            None => return Some((found, rest)),
        }
        found.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive() {
        for (schema, name, text) in [
            ("public", "orders", "public.orders"),
            ("Sales", "two words", "Sales.two words"),
            ("a.b", "say \"hi\"", "\"a.b\".\"say \"\"hi\"\"\""),
        ] {
            assert_eq!(write(schema, name), text);
            assert_eq!(read(text), Some(QName::new(schema, name)));
        }
        for broken in ["orders", "\"a", "a.b.c"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
