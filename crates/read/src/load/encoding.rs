//! Which bytes are text, and in what encoding.

use std::borrow::Cow;

pub(super) enum Encoding {
    /// UTF-8, or what each line turns out to be.
    Bytes,
    Utf16 {
        big_endian: bool,
    },
    /// No text; what it is instead.
    Binary(&'static str),
}

/// Guesses from the first bytes of a file.
pub(super) fn sniff(buffer: &[u8]) -> Encoding {
    let head = &buffer[..buffer.len().min(8192)];
    const MAGIC: [(&[u8], &str); 6] = [
        (b"PGDMP", "it is a pg_dump archive; `pg_restore -f out.sql` makes SQL of it"),
        (b"\x1f\x8b", "it is compressed (gzip); unpack it first"),
        (b"\x28\xb5\x2f\xfd", "it is compressed (zstd); unpack it first"),
        (b"\xfd7zXZ", "it is compressed (xz); unpack it first"),
        (b"PK\x03\x04", "it is a zip archive; unpack it first"),
        (b"SQLite format 3\0", "it is a SQLite database, not SQL"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Encoding::Binary(what);
    }
    match head {
        [0xff, 0xfe, ..] => Encoding::Utf16 { big_endian: false },
        [0xfe, 0xff, ..] => Encoding::Utf16 { big_endian: true },
        _ => {
            let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t'..=b'\r' | 0x1b);
            let controls = head.iter().filter(control).count();
            let binary = head.contains(&0) || controls * 10 > head.len();
            if binary { Encoding::Binary("it is binary, not text") } else { Encoding::Bytes }
        }
    }
}

pub(super) fn utf16(bytes: &[u8], big_endian: bool) -> String {
    let unit = |pair: &[u8]| match (pair, big_endian) {
        ([a, b], true) => u16::from_be_bytes([*a, *b]),
        ([a, b], false) => u16::from_le_bytes([*a, *b]),
        _ => u16::from(b'?'),
    };
    let units: Vec<u16> = bytes[2..].chunks(2).map(unit).collect();
    String::from_utf16_lossy(&units)
}

/// Lines as UTF-8. One that is not is taken as Latin-1, unless it also holds characters of UTF-8: then only the broken
/// bytes are replaced.
pub(super) fn push_lines(text: &mut String, lines: &[u8]) {
    match std::str::from_utf8(lines) {
        Ok(lines) => text.push_str(lines),
        Err(_) => lines.split_inclusive(|byte| *byte == b'\n').for_each(|line| push_line(text, line)),
    }
}

fn push_line(text: &mut String, line: &[u8]) {
    let lossy = String::from_utf8_lossy(line);
    let has_letters = |letter: char| !letter.is_ascii() && letter != char::REPLACEMENT_CHARACTER;
    if matches!(lossy, Cow::Borrowed(_)) || lossy.chars().any(has_letters) {
        text.push_str(&lossy);
    } else {
        text.extend(line.iter().copied().map(char::from));
    }
}
