//! No statement panics, however it is broken.

use proptest::prelude::*;

use super::super::super::{Context, read};
use super::every_statement::STATEMENTS;
use model::{Name, Schema};

const WORDS: &[&str] = &[
    "", "(", ")", ",", ";", "'", "\"", "$$", "1", "a", "a.b.c", "as", "create", "table", "on", "not null", "default",
    "only", "using", "with (", "from", "to", "set", "add", "drop", "é", "--", "/*", "::", "[", "*",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_broken_statement_is_no_panic(
        statement in 0..STATEMENTS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len(), any::<bool>()), 1..4),
    ) {
        let mut words: Vec<&str> = STATEMENTS[statement].split(' ').collect();
        for (at, word, replaces) in edits {
            let at = at.index(words.len());
            if replaces { words[at] = WORDS[word] } else { words.insert(at, WORDS[word]) }
        }
        let search_path = [Name::new_static("public")];
        let schema = Schema::default();
        read(Context::new(&schema, &search_path, 0), &words.join(" "), None);
    }
}
