//! Lists of values as JavaScript, Ruby and Python print them.

/// A printed value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    /// What PostgreSQL is sent, as text.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// Something that no reader knows.
    Unknown,
}

impl Value {
    /// What a parameter of it is; none where that is not known.
    pub(super) fn text(self) -> Option<Option<String>> {
        match self {
            Value::Null => Some(None),
            Value::Text(text) => Some(Some(text)),
            Value::List(list) => {
                // An array, as PostgreSQL writes it.
                let items: Option<Vec<String>> = list.into_iter().map(Value::item).collect();
                Some(Some(format!("{{{}}}", items?.join(","))))
            }
            Value::Map(_) | Value::Unknown => None,
        }
    }

    fn item(self) -> Option<String> {
        match self.clone().text()? {
            None => Some("NULL".to_owned()),
            Some(text) if matches!(self, Value::List(_)) => Some(text),
            Some(text) => Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
        }
    }
}

/// The values of a list up to the first that is not known.
pub(super) fn list(text: &str) -> Vec<Option<String>> {
    match parse(text) {
        Some(Value::List(list)) => list.into_iter().map_while(Value::text).collect(),
        _ => Vec::new(),
    }
}

/// The value that the text begins with.
pub(super) fn parse(text: &str) -> Option<Value> {
    Parser { rest: text, depth: 0 }.value()
}

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

const DEEPEST: u32 = 16;

impl Parser<'_> {
    fn value(&mut self) -> Option<Value> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '[' => self.inside(']').map(Value::List),
            '(' => self.inside(')').map(Value::List),
            '{' => self.map(),
            quote @ ('\'' | '"') => self.string(quote).map(Value::Text),
            _ => self.word(),
        }
    }

    fn skip(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn inside(&mut self, close: char) -> Option<Vec<Value>> {
        self.rest = &self.rest[1..];
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut found = Vec::new();
        while !self.skip(close) {
            found.push(self.value()?);
            if !self.skip(',') {
                self.skip(close).then_some(())?;
                break;
            }
        }
        self.depth -= 1;
        Some(found)
    }

    fn map(&mut self) -> Option<Value> {
        self.rest = &self.rest[1..];
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut found = Vec::new();
        while !self.skip('}') {
            let Value::Text(key) = self.value()? else { return None };
            if !self.skip(':') {
                return None;
            }
            found.push((key, self.value()?));
            if !self.skip(',') {
                self.skip('}').then_some(())?;
                break;
            }
        }
        self.depth -= 1;
        Some(Value::Map(found))
    }

    fn string(&mut self, quote: char) -> Option<String> {
        let mut out = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'u' => {
                        let code: String = letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                        out.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
                    }
                    other => out.push(other),
                },
                _ if letter == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(out);
                }
                _ => out.push(letter),
            }
        }
        None
    }

    /// `5`, `None`, `true`, `Decimal('1.5')`, `datetime.date(2026, 11, 21)`
    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find([',', ']', ')', '}', '(', ':', ' ']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word.is_empty() {
            return None;
        }
        if self.rest.starts_with('(') {
            let args = self.inside(')')?;
            return Some(call(word, &args));
        }
        // A time of JavaScript that nobody put in quotes has signs of its own.
        Some(match word {
            "null" | "nil" | "None" | "undefined" | "NULL" => Value::Null,
            "true" | "True" => Value::Text("true".to_owned()),
            "false" | "False" => Value::Text("false".to_owned()),
            _ if word.trim_end_matches('n').parse::<f64>().is_ok() => {
                Value::Text(word.trim_end_matches('n').to_owned())
            }
            _ => Value::Unknown,
        })
    }
}

fn call(name: &str, args: &[Value]) -> Value {
    let number = |at: usize| match args.get(at) {
        Some(Value::Text(text)) => text.parse::<u32>().ok(),
        _ => Some(0),
    };
    let numbers = || Some([number(0)?, number(1)?, number(2)?, number(3)?, number(4)?, number(5)?, number(6)?]);
    match (name, args) {
        ("Decimal" | "UUID" | "uuid.UUID" | "Jsonb" | "Json", [Value::Text(text)]) => Value::Text(text.clone()),
        ("datetime.date" | "datetime.datetime", _) => match numbers() {
            Some([year, month, day, ..]) if name == "datetime.date" => {
                Value::Text(format!("{year:04}-{month:02}-{day:02}"))
            }
            Some([year, month, day, hour, minute, second, micros]) => {
                Value::Text(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}"))
            }
            None => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_three_languages() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            list(r#"[1, "a\"b", null, true, [1, "x"]]"#),
            [text("1"), text("a\"b"), None, text("true"), text("{\"1\",\"x\"}")]
        );
        assert_eq!(list("('it\\'s', None, Decimal('1.50'),)"), [text("it's"), None, text("1.50")]);
        assert_eq!(list("(datetime.date(2026, 1, 2), 5)"), [text("2026-01-02"), text("5")]);
        assert_eq!(list("[1, <secret>, 3]"), [text("1")]);
        assert_eq!(list("not a list"), []);
    }
}
