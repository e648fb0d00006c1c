//! A text is cut into statements, by its tokens alone and in one pass.
//!
//! A semicolon ends a statement except inside the `BEGIN ATOMIC … END` body of a routine and inside the parentheses
//! of a `CREATE RULE`. Statements that would lead the parser too deep are told apart here: it is recursive, and a
//! thousand open parentheses are somebody's mistake or somebody's attack, not somebody's schema.

use squawk_lexer::{LiteralKind, Token, TokenKind, tokenize};

/// Brackets, CASE and prefix operators inside each other. Real statements stay below 50.
const DEEPEST: usize = 500;

/// Queries inside each other: each one is written out as text at every level above it.
const DEEPEST_QUERY: usize = 100;

/// Operators in a row without a comma or bracket between them: each one is a level of the tree.
const LONGEST_CHAIN: usize = 12_000;

/// Joins in a row: the parser's cost grows with their square.
const MOST_JOINS: usize = 1_000;

/// Words of one statement: a tree of more would take more memory than it is worth. What is so long are rows.
const MOST_WORDS: usize = 1_000_000;

/// One statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The first byte of its first word; comments before it are not a part of it.
    pub(crate) start: usize,
    /// Behind its last word. The semicolon is not a part of it.
    pub(crate) end: usize,
    pub(crate) kind: PieceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Statement,
    /// Nested deeper than can be read; `at` is where it went too far.
    TooDeep {
        at: usize,
    },
    /// Longer than can be read; `at` is where it went too far.
    TooLong {
        at: usize,
    },
    /// A quote or comment that begins at `at` and never ends; everything behind it is lost.
    Unterminated {
        at: usize,
        what: &'static str,
    },
}

impl PieceKind {
    /// What is wrong with it, and where.
    pub(crate) fn problem(self) -> Option<(usize, String)> {
        match self {
            PieceKind::Statement => None,
            PieceKind::TooDeep { at } => Some((at, "this statement is nested too deeply to be read".to_string())),
            PieceKind::TooLong { at } => {
                Some((at, "this statement has more than a million words: it was not read".to_string()))
            }
            PieceKind::Unterminated { at, what } => {
                Some((at, format!("this {what} is never closed; the rest of the file was not read")))
            }
        }
    }
}

/// The statements of the text, in order. Empty ones are left out.
pub(crate) fn split(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut statement = Statement::default();
    let mut at = 0;
    for token in tokenize(text) {
        let end = at + token.len as usize;
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { terminated: true } => {}
            TokenKind::Semi if statement.ends_here() => pieces.extend(std::mem::take(&mut statement).finish()),
            _ => statement.push(token, &text[at..end], at),
        }
        at = end;
    }
    pieces.extend(statement.finish());
    pieces
}

/// What is known of the statement that is being cut.
#[derive(Default)]
struct Statement {
    start: Option<usize>,
    end: usize,
    kind: Option<PieceKind>,
    /// Its first words, as far as they matter: `CREATE`, `CREATE RULE`.
    head: Head,
    /// For each open bracket, what stood around it.
    brackets: Vec<Level>,
    level: Level,
    /// Brackets around a query.
    queries: usize,
    /// CASE without its END.
    cases: usize,
    /// How many blocks of a `BEGIN ATOMIC` body are open, CASE included.
    atomic: usize,
    words: usize,
    prefixes: usize,
    dots: usize,
    /// The last token was an operator and ended here: the next character may be a part of it.
    operator_end: usize,
    previous: Previous,
}

/// What was counted between two brackets.
#[derive(Default)]
struct Level {
    is_query: bool,
    /// Operators in a row.
    chain: usize,
    /// Casts, subscripts and tests behind one operand.
    suffixes: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Empty,
    Create,
    Rule,
    Other,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    Begin,
    /// `.` or `AS`: a word behind it is a name.
    Naming,
    OpenParen,
}

impl Statement {
    fn ends_here(&self) -> bool {
        self.atomic == 0 && (self.brackets.is_empty() || self.head != Head::Rule)
    }

    fn finish(self) -> Option<Piece> {
        let kind = self.kind.unwrap_or(PieceKind::Statement);
        self.start.map(|start| Piece { start, end: self.end, kind })
    }

