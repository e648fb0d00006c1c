//! Loading: bytes become a text whose lines can be counted, without the data that nobody reads.
//!
//! Rows of `COPY … FROM stdin` and long runs of INSERT into one table are dropped while they stream by, so that a
//! dump of any size costs the memory of its statements.

mod data;
mod encoding;

use std::io::{self, BufRead, Cursor, Read};

use model::place::{Skipped, SourceFile};

use crate::reading::Input;
use data::{Data, Fate};
use encoding::Encoding;

/// Offsets are 32 bits wide.
const LONGEST: usize = u32::MAX as usize - 1;

/// Reads one file. Only the world can fail here; bytes that are no text become the input's problem.
pub fn load(path: &str, mut reader: impl BufRead) -> io::Result<Input> {
    match encoding::sniff(reader.fill_buf()?) {
        Encoding::Binary(what) => Ok(unreadable(path, what)),
        Encoding::Bytes => read_lines(path, reader),
        Encoding::Utf16 { big_endian } => {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes)?;
            read_lines(path, Cursor::new(encoding::utf16(&bytes, big_endian).into_bytes()))
        }
    }
}

fn unreadable(path: &str, what: impl Into<String>) -> Input {
    Input { file: SourceFile::new(path, "", Vec::new()), problem: Some(what.into()) }
}

fn read_lines(path: &str, mut reader: impl BufRead) -> io::Result<Input> {
    let mut kept = Kept::default();
    let mut line = Vec::new();
    loop {
        let buffer = reader.fill_buf()?;
        // Most files are one buffer, and its lines are looked at where they stand.
        let whole = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let taken = if whole > 0 {
            let taken = kept.take(&buffer[..whole]);
            reader.consume(whole);
            taken
        } else {
            line.clear();
            // One more than fits, so that a longer line is noticed without being held.
            let room = (LONGEST - kept.text.len()) as u64 + 1;
            if (&mut reader).take(room).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            kept.take(&line)
        };
        if let Err(problem) = taken {
            return Ok(unreadable(path, problem));
        }
    }
    kept.text.shrink_to_fit();
    Ok(Input { file: SourceFile::new(path, kept.text, kept.skipped), problem: None })
}

/// What is kept of the lines that came so far.
#[derive(Default)]
struct Kept {
    text: String,
    skipped: Vec<Skipped>,
    data: Data,
}

