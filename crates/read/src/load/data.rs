//! Which lines of a dump are data: rows of COPY, and rows of INSERT after the first few.

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Skip,
}

/// So many INSERT statements in a row into one table, or rows of one INSERT, are kept: more say nothing new.
const KEPT: u32 = 200;

/// Where in a stream of lines we are.
#[derive(Debug, Default)]
pub(super) struct Data {
    state: State,
    /// The last INSERT's words up to its rows, and how many like it came one after the other.
    head: Vec<u8>,
    run: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Statements,
    /// Inside a COPY statement that goes on in the next line; whether `FROM stdin` was seen.
    CopyHead {
        lines: u32,
        stdin: bool,
    },
    CopyRows,
    /// In the middle of an INSERT of a run: a string goes on in the next line, or rows follow.
    Insert {
        quoted: bool,
        rows: u32,
        drop: bool,
    },
}

impl Data {
    pub(super) fn next(&mut self, line: &[u8]) -> Fate {
        match self.state {
            State::Statements => self.statement(line),
            State::CopyHead { lines, stdin } => {
                self.copy_head(line, lines, stdin);
                Fate::Keep
            }
            State::CopyRows => {
                if line.trim_ascii_end() != b"\\." {
                    return Fate::Skip;
                }
                self.state = State::Statements;
                Fate::Keep
            }
            State::Insert { quoted, rows, drop } => self.insert(line, quoted, rows, drop),
        }
    }

    fn statement(&mut self, line: &[u8]) -> Fate {
        let start = line.trim_ascii_start();
        if starts_with(start, b"copy ") || starts_with(start, b"copy\n") {
            self.copy_head(line, 0, false);
        } else if starts_with(start, b"insert into ") {
            return self.first_of_insert(start);
        } else if !start.is_empty() {
            self.run = 0;
            self.head.clear();
        }
        Fate::Keep
    }

    fn copy_head(&mut self, line: &[u8], lines: u32, stdin: bool) {
        let end = line.iter().rposition(|byte| *byte == b';');
        let stdin = stdin || takes_stdin(&line[..end.unwrap_or(line.len())]);
        self.state = match end {
            Some(_) if stdin => State::CopyRows,
            // A real COPY ends soon; anything longer was none.
            None if lines < 1000 => State::CopyHead { lines: lines + 1, stdin },
            _ => State::Statements,
        };
    }

    fn first_of_insert(&mut self, line: &[u8]) -> Fate {
        let Some(rows) = find(line, b"values") else { return Fate::Keep };
        // Backslashes may hide a quote in an E'' string, and dollars may be quotes: such statements are left alone.
        if line.contains(&b'\\') || line.contains(&b'$') {
            self.run = 0;
            return Fate::Keep;
        }
        let head = &line[..rows];
        if self.head == head {
            self.run += 1;
        } else {
            self.head = head.to_vec();
            self.run = 1;
        }
        self.insert(line, false, 0, self.run > KEPT)
    }

    /// A line of an INSERT: its fate, and where the next line is.
    fn insert(&mut self, line: &[u8], quoted: bool, rows: u32, drop: bool) -> Fate {
        let quoted_after = quoted != (line.iter().filter(|byte| **byte == b'\'').count() % 2 == 1);
        let end = !quoted_after && line.trim_ascii_end().ends_with(b";");
        let strange = line.contains(&b'\\') || line.contains(&b'$');
        let row =
            !quoted && !quoted_after && line.trim_ascii().starts_with(b"(") && line.trim_ascii_end().ends_with(b"),");
        self.state = match end || (strange && !drop) {
            true => State::Statements,
            false => State::Insert { quoted: quoted_after, rows: rows + u32::from(row), drop },
        };
        if drop || (row && rows >= KEPT) { Fate::Skip } else { Fate::Keep }
    }
}

/// `FROM stdin` in the last line of a COPY statement, as the words before its options.
fn takes_stdin(line: &[u8]) -> bool {
    let Some(at) = find(line, b"stdin") else { return false };
    let before = line[..at].trim_ascii_end();
    before.len() >= 4 && before[before.len() - 4..].eq_ignore_ascii_case(b"from")
}

fn starts_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}