    fn push(&mut self, token: Token, text: &str, at: usize) {
        self.start.get_or_insert(at);
        self.end = at + text.len();
        self.words += 1;
        if self.words > MOST_WORDS {
            self.kind.get_or_insert(PieceKind::TooLong { at });
        }
        if let Some(what) = unterminated(token.kind) {
            self.kind.get_or_insert(PieceKind::Unterminated { at, what });
        }
        let previous = std::mem::take(&mut self.previous);
        match token.kind {
            TokenKind::Ident => self.word(text, previous),
            TokenKind::QuotedIdent { .. } => {
                self.head = if self.head == Head::Rule { Head::Rule } else { Head::Other };
                self.prefixes = 0;
            }
            TokenKind::OpenParen | TokenKind::OpenBracket => {
                self.level.chain += 1;
                self.level.suffixes += usize::from(token.kind == TokenKind::OpenBracket);
                self.brackets.push(std::mem::take(&mut self.level));
                self.prefixes = 0;
                self.previous = Previous::OpenParen;
            }
            TokenKind::CloseParen | TokenKind::CloseBracket => {
                self.queries -= usize::from(self.level.is_query);
                self.level = self.brackets.pop().unwrap_or_default();
                self.prefixes = 0;
            }
            TokenKind::Comma => {
                self.level = Level { is_query: self.level.is_query, ..Level::default() };
                self.prefixes = 0;
            }
            TokenKind::Dot => {
                self.dots += 1;
                self.previous = Previous::Naming;
            }
            // Characters without a space between them are one operator.
            kind if is_operator(kind) && self.operator_end == at && at > 0 => self.prefixes += 1,
            kind if is_operator(kind) => {
                self.prefixes += 1;
                self.level.chain += 1;
                self.level.suffixes = if kind == TokenKind::Colon { self.level.suffixes + 1 } else { 0 };
            }
            _ => self.prefixes = 0,
        }
        if !matches!(token.kind, TokenKind::Dot | TokenKind::Ident | TokenKind::QuotedIdent { .. }) {
            self.dots = 0;
        }
        if is_operator(token.kind) {
            self.operator_end = self.end;
        }
        let depth = self.brackets.len() + self.cases + self.prefixes;
        let is_deep = depth > DEEPEST || self.dots > DEEPEST || self.level.suffixes > DEEPEST;
        if is_deep || self.queries > DEEPEST_QUERY || self.level.chain > LONGEST_CHAIN {
            self.kind.get_or_insert(PieceKind::TooDeep { at });
        }
    }

    fn word(&mut self, text: &str, previous: Previous) {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        self.head = match self.head {
            Head::Empty if is("create") => Head::Create,
            Head::Create if is("or") || is("replace") => Head::Create,
            Head::Create if is("rule") => Head::Rule,
            Head::Rule => Head::Rule,
            _ => Head::Other,
        };
        if text.len() > LONGEST_WORD {
            self.prefixes = 0;
            return;
        }
        match previous {
            Previous::Naming => return,
            Previous::OpenParen if is("select") || is("with") || is("values") || is("table") => {
                self.level.is_query = true;
                self.queries += 1;
            }
            _ => {}
        }
        match text.len() {
            2 if is("as") => self.previous = Previous::Naming,
            4 if is("case") => {
                self.cases += 1;
                self.atomic += usize::from(self.atomic > 0);
            }
            3 if is("end") => {
                self.cases = self.cases.saturating_sub(1);
                self.atomic = self.atomic.saturating_sub(1);
            }
            5 if is("begin") => self.previous = Previous::Begin,
            6 if is("atomic") && previous == Previous::Begin => self.atomic = 1,
            _ => {}
        }
        if SUFFIXES.iter().any(|suffix| is(suffix)) {
            self.level.chain += 1;
            self.level.suffixes += 1;
        } else if LINKS.iter().any(|link| is(link)) {
            self.level.chain += if is("join") { LONGEST_CHAIN / MOST_JOINS } else { 1 };
            self.level.suffixes = 0;
        }
        // `NOT NOT NOT x` and `EXPLAIN EXPLAIN …` nest like prefix operators.
        self.prefixes = if PREFIXES.iter().any(|prefix| is(prefix)) { self.prefixes + 1 } else { 0 };
    }
}

/// No word that counts is longer.
const LONGEST_WORD: usize = "intersect".len();

/// Words between two operands that put the tree one level deeper.
const LINKS: [&str; 14] = [
    "and",
    "or",
    "in",
    "not",
    "like",
    "ilike",
    "similar",
    "between",
    "escape",
    "overlaps",
    "union",
    "intersect",
    "except",
    "join",
];

/// Words behind an operand that do so.
const SUFFIXES: [&str; 5] = ["is", "isnull", "notnull", "collate", "at"];

const PREFIXES: [&str; 2] = ["not", "explain"];

fn is_operator(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Slash
            | TokenKind::Minus
            | TokenKind::Colon
            | TokenKind::Eq
            | TokenKind::Gt
            | TokenKind::And
            | TokenKind::Lt
            | TokenKind::Bang
            | TokenKind::Plus
            | TokenKind::Tilde
            | TokenKind::Pound
            | TokenKind::Question
            | TokenKind::Or
            | TokenKind::Percent
            | TokenKind::Caret
            | TokenKind::Star
            | TokenKind::Backtick
            | TokenKind::At
    )
}

