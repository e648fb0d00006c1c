//! Columns that say what others have said: what stands behind their names is read once.
//!
//! A schema has thousands of columns and a few dozen sorts of them: `text NOT NULL`, `bigint`, `timestamptz DEFAULT
//! now()`. The words behind the name mean the same in every table, so they are remembered by their text. Where they
//! come again, the parser gets blanks in place of the column, and every offset means what it meant.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use model::object::Column;
use model::{Expr, Name, Path, QName, Span};
use squawk_lexer::{TokenKind, tokenize};

use super::Context;
use super::context::LookUp;
use super::name::folded;
use super::statement::PartPlace;

/// What columns have said so far.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// By the text behind a name.
    named: HashMap<Box<str>, Arc<Said>>,
    /// By the whole text of a column whose name is a keyword elsewhere: it need not be a name in front of other words.
    worded: HashMap<Box<str>, Arc<Said>>,
}

/// More sorts of columns, and longer ones, do not repeat themselves.
const MOST: usize = 4_096;
const LONGEST: usize = 256;

/// A string grows by many of them at once faster than by one after the other.
const BLANKS: &str = "                                                                ";

/// What a column says wherever it stands.
#[derive(Debug)]
struct Said {
    column: Column,
    /// Where its type stands in the text behind the name.
    ty: Range<usize>,
    looked_up: Vec<LookUp>,
}

/// A column that need not be read again.
#[derive(Debug)]
pub(crate) struct Recalled {
    pub(super) name: Name,
    written: Written,
    said: Arc<Said>,
}

/// Where an element of the list of a CREATE TABLE stands: its first word, which is the name of a column, and the rest.
#[derive(Clone, Debug)]
struct Written {
    name: Range<usize>,
    /// The first word can be a keyword.
    is_word: bool,
    rest: Range<usize>,
    /// A comment stands behind the last word so far, or between two of them.
    is_commented: bool,
    is_broken: bool,
}

impl Memory {
    /// The statement without the columns that are known already, if it is a CREATE TABLE that has such.
    pub(super) fn recall(&self, text: &str) -> Option<(String, Vec<Recalled>)> {
        if self.named.len() + self.worded.len() == 0 {
            return None;
        }
        let elements = elements(text)?;
        let mut known: Vec<Option<&Arc<Said>>> = elements.iter().map(|(written, _)| self.said(text, written)).collect();
        // The last one is read in any case: blanks behind another would be taken for a part of it.
        if let Some(last) = known.last_mut() {
            *last = None;
        }
        let mut out = String::with_capacity(text.len());
        let blank = |out: &mut String, range: Range<usize>| {
            out.push_str(&text[out.len()..range.start]);
            let mut left = range.len();
            while left > 0 {
                let some = left.min(BLANKS.len());
                out.push_str(&BLANKS[..some]);
                left -= some;
            }
        };
        let mut recalled = Vec::new();
        for ((written, comma), said) in elements.into_iter().zip(known) {
            if let Some(said) = said {
                blank(&mut out, written.range());
                let name = folded(&text[written.name.clone()]);
                recalled.push(Recalled { name, written, said: Arc::clone(said) });
            }
            // Between those that are left stands one comma.
            if let Some(comma) = comma.filter(|_| said.is_some()) {
                blank(&mut out, comma..comma + 1);
            }
        }
        out.push_str(&text[out.len()..]);
        (!recalled.is_empty()).then_some((out, recalled))
    }

    fn said(&self, text: &str, written: &Written) -> Option<&Arc<Said>> {
        match written.is_word {
            _ if written.is_broken => None,
            true => self.worded.get(&text[written.range()]),
            false => self.named.get(&text[written.rest.clone()]),
        }
    }

