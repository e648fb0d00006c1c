//! What a statement is without its constants: statements of one shape are one entry of a workload.
//!
//! It is found on the words alone. Constants and parameters become `$1`, `$2`, … in their order, lists of them one
//! parameter, names and key words are written small, white space and comments go. The text that remains can still be
//! parsed, and its hash is the fingerprint.

use std::ops::Range;

use squawk_lexer::{LiteralKind, Token, TokenKind, tokens};

/// A statement without its constants, and where they stood. Made once and filled again for each statement of a log.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub text: String,
    /// Where a constant or parameter stands in the statement, in order; those of lists too.
    pub slots: Vec<Slot>,
}

/// A place in a statement that a value was put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub range: Range<usize>,
    /// The number of the parameter; without one it is a constant.
    pub parameter: Option<u32>,
}

impl Shape {
    pub fn of(sql: &str) -> Shape {
        let mut shape = Shape::default();
        shape.take(sql);
        shape
    }

    /// The shape of this statement in place of the one before.
    pub fn take(&mut self, sql: &str) {
        self.text.clear();
        self.slots.clear();
        Writer::new(sql, self).write();
    }

    /// The same number for statements that differ in nothing but their constants.
    pub fn fingerprint(&self) -> u64 {
        hash(&self.text)
    }

    /// The value in a slot, as SQL would write it: its own text, or that of the parameter.
    pub fn value<'a>(&self, slot: usize, sql: &'a str, parameters: &'a [Option<String>]) -> Value<'a> {
        let Some(Slot { range, parameter }) = self.slots.get(slot) else { return Value::Open };
        match parameter {
            None => Value::Written(&sql[range.clone()]),
            Some(number) => match parameters.get((*number as usize).wrapping_sub(1)) {
                Some(Some(text)) => Value::Text(text),
                Some(None) => Value::Null,
                None => Value::Open,
            },
        }
    }

    /// The statement with its parameters put in as constants. One whose value is not known stays.
    pub fn bound(&self, sql: &str, parameters: &[Option<String>]) -> String {
        if parameters.is_empty() {
            return sql.to_owned();
        }
        self.with(sql, |slot| match self.value(slot, sql, parameters) {
            Value::Written(_) | Value::Open => None,
            value => Some(value.sql()),
        })
    }

    /// The statement with another text in some of its slots.
    pub fn with(&self, sql: &str, text: impl Fn(usize) -> Option<String>) -> String {
        let mut out = String::with_capacity(sql.len() + 16);
        let mut at = 0;
        for (number, slot) in self.slots.iter().enumerate() {
            if let Some(text) = text(number) {
                out.push_str(&sql[at..slot.range.start]);
                // `WHERE id=$1AND …` is written by nobody, and `LIMIT'10'` is no mistake.
                out.push_str(&text);
                at = slot.range.end;
            }
        }
        out.push_str(&sql[at..]);
        out
    }
}