/// What the token opens and never closes.
fn unterminated(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::BlockComment { terminated: false } => Some("comment"),
        TokenKind::QuotedIdent { terminated: false, .. } => Some("quoted name"),
        TokenKind::Literal { kind } => match kind {
            LiteralKind::Str { terminated: false }
            | LiteralKind::NationalStr { terminated: false }
            | LiteralKind::ByteStr { terminated: false }
            | LiteralKind::BitStr { terminated: false }
            | LiteralKind::UnicodeEscStr { terminated: false }
            | LiteralKind::EscStr { terminated: false } => Some("string"),
            LiteralKind::DollarQuotedString { terminated: false } => Some("dollar-quoted string"),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let pieces = split(text);
        assert!(pieces.iter().all(|piece| piece.kind == PieceKind::Statement), "{pieces:?}");
        let found: Vec<&str> = pieces.iter().map(|piece| &text[piece.start..piece.end]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn semicolons_end_statements() {
        check("SELECT 1;SELECT 2 ; -- done\n", &["SELECT 1", "SELECT 2"]);
        check(";;", &[]);
        check("-- head\nSELECT 1 -- tail", &["SELECT 1"]);
        check("/* a /* b; */ c; */ SELECT 1", &["SELECT 1"]);
    }

    #[test]
    fn quotes_hide_semicolons() {
        check(
            "SELECT ';', \";\", E'\\';', $$;$$, $a$ $$;$a$; SELECT 2",
            &["SELECT ';', \";\", E'\\';', $$;$$, $a$ $$;$a$", "SELECT 2"],
        );
    }

    #[test]
    fn atomic_bodies_stay_whole() {
        let function = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
        check(&format!("{function}; SELECT 3"), &[function, "SELECT 3"]);
        let named = "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1 AS case, t.end FROM t; END";
        check(&format!("{named}; SELECT 3"), &[named, "SELECT 3"]);
    }

    #[test]
    fn rules_hold_their_commands_in_parentheses() {
        let rule = "CREATE OR REPLACE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)";
        check(&format!("{rule}; SELECT 3"), &[rule, "SELECT 3"]);
    }

    #[test]
    fn a_forgotten_parenthesis_costs_one_statement() {
        check("CREATE TABLE a (id int; CREATE TABLE b ()", &["CREATE TABLE a (id int", "CREATE TABLE b ()"]);
    }

    #[test]
    fn an_open_quote_ends_the_file() {
        let pieces = split("SELECT 1; SELECT 'x; SELECT 2;");
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[1], Piece { start: 10, end: 30, kind: PieceKind::Unterminated { at: 17, what: "string" } });
    }

    #[test]
    fn depth_is_bounded() {
        for (deep, fine) in [
            ("(".repeat(20_000), "(".repeat(400)),
            ("CASE ".repeat(1_000), "CASE ".repeat(400)),
            ("NOT ".repeat(1_000), "NOT ".repeat(400)),
            ("- ".repeat(1_000), "- ".repeat(400)),
            ("a.".repeat(1_000), "a.".repeat(400)),
            ("a || ".repeat(20_000), "a || ".repeat(5_000)),
            ("a = 1 OR ".repeat(20_000), "a = 1 OR ".repeat(5_000)),
            ("a[1]".repeat(1_000), "a[1]".repeat(400)),
            ("a::int".repeat(1_000), "a::int".repeat(400)),
            ("(SELECT ".repeat(200), "(SELECT ".repeat(90)),
            ("a OR ".repeat(20_000), "a OR ".repeat(5_000)),
        ] {
            let kinds = |text: &str| split(&format!("SELECT {text}; SELECT 1")).into_iter().map(|piece| piece.kind);
            assert!(matches!(kinds(&deep).collect::<Vec<_>>()[..], [PieceKind::TooDeep { .. }, PieceKind::Statement]));
            assert!(kinds(&fine).all(|kind| kind == PieceKind::Statement));
        }
    }

    #[test]
    fn length_is_bounded() {
        let kinds = |rows: usize| {
            let text = format!("INSERT INTO t VALUES {}(1); SELECT 1", "(1),".repeat(rows));
            split(&text).into_iter().map(|piece| piece.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(200_000), [PieceKind::Statement, PieceKind::Statement]);
        assert!(matches!(kinds(300_000)[..], [PieceKind::TooLong { .. }, PieceKind::Statement]));
    }

    #[test]
    fn a_long_list_is_not_a_chain() {
        check(
            &format!("SELECT {} 1", "-1, (a = b), ".repeat(30_000)),
            &[format!("SELECT {} 1", "-1, (a = b), ".repeat(30_000)).as_str()],
        );
    }
}
