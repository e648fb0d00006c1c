//! Nothing is lost, and no keyword is taken for a name.

use proptest::prelude::*;
use squawk_parser::SyntaxKind;

use crate::words::Print;
use crate::{Base, LiteralKind, Token, TokenKind, tokenize, tokens};

fn may_be_keyword(word: &str) -> bool {
    word.bytes().fold(Print::EMPTY, Print::and).may_be_keyword()
}

/// The words that the parser compares with: its kinds are named after them.
fn keywords() -> Vec<String> {
    let kinds = (0..u16::from(SyntaxKind::WHITESPACE)).map(SyntaxKind::from);
    let keywords = kinds.filter(|kind| kind.is_keyword()).map(|kind| format!("{kind:?}"));
    keywords.filter_map(|name| Some(name.strip_suffix("_KW")?.to_lowercase())).collect()
}

#[test]
fn every_keyword_of_the_parser_passes() {
    let all = keywords();
    assert!(all.len() > 500, "{} keywords", all.len());
    let names: Vec<_> = all.iter().filter(|word| !may_be_keyword(word)).collect();
    assert!(names.is_empty(), "taken for names: {names:?}");
    let large: Vec<_> = all.iter().filter(|word| !may_be_keyword(&word.to_uppercase())).collect();
    assert!(large.is_empty(), "taken for names: {large:?}");
}

#[test]
fn hardly_a_name_passes() {
    let passed = (0..10_000).filter(|number| may_be_keyword(&format!("customer_{number}_id"))).count();
    assert!(passed < 300, "{passed} of 10,000");
}

fn one(text: &str) -> TokenKind {
    let all: Vec<Token> = tokens(text).collect();
    assert_eq!(all.len(), 1, "{text}: {all:?}");
    all[0].kind
}

#[test]
fn what_ends_a_token() {
    let literal = |kind| TokenKind::Literal { kind };
    for (text, kind) in [
        ("'it''s'", literal(LiteralKind::Str { terminated: true })),
        ("'it''", literal(LiteralKind::Str { terminated: false })),
        (r"E'it\'s'", literal(LiteralKind::EscStr { terminated: true })),
        (r"e'\", literal(LiteralKind::EscStr { terminated: false })),
        (r"'\'", literal(LiteralKind::Str { terminated: true })),
        ("U&'é'", literal(LiteralKind::UnicodeEscStr { terminated: true })),
        ("$$ $a$ $$", literal(LiteralKind::DollarQuotedString { terminated: true })),
        ("$a$ $$ $a $a$", literal(LiteralKind::DollarQuotedString { terminated: true })),
        ("$a$ $aa$", literal(LiteralKind::DollarQuotedString { terminated: false })),
        ("$1", TokenKind::PositionalParam { trailing_junk_start: 2 }),
        ("$1a", TokenKind::PositionalParam { trailing_junk_start: 2 }),
        ("/* a /* b */ c */", TokenKind::BlockComment { terminated: true }),
        ("/* a /* b */", TokenKind::BlockComment { terminated: false }),
        ("\"a\"\"b\"", TokenKind::QuotedIdent { terminated: true, uescape: false }),
        ("U&\"a", TokenKind::QuotedIdent { terminated: false, uescape: true }),
        ("größe$1", TokenKind::Ident),
        ("1_000", literal(LiteralKind::Int { base: Base::Decimal, empty_int: false, trailing_junk_start: 5 })),
        ("0x", literal(LiteralKind::Int { base: Base::Hexadecimal, empty_int: true, trailing_junk_start: 2 })),
        ("12ab", literal(LiteralKind::Int { base: Base::Decimal, empty_int: false, trailing_junk_start: 2 })),
        (".5e-3", literal(LiteralKind::Numeric { empty_exponent_start: None, trailing_junk_start: 5 })),
        ("1.e", literal(LiteralKind::Numeric { empty_exponent_start: Some(2), trailing_junk_start: 3 })),
    ] {
        assert_eq!(one(text), kind, "{text}");
    }
    assert_eq!(tokens("1..10").count(), 3);
}

proptest! {
    #[test]
    fn tokens_are_the_text(text in r#"([a-zéE$'"/*.0-9_ \n\\-]|\$a\$|/\*|U&|--|select|name)*"#) {
        let mut at = 0;
        for token in tokens(&text) {
            prop_assert!(token.len > 0);
            at += token.len as usize;
            prop_assert!(text.is_char_boundary(at), "{at} in {text}");
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn a_name_is_a_quoted_one_and_nothing_else_differs(text in r#"([a-z_]{1,9}| |'|"|[0-9.]|select|FROM|ünder)*"#) {
        for (ours, plain) in tokenize(&text).zip(tokens(&text)) {
            let named = Token { kind: TokenKind::QuotedIdent { terminated: true, uescape: false }, ..plain };
            let is_name = ours == named && plain.kind == TokenKind::Ident;
            prop_assert!(ours == plain || is_name, "{ours:?} {plain:?}");
        }
        prop_assert_eq!(tokenize(&text).count(), tokens(&text).count());
    }
}