impl Kept {
    /// Whole lines, or the last one of a file; an error says why they are no text.
    fn take(&mut self, lines: &[u8]) -> Result<(), &'static str> {
        // Lines that stay are added together.
        let mut run = 0..0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let end = run.end + line.len();
            match self.data.next(line) {
                Fate::Keep => run.end = end,
                Fate::Skip => {
                    self.keep(&lines[run])?;
                    self.skip();
                    run = end..end;
                }
            }
        }
        self.keep(&lines[run])
    }

    fn keep(&mut self, lines: &[u8]) -> Result<(), &'static str> {
        if self.text.len() + lines.len() > LONGEST {
            return Err("it is larger than 4 GB");
        }
        if lines.contains(&0) {
            return Err("it holds NUL bytes: it is no text");
        }
        encoding::push_lines(&mut self.text, lines);
        Ok(())
    }

    fn skip(&mut self) {
        match self.skipped.last_mut() {
            Some(last) if last.offset as usize == self.text.len() => last.lines += 1,
            _ => self.skipped.push(Skipped { offset: self.text.len() as u32, lines: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of the bytes, then the lines that were dropped: `at <line before>: <count>`.
    fn check(bytes: &[u8], expected: &str) {
        let input = load("a.sql", bytes).expect("reading from memory cannot fail");
        let mut found = input.file.text.to_string();
        for skip in &input.file.skipped {
            found +=
                &format!("| {} lines before {:?}\n", skip.lines, first_line(&input.file.text[skip.offset as usize..]));
        }
        if let Some(problem) = input.problem {
            found += &format!("! {problem}\n");
        }
        assert_eq!(found, expected);
    }

    fn first_line(text: &str) -> &str {
        text.lines().next().unwrap_or("")
    }

    #[test]
    fn copy_rows_are_dropped() {
        check(
            b"COPY public.t (a, b) FROM stdin;\n1\tx\n2\ty; CREATE\n\\.\nSELECT 1;\n",
            "COPY public.t (a, b) FROM stdin;\n\\.\nSELECT 1;\n| 2 lines before \"\\\\.\"\n",
        );
    }

    #[test]
    fn copy_over_several_lines_and_with_options() {
        check(
            b"copy t\n  (a)\nfrom STDIN with (format csv);\r\n1\r\n\\.\r\n",
            "copy t\n  (a)\nfrom STDIN with (format csv);\r\n\\.\r\n| 1 lines before \"\\\\.\"\n",
        );
    }

    #[test]
    fn copy_from_a_file_or_in_a_comment_keeps_what_follows() {
        let text =
            "COPY t FROM '/tmp/stdin';\nSELECT 1;\n-- COPY t FROM stdin;\nSELECT 2;\nCOPY t TO stdout;\nSELECT 3;\n";
        check(text.as_bytes(), text);
    }

    #[test]
    fn positions_count_the_dropped_lines() {
        let input = load("a.sql", &b"COPY t FROM stdin;\n1\n2\n3\n\\.\nSELECT 1;\n"[..]).unwrap();
        let offset = input.file.text.find("SELECT").unwrap() as u32;
        assert_eq!(input.file.position(offset).line, 6);
    }

    #[test]
    fn a_copy_without_an_end_drops_to_the_end() {
        check(b"COPY t FROM stdin;\n1\n2\n", "COPY t FROM stdin;\n| 2 lines before \"\"\n");
    }

    #[test]
    fn long_runs_of_inserts_are_cut() {
        let mut dump = String::from("CREATE TABLE t (a text);\n");
        for row in 0..1000 {
            dump += &format!("INSERT INTO t VALUES ({row}, 'it''s; fine');\n");
        }
        dump += "INSERT INTO t VALUES (1, 'two\nlines');\nINSERT INTO u VALUES (1);\n";
        let input = load("a.sql", dump.as_bytes()).unwrap();
        assert_eq!(input.file.text.matches("INSERT INTO t").count(), 200);
        assert!(input.file.text.ends_with("INSERT INTO u VALUES (1);\n"));
        let last = input.file.text.find("INSERT INTO u").unwrap() as u32;
        assert_eq!(input.file.position(last).line, 1004);
    }

    #[test]
    fn long_lists_of_rows_are_cut() {
        let mut dump = String::from("INSERT INTO t (a) VALUES\n");
        for row in 0..1000 {
            dump += &format!("  ({row}, 'x'),\n");
        }
        dump += "  (0, 'end');\nSELECT 1;\n";
        let input = load("a.sql", dump.as_bytes()).unwrap();
        assert_eq!(input.file.text.matches('(').count(), 202);
        assert!(input.file.text.ends_with("  (0, 'end');\nSELECT 1;\n"));
    }

    #[test]
    fn encodings() {
        check("\u{feff}SELECT 'é';\r\n".as_bytes(), "\u{feff}SELECT 'é';\r\n");
        check(b"SELECT '\xe9';\n", "SELECT 'é';\n");
        check(b"SELECT 'caf\xc3\xa9 \xff';\n", "SELECT 'café \u{fffd}';\n");
        check(b"\xff\xfeS\0E\0\n\0", "SE\n");
        check(b"\xfe\xff\0S\0E\0\n", "SE\n");
        check(b"", "");
    }

    #[test]
    fn binary_junk_is_a_problem() {
        check(b"\x7fELF\x02\x01\0\0", "! it is binary, not text\n");
        check(b"PGDMP\x01\x0e", "! it is a pg_dump archive; `pg_restore -f out.sql` makes SQL of it\n");
        check(b"\x1f\x8b\x08abc", "! it is compressed (gzip); unpack it first\n");
        let late = [b"SELECT 1;\n".repeat(20_000), b"\0\0\n".to_vec()].concat();
        check(&late, "! it holds NUL bytes: it is no text\n");
    }
}