    /// `text` is that of a column that says the same wherever it stands; its type stands at `ty`.
    pub(super) fn learn(&mut self, text: &str, column: &Column, ty: Range<usize>, looked_up: &[LookUp]) {
        if self.named.len() + self.worded.len() >= MOST || text.len() > LONGEST {
            return;
        }
        let mut words = words(text);
        let Some(mut written) = words.next().and_then(|(kind, word)| Written::begun(kind, word)) else { return };
        words.for_each(|(kind, word)| written.add(kind, word));
        if written.is_broken || ty.start < written.rest.start {
            return;
        }
        let ty = ty.start - written.rest.start..ty.end - written.rest.start;
        let (map, key) = match written.is_word {
            true => (&mut self.worded, &text[written.range()]),
            false => (&mut self.named, &text[written.rest.clone()]),
        };
        if !map.contains_key(key) {
            let said = Said { column: column.clone(), ty, looked_up: looked_up.to_vec() };
            map.insert(key.into(), Arc::new(said));
        }
    }
}

impl Recalled {
    pub(super) fn start(&self) -> usize {
        self.written.name.start
    }

    pub(super) fn column(&self) -> Column {
        Column { name: self.name.clone(), ..self.said.column.clone() }
    }

    pub(super) fn place(&self, cx: Context<'_>, table: &QName) -> PartPlace {
        let span =
            |range: &Range<usize>| Span { start: cx.offset + range.start as u32, end: cx.offset + range.end as u32 };
        let Written { name, rest, .. } = &self.written;
        let ty = rest.start + self.said.ty.start..rest.start + self.said.ty.end;
        PartPlace {
            path: Path::column(table, self.name.clone()),
            whole: span(&self.written.range()),
            name: Some(span(name)),
            ty: Some(span(&ty)),
        }
    }

    pub(super) fn looked_up(&self) -> &[LookUp] {
        &self.said.looked_up
    }

    /// Whether it says here what it said where it was read.
    pub(super) fn holds(&self, cx: Context<'_>) -> bool {
        self.said.looked_up.iter().all(|look_up| look_up.holds(cx))
    }
}

impl Written {
    /// An element whose first word this is. A comment begins none.
    fn begun(kind: TokenKind, word: Range<usize>) -> Option<Written> {
        let is_plain = matches!(kind, TokenKind::Ident | TokenKind::QuotedIdent { terminated: true, uescape: false });
        (!is_comment(kind)).then(|| Written {
            is_word: kind == TokenKind::Ident,
            rest: word.end..word.end,
            is_commented: false,
            // An empty name in quotes is an error of its own.
            is_broken: !is_plain || word.len() == 2 && kind != TokenKind::Ident,
            name: word,
        })
    }

    fn add(&mut self, kind: TokenKind, word: Range<usize>) {
        if is_comment(kind) {
            self.is_commented = true;
            return;
        }
        self.is_broken |= self.is_commented;
        let start = if self.rest.is_empty() { word.start } else { self.rest.start };
        self.rest = start..word.end;
    }

    fn range(&self) -> Range<usize> {
        self.name.start..self.rest.end
    }
}

/// The elements in the list of a CREATE TABLE, each with the comma behind it.
fn elements(text: &str) -> Option<Vec<(Written, Option<usize>)>> {
    let mut words = words(text);
    let is = |range: &Range<usize>, word: &str| text[range.clone()].eq_ignore_ascii_case(word);
    words.next().filter(|(_, first)| is(first, "create"))?;
    let persistence = ["unlogged", "temporary", "temp", "global", "local"];
    let is_persistence = |word: &Range<usize>| persistence.iter().any(|persistence| is(word, persistence));
    words.find(|(_, word)| !is_persistence(word)).filter(|(_, word)| is(word, "table"))?;
    let is_as = |(kind, word): &(TokenKind, Range<usize>)| *kind == TokenKind::Ident && is(word, "as");
    let (opening, _) = words.find(|word| word.0 == TokenKind::OpenParen || is_as(word))?;
    if opening != TokenKind::OpenParen {
        return None;
    }
    let mut elements = Vec::new();
    let mut current: Option<Written> = None;
    let mut depth = 0_usize;
    loop {
        let (kind, word) = words.next()?;
        match kind {
            TokenKind::Comma if depth == 0 => {
                elements.push((current.take()?, Some(word.start)));
                continue;
            }
            TokenKind::CloseParen if depth == 0 => {
                elements.push((current.take()?, None));
                break;
            }
            TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => depth = depth.checked_sub(1)?,
            _ => {}
        }
        match &mut current {
            Some(current) => current.add(kind, word),
            None => current = Written::begun(kind, word),
        }
    }
    // The columns of CREATE TABLE AS have names only.
    (!words.any(|word| is_as(&word))).then_some(elements)
}

