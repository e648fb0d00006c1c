//! Transactions of a script: who opened the one that a statement runs in, and what a rollback brings back.

use model::Schema;
use model::step::Transaction;

use super::variables::Variables;

/// The state of the connection.
#[derive(Debug)]
pub(super) struct Transactions {
    pub(super) current: Transaction,
    opened: u32,
    begin: Option<Snapshot>,
    savepoints: Vec<(String, Snapshot)>,
}

/// What a rollback brings back.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) schema: Schema,
    pub(super) variables: Variables,
    /// How much had been noted.
    pub(super) notes: usize,
}

/// A statement that controls the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Control {
    Begin,
    Commit,
    Rollback,
    Savepoint(String),
    RollbackTo(String),
    /// `RELEASE SAVEPOINT`
    Release(String),
}

impl Control {
    /// Reads the words of the statement.
    pub(super) fn of(text: &str) -> Option<Control> {
        let text = text.trim_end_matches([';', ' ', '\n', '\r', '\t']);
        let mut words = text.split_ascii_whitespace();
        let first = words.next()?;
        if first.len() > 9 {
            return None;
        }
        let first = first.to_ascii_lowercase();
        let last = || words.clone().last().unwrap_or("").to_ascii_lowercase();
        match first.as_str() {
            "begin" => Some(Control::Begin),
            "start" if last() != "start" && text.to_ascii_lowercase().contains("transaction") => Some(Control::Begin),
            "commit" if !text.to_ascii_lowercase().contains("prepared") => Some(Control::Commit),
            "end" => Some(Control::Commit),
            "rollback" | "abort" => {
                let to = words.clone().any(|word| word.eq_ignore_ascii_case("to"));
                Some(if to { Control::RollbackTo(last()) } else { Control::Rollback })
            }
            "savepoint" => Some(Control::Savepoint(last())),
            "release" => Some(Control::Release(last())),
            _ => None,
        }
    }
}

impl Transactions {
    /// At the start of a script; the tool may have opened one.
    pub(super) fn new(by_tool: bool, start: Snapshot) -> Transactions {
        Transactions {
            current: if by_tool { Transaction::Tool(1) } else { Transaction::None },
            opened: u32::from(by_tool),
            begin: by_tool.then_some(start),
            savepoints: Vec::new(),
        }
    }

    /// BEGIN. Inside a transaction it is a warning and nothing else.
    pub(super) fn begin(&mut self, now: Snapshot) {
        if !self.current.is_open() {
            self.opened += 1;
            self.current = Transaction::Explicit(self.opened);
            self.begin = Some(now);
        }
    }

    /// COMMIT, also of what the tool opened: the rest of the script runs outside.
    pub(super) fn commit(&mut self) {
        self.current = Transaction::None;
        self.begin = None;
        self.savepoints.clear();
    }

    /// ROLLBACK: the state at the BEGIN, when there was one.
    pub(super) fn rollback(&mut self) -> Option<Snapshot> {
        let begin = self.begin.take();
        self.commit();
        begin
    }

    pub(super) fn savepoint(&mut self, name: String, now: Snapshot) {
        self.savepoints.push((name, now));
    }

    /// The savepoint stays, those after it are gone.
    pub(super) fn rollback_to(&mut self, name: &str) -> Option<Snapshot> {
        let position = self.savepoints.iter().rposition(|(other, _)| other == name)?;
        self.savepoints.truncate(position + 1);
        self.savepoints.last().map(|(_, snapshot)| snapshot.clone())
    }

    pub(super) fn release(&mut self, name: &str) {
        if let Some(position) = self.savepoints.iter().rposition(|(other, _)| other == name) {
            self.savepoints.truncate(position);
        }
    }
}

/// Whether PostgreSQL refuses to run the statement inside a transaction.
pub(super) fn stands_alone(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace().take(6);
    let mut word = || words.next().map_or("", |word| word.trim_end_matches(';'));
    let (first, second) = (word(), word());
    let is = |word: &str, of: &[&str]| of.iter().any(|other| word.eq_ignore_ascii_case(other));
    is(first, &["vacuum"])
        || is(first, &["alter"]) && is(second, &["system"])
        || is(first, &["create", "drop"]) && is(second, &["database", "tablespace"])
        || is(first, &["create", "drop", "reindex", "alter"])
            && std::iter::once(second).chain(words).any(|word| is(word, &["concurrently"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_statements() {
        let check = |text: &str, expected: Option<Control>| assert_eq!(Control::of(text), expected, "{text}");
        check("BEGIN;", Some(Control::Begin));
        check("start transaction isolation level serializable", Some(Control::Begin));
        check("END", Some(Control::Commit));
        check("COMMIT PREPARED 'x'", None);
        check("rollback to savepoint A;", Some(Control::RollbackTo("a".into())));
        check("ABORT", Some(Control::Rollback));
        check("SAVEPOINT a;", Some(Control::Savepoint("a".into())));
        check("CREATE TABLE begin ()", None);
    }

    #[test]
    fn statements_that_stand_alone() {
        for text in ["CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "VACUUM;", "reindex table concurrently t"] {
            assert!(stands_alone(text), "{text}");
        }
        for text in ["CREATE INDEX i ON concurrently (a)", "SELECT 'vacuum'", "DROP TABLE t"] {
            let expected = text.contains("concurrently");
            assert_eq!(stands_alone(text), expected, "{text}");
        }
    }
}