/// What stands in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A constant of the text.
    Written(&'a str),
    /// The value of a parameter, without quotes.
    Text(&'a str),
    Null,
    /// A parameter whose value nobody wrote down.
    Open,
}

impl Value<'_> {
    pub fn sql(self) -> String {
        match self {
            Value::Written(text) => text.to_owned(),
            // The server finds its type where it stands, as it did for the parameter.
            Value::Text(text) => quoted(text),
            Value::Null => "NULL".to_owned(),
            Value::Open => "$1".to_owned(),
        }
    }

    /// The same number for the same value, however it was sent.
    pub fn hash(self) -> u64 {
        match self {
            Value::Written(text) => match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                Some(inner) if !inner.contains('\'') => fnv(inner.as_bytes()),
                Some(inner) => fnv(inner.replace("''", "'").as_bytes()),
                None => fnv(text.as_bytes()),
            },
            Value::Text(text) => fnv(text.as_bytes()),
            Value::Null => 1,
            Value::Open => 0,
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The fingerprint of a text without constants.
pub(super) fn hash(text: &str) -> u64 {
    fnv(text.as_bytes())
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What was written last, as far as it says what may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Start,
    /// A name, a constant, a closing bracket: a minus behind it subtracts.
    Operand,
    /// A word that an expression can begin behind.
    Word,
    Operator,
    /// `(` and `[`
    Open,
    Comma,
    Dot,
}

/// A bracket that is open.
struct Open {
    /// Where it stands in the text.
    at: usize,
    /// How many slots there were in the text before it.
    slots: u32,
    /// Nothing but constants in it so far.
    constants: bool,
    /// `IN (`, `ARRAY[`, or one inside such a one: its length says nothing.
    list: bool,
}

/// The rows behind VALUES.
struct Rows {
    depth: usize,
    /// The text of the last row.
    last: Option<Range<usize>>,
    slots: u32,
}

struct Writer<'a> {
    sql: &'a str,
    shape: &'a mut Shape,
    last: Last,
    /// Where the run of operator signs began that the text ends with, and whether an operand stood before it.
    run: Option<(usize, bool)>,
    /// Parameters in the text.
    number: u32,
    open: Vec<Open>,
    rows: Option<Rows>,
    /// The depth of an ORDER BY or GROUP BY, whose numbers are positions.
    by: Option<usize>,
    /// The last two words, written small, where they stand in the text; nothing else has come behind the second.
    words: [Range<usize>; 2],
    /// The last word was a minus that may belong to a number.
    minus: bool,
}

/// Deeper brackets are written as they are.
const DEEPEST: usize = 10_000;

impl<'a> Writer<'a> {
    fn new(sql: &'a str, shape: &'a mut Shape) -> Writer<'a> {
        let (open, words) = (Vec::new(), [0..0, 0..0]);
        Writer { sql, shape, last: Last::Start, run: None, number: 0, open, rows: None, by: None, words, minus: false }
    }

    fn write(mut self) {
        let mut at = 0;
        let mut apart = true;
        let sql = self.sql;
        for Token { kind, len } in tokens(sql) {
            let range = at..at + len as usize;
            at = range.end;
            match kind {
                TokenKind::Eof => break,
                TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {
                    apart = true;
                    continue;
                }
                // What ends the statement is no part of it.
                TokenKind::Semi if is_blank(&sql[range.end..]) => break,
                _ => self.token(kind, range, apart),
            }
            apart = false;
        }
    }

    fn token(&mut self, kind: TokenKind, range: Range<usize>, apart: bool) {
        let text = &self.sql[range.clone()];
        let number = matches!(kind, TokenKind::Literal { kind } if is_number(kind));
        if std::mem::take(&mut self.minus) && !number {
            self.mixed();
        }
        if self.rows.as_ref().is_some_and(|rows| rows.depth == self.open.len())
            && !matches!(kind, TokenKind::OpenParen | TokenKind::Comma)
        {
            self.rows = None;
        }
        match kind {
            TokenKind::Ident => self.word(text, range),
            TokenKind::QuotedIdent { .. } => self.name(text),
            TokenKind::Literal { kind } => self.literal(kind, text, range),
            TokenKind::PositionalParam { .. } => {
                let number = text[1..].parse().unwrap_or(0);
                self.slot(range, Some(number));
            }
            TokenKind::OpenParen | TokenKind::OpenBracket => self.opened(text),
            TokenKind::CloseParen | TokenKind::CloseBracket => self.closed(text),
            TokenKind::Comma => {
                self.plain(",", Last::Comma);
            }
            TokenKind::Dot => self.plain(".", Last::Dot),
            TokenKind::Semi => {
                self.by = None;
                self.mixed();
                self.plain(";", Last::Start);
            }
            _ => self.sign(text, apart),
        }
    }

    /// What is no constant stands in the innermost bracket.
    fn mixed(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.constants = false;
        }
    }

    fn space(&mut self, before: bool) {
        if before && !self.shape.text.is_empty() && !matches!(self.last, Last::Open | Last::Dot) {
            self.shape.text.push(' ');
        }
    }

    fn plain(&mut self, text: &str, last: Last) {
        self.shape.text.push_str(text);
        (self.last, self.run) = (last, None);
        self.words = [0..0, 0..0];
    }

    fn sign(&mut self, text: &str, apart: bool) {
        let glued = self.run.is_some() && !apart;
        // A minus may turn out to be a part of the constant behind it.
        match text == "-" && !glued && self.last != Last::Operand {
            true => self.minus = true,
            false => self.mixed(),
        }
        if !glued {
            let operand = self.last == Last::Operand;
            // `::` stands close to what it casts.
            self.space(!(text == ":" && operand));
            self.run = Some((self.shape.text.len(), operand));
        }
        self.shape.text.push_str(text);
        if self.shape.text.ends_with("!=") {
            self.shape.text.truncate(self.shape.text.len() - 2);
            self.shape.text.push_str("<>");
        }
        self.last = if self.shape.text.ends_with("::") { Last::Dot } else { Last::Operator };
        self.words = [0..0, 0..0];
    }

    /// A minus that belongs to the number behind it is no operator. The rules are those of PostgreSQL's lexer: an
    /// operator ends in a sign only where it has one of `~!@#%^&|` as well.
    fn take_sign(&mut self) -> bool {
        let Some((start, operand)) = self.run else { return false };
        let text = &self.shape.text[start..];
        let Some(before) = text.strip_suffix('-') else { return false };
        let plain = before.chars().all(|sign| "+-*/<>=".contains(sign));
        if !plain || (before.is_empty() && operand) {
            return false;
        }
        let kept = before.len();
        self.shape.text.truncate(start + kept);
        let spaces = self.shape.text.trim_end_matches(' ').len();
        self.shape.text.truncate(spaces);
        self.last = match (kept > 0, self.shape.text.as_bytes().last()) {
            (true, _) => Last::Operator,
            (_, Some(b'(' | b'[')) => Last::Open,
            _ => Last::Word,
        };
        true
    }

    fn word(&mut self, text: &str, range: Range<usize>) {
        self.space(true);
        let start = self.shape.text.len();
        self.shape.text.push_str(text);
        self.shape.text[start..].make_ascii_lowercase();
        let own = start..self.shape.text.len();
        let dotted = self.last == Last::Dot;
        let word = &self.shape.text[own.clone()];
        if !dotted && matches!(word, "true" | "false" | "null") && !self.is_test() {
            self.shape.text.truncate(start);
            let spaces = self.shape.text.trim_end_matches(' ').len();
            self.shape.text.truncate(spaces);
            self.slot(range, None);
            return;
        }
        let depth = self.open.len();
        if let Some(open) = self.open.last_mut() {
            open.constants = false;
        }
        match word {
            _ if dotted => {}
            "by" => self.by = Some(depth),
            "limit" | "offset" | "having" | "fetch" | "for" | "window" | "union" | "intersect" | "except" | "rows"
            | "range" | "groups" | "order" | "group" | "returning"
                if self.by == Some(depth) =>
            {
                self.by = None;
            }
            "values" => self.rows = Some(Rows { depth, last: None, slots: self.number }),
            _ => {}
        }
        self.last = if !dotted && begins_expression(word) { Last::Word } else { Last::Operand };
        self.run = None;
        let [_, before] = std::mem::take(&mut self.words);
        self.words = [before, own];
    }

    /// `IS NULL`, `IS NOT TRUE`, `NOT NULL` of a column
    fn is_test(&self) -> bool {
        let [first, second] = &self.words;
        let (first, second) = (&self.shape.text[first.clone()], &self.shape.text[second.clone()]);
        second == "is" || (second == "not" && first == "is")
    }

    /// A name in quotes that needs none is the name without them.
    fn name(&mut self, text: &str) {
        self.mixed();
        self.space(true);
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or("");
        let starts = bare.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
        let small = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let is_name = starts && bare.chars().all(small) && !is_keyword(bare);
        self.plain(if is_name { bare } else { text }, Last::Operand);
    }

    fn literal(&mut self, kind: LiteralKind, text: &str, range: Range<usize>) {
        let number = is_number(kind);
        let position = self.by == Some(self.open.len())
            && matches!(kind, LiteralKind::Int { .. })
            && (self.last == Last::Comma || self.last == Last::Word);
        if position {
            self.mixed();
            self.space(true);
            return self.plain(text, Last::Operand);
        }
        let mut range = range;
        if number && self.take_sign() {
            let minus = self.sql[..range.start].rfind('-').unwrap_or(range.start);
            range.start = minus;
        }
        self.slot(range, None);
    }

    fn slot(&mut self, range: Range<usize>, parameter: Option<u32>) {
        self.shape.slots.push(Slot { range, parameter });
        self.space(true);
        self.number += 1;
        let _ = std::fmt::Write::write_fmt(&mut self.shape.text, format_args!("${}", self.number));
        // A bracket in a list stays one of constants; anything else beside a constant has said so itself.
        (self.last, self.run) = (Last::Operand, None);
        self.words = [0..0, 0..0];
    }

    fn opened(&mut self, text: &str) {
        let [_, word] = &self.words;
        let word = &self.shape.text[word.clone()];
        let list = match text {
            "(" => {
                word == "in"
                    || self.open.last().is_some_and(|open| open.list && open.constants && self.last != Last::Operand)
            }
            _ => word == "array" || self.open.last().is_some_and(|open| open.list && open.constants),
        };
        // A function keeps its bracket close, as does the index of an array.
        let close = self.last == Last::Operand && (text == "[" || word.is_empty() || !is_keyword(word));
        let close = close || word == "array";
        if !list {
            self.mixed();
        }
        self.space(!close);
        let (at, slots) = (self.shape.text.len(), self.number);
        if self.open.len() < DEEPEST {
            self.open.push(Open { at, slots, constants: true, list });
        }
        self.plain(text, Last::Open);
    }

    fn closed(&mut self, text: &str) {
        let depth = self.open.len();
        self.by = self.by.filter(|by| *by < depth);
        let open = self.open.pop();
        if let Some(Open { at, slots, constants: true, list: true }) = open
            && self.last != Last::Open
        {
            // One constant stands for all.
            self.shape.text.truncate(at + 1);
            self.number = slots + 1;
            let _ = std::fmt::Write::write_fmt(&mut self.shape.text, format_args!("${} /*, ... */", self.number));
        } else {
            self.mixed_in(open.as_ref());
        }
        self.shape.text.push_str(text);
        (self.last, self.run) = (Last::Operand, None);
        self.words = [0..0, 0..0];
        if let Some(open) = open {
            self.row(&open);
        }
    }

    /// What holds something else than constants is none itself.
    fn mixed_in(&mut self, closed: Option<&Open>) {
        if closed.is_none_or(|closed| !closed.constants || !closed.list) {
            self.mixed();
        }
    }

    /// A row behind VALUES that is like the one before is the same row.
    fn row(&mut self, open: &Open) {
        let depth = self.open.len();
        let Some(rows) = self.rows.as_mut().filter(|rows| rows.depth == depth) else { return };
        let own = open.at..self.shape.text.len();
        match &rows.last {
            Some(last) if same_row(&self.shape.text[last.clone()], &self.shape.text[own.clone()]) => {
                self.shape.text.truncate(last.end);
                self.number = open.slots;
            }
            _ => (rows.last, rows.slots) = (Some(own), open.slots),
        }
    }
}