/// The tokens of a text that are not space.
fn words(text: &str) -> impl Iterator<Item = (TokenKind, Range<usize>)> + '_ {
    let mut end = 0;
    let placed = tokenize(text).map(move |token| {
        let start = end;
        end += token.len as usize;
        (token.kind, start..end)
    });
    placed.filter(|(kind, _)| *kind != TokenKind::Whitespace)
}

fn is_comment(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::LineComment | TokenKind::BlockComment { .. })
}

/// Whether a default means the same in any table: it speaks of no column.
pub(super) fn is_plain(default: &Expr) -> bool {
    match default {
        Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::String(_) | Expr::Keyword(_) => true,
        Expr::Unary { operand, .. } | Expr::Cast { operand, .. } => is_plain(operand),
        Expr::Array(items) => items.iter().all(is_plain),
        Expr::Call(call) => call.filter.is_none() && call.over.is_none() && call.args.iter().all(is_plain),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use model::Schema;
    use model::name::PUBLIC;

    use super::super::read::read_early;
    use super::*;

    /// What one who has read the same columns before makes of the statement, and what one makes of it who has not.
    fn check(text: &str, recalls: usize) {
        let (schema, search_path) = (Schema::default(), [PUBLIC]);
        let read = |memory: &RefCell<Memory>| {
            let cx = Context::new(&schema, &search_path, 7);
            let early = read_early(&schema, memory, text, 7);
            let (statement, _) = super::super::read::read(cx, text, Some(early));
            format!("{statement:#?}")
        };
        let memory = RefCell::default();
        let first = read(&memory);
        let recalled = memory.borrow().recall(text).map_or(0, |(_, recalled)| recalled.len());
        assert_eq!(recalled, recalls, "{text}");
        assert_eq!(read(&memory), first, "{text}");
    }

    #[test]
    fn what_is_recalled_is_what_is_read() {
        check("CREATE TABLE t (a int, \"B c\" text NOT NULL, größe numeric(10, 2) DEFAULT -1, b varchar(3)[])", 3);
        check("CREATE TABLE t (name text, status text DEFAULT 'a, b)', at timestamptz DEFAULT now() NOT NULL)", 2);
        check(
            "CREATE TABLE s.t (a bigint GENERATED ALWAYS AS IDENTITY, b int CHECK (b > 0), c int) WITH (fillfactor=9)",
            1,
        );
        check("CREATE TABLE t (a int, CHECK (a > 0), b int, PRIMARY KEY (a, b), c text)", 2);
        check("CREATE TABLE t (a bigint PRIMARY KEY, b int, c int NOT NULL)", 1);
        check("CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY, b serial, c int REFERENCES u, d int UNIQUE)", 0);
        check("CREATE UNLOGGED TABLE t (\n  a int, -- first\n  /* second */ b int -- last\n)", 1);
    }

    #[test]
    fn what_depends_on_more_is_read_again() {
        check(
            "CREATE TABLE t (a int /* b */ NOT NULL, c int DEFAULT (1 + 1), d int GENERATED ALWAYS AS (a) STORED)",
            0,
        );
        check("CREATE TABLE t (a mood, b text COLLATE \"C\")", 0);
        check("CREATE TABLE t (LIKE u, a int)", 0);
        check("CREATE TABLE t (a, b) AS SELECT 1, 2", 0);
        check("CREATE TABLE t (a int,, b int)", 0);
        check("CREATE TABLE t (a int, b int", 0);
        check("CREATE TABLE t ()", 0);
        check("CREATE TABLE t (\"\" int, a int)", 0);
    }
}