fn is_number(kind: LiteralKind) -> bool {
    matches!(kind, LiteralKind::Int { .. } | LiteralKind::Numeric { .. })
}

/// Two texts that are the same but for the numbers of their parameters.
fn same_row(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.bytes().peekable(), other.bytes().peekable());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(b'$'), Some(b'$')) => {
                while one.next_if(u8::is_ascii_digit).is_some() {}
                while other.next_if(u8::is_ascii_digit).is_some() {}
            }
            (one, other) if one == other => {}
            _ => return false,
        }
    }
}

/// Nothing but space, comments and semicolons.
fn is_blank(text: &str) -> bool {
    tokens(text).all(|token| {
        matches!(
            token.kind,
            TokenKind::Eof
                | TokenKind::Semi
                | TokenKind::Whitespace
                | TokenKind::LineComment
                | TokenKind::BlockComment { .. }
        )
    })
}

/// Key words are told from names by the words of the parser, whose filter lets some names through as well: such a name
/// keeps its quotes, in every statement alike.
fn is_keyword(word: &str) -> bool {
    squawk_lexer::tokenize(word).next().is_some_and(|token| token.kind == TokenKind::Ident)
}

/// Words behind which a minus is a sign.
fn begins_expression(word: &str) -> bool {
    const WORDS: [&str; 38] = [
        "all",
        "and",
        "any",
        "array",
        "as",
        "between",
        "by",
        "case",
        "default",
        "distinct",
        "else",
        "except",
        "fetch",
        "first",
        "from",
        "having",
        "ilike",
        "in",
        "intersect",
        "is",
        "like",
        "limit",
        "next",
        "not",
        "offset",
        "on",
        "or",
        "returning",
        "select",
        "set",
        "similar",
        "some",
        "then",
        "to",
        "union",
        "values",
        "when",
        "where",
    ];
    WORDS.binary_search(&word).is_ok()
}

/// A statement whose quotes and brackets are closed: one that was cut off would take others with it.
pub fn is_whole(sql: &str) -> bool {
    let mut open: i64 = 0;
    let ended = tokens(sql).all(|token| match token.kind {
        TokenKind::OpenParen | TokenKind::OpenBracket => {
            open += 1;
            true
        }
        TokenKind::CloseParen | TokenKind::CloseBracket => {
            open -= 1;
            open >= 0
        }
        TokenKind::BlockComment { terminated } | TokenKind::QuotedIdent { terminated, .. } => terminated,
        TokenKind::Literal { kind } => match kind {
            LiteralKind::Int { .. } | LiteralKind::Numeric { .. } => true,
            LiteralKind::Str { terminated }
            | LiteralKind::NationalStr { terminated }
            | LiteralKind::ByteStr { terminated }
            | LiteralKind::BitStr { terminated }
            | LiteralKind::DollarQuotedString { terminated }
            | LiteralKind::UnicodeEscStr { terminated }
            | LiteralKind::EscStr { terminated } => terminated,
        },
        _ => true,
    });
    ended && open == 0
}

/// The statements of a text that a client sent as one.
pub(super) fn statements(text: &str) -> Vec<&str> {
    // A body in BEGIN ATOMIC has semicolons of its own, and is no query.
    let mut found = Vec::new();
    let (mut at, mut start, mut depth) = (0, 0, 0_i64);
    for Token { kind, len } in tokens(text) {
        let range = at..at + len as usize;
        at = range.end;
        match kind {
            TokenKind::Eof => break,
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth -= 1,
            TokenKind::Semi if depth <= 0 => {
                found.push(&text[start..range.start]);
                start = range.end;
            }
            TokenKind::Ident if text[range.clone()].eq_ignore_ascii_case("atomic") => return vec![text],
            _ => {}
        }
    }
    found.push(&text[start..]);
    found.retain(|statement| !is_blank(statement));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        assert_eq!(Shape::of(sql).text, expected);
    }

    #[test]
    fn constants_become_parameters_in_their_order() {
        check("SELECT * FROM t WHERE a = 5 AND b='x' -- why\n;", "select * from t where a = $1 and b = $2");
        check("select *\nfrom T where A=$7 and /* who */ b = $2", "select * from t where a = $1 and b = $2");
        check("SELECT count(*), E'a', $$b$$, X'1f', 1e5", "select count(*), $1, $2, $3, $4");
    }

    #[test]
    fn a_sign_belongs_to_its_number() {
        check("SELECT a - 1, -1, a=-1, a -1, (-1), a*-2.5", "select a - $1, $2, a = $3, a - $4, ($5), a * $6");
        check("SELECT a <-> -1, a @- 1", "select a <-> $1, a @- $2");
        assert_eq!(Shape::of("SELECT  -  1").slots[0].range, 8..12);
    }

    #[test]
    fn lists_of_any_length_are_one() {
        check("SELECT 1 WHERE a IN (1, 2,3) AND b = 4", "select $1 where a in ($2 /*, ... */) and b = $3");
        check("SELECT a IN (-1)", "select a in ($1 /*, ... */)");
        check("SELECT (a, b) IN ((1, 2), (3, 4))", "select (a, b) in ($1 /*, ... */)");
        check("SELECT a IN (1, b)", "select a in ($1, b)");
        check("SELECT ARRAY[1, 2], x[1]", "select array[$1 /*, ... */], x[$2]");
        check("INSERT INTO t (a) VALUES (1, now()), (2, now())", "insert into t(a) values ($1, now())");
    }

    #[test]
    fn tests_and_positions_are_no_constants() {
        check("SELECT a IS NULL, b IS NOT TRUE, c = NULL", "select a is null, b is not true, c = $1");
        check("SELECT a FROM t ORDER BY 1, 2 LIMIT 3", "select a from t order by 1, 2 limit $1");
    }

    #[test]
    fn names_are_written_in_one_way() {
        check("SELECT \"a\".B, \"User\", \"user\" FROM \"a\"", "select a.b, \"User\", \"user\" from a");
        check("SELECT a::TEXT != 'x'", "select a::text <> $1");
    }

    #[test]
    fn parameters_are_put_in() {
        let sql = "SELECT * FROM t WHERE a = $2 AND b = $1 AND c = 'd' LIMIT $3";
        let parameters = [Some("it's".to_owned()), None];
        let bound = Shape::of(sql).bound(sql, &parameters);
        assert_eq!(bound, "SELECT * FROM t WHERE a = NULL AND b = 'it''s' AND c = 'd' LIMIT $3");
    }

    #[test]
    fn a_text_of_several_statements() {
        assert_eq!(statements("SELECT ';' ; -- a;\n SELECT (2); ;"), ["SELECT ';' ", " -- a;\n SELECT (2)"]);
    }
}
