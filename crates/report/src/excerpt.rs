//! The lines of a source around a place, short enough to show and to lay out quickly.

use std::ops::Range;

use model::Place;
use model::place::SourceFile;

/// Some lines of a file, with byte ranges that count from the start of `text`.
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// The number of the first line in the file on disk.
    pub(crate) line: usize,
    start: usize,
}

/// Bytes kept on each side of a mark: more than a terminal is wide, less than a minified file is long.
const AROUND_MARK: usize = 1000;
/// Bytes kept on each side of an edit in a line that is longer than [`LONG_LINE`].
const AROUND_EDIT: usize = 32;
const LONG_LINE: usize = 200;

/// The first line of the place, and where in it the mark is. A line of a megabyte is cut on both sides.
pub(crate) fn marked_line(file: &SourceFile, place: Place) -> (Excerpt, Range<usize>) {
    let line = file.line_at(place.start);
    let start = (place.start as usize).min(line.end);
    let end = (place.end as usize).clamp(start, line.end).min(start + AROUND_MARK);
    let excerpt = cut(file, start..end, &line, AROUND_MARK);
    let mark = excerpt.range(start..end);
    let text = excerpt.text.get(mark.clone()).map_or("", str::trim_end);
    let mark = mark.start..mark.start + text.len();
    (excerpt, mark)
}

/// All lines from one byte to another; long ones are cut on both sides.
pub(crate) fn lines(file: &SourceFile, start: u32, end: u32) -> Excerpt {
    let whole = file.line_at(start).start..file.line_at(end).end.max(end as usize);
    let margin = if whole.len() > LONG_LINE + (end - start) as usize { AROUND_EDIT } else { LONG_LINE };
    cut(file, start as usize..end as usize, &whole, margin)
}

impl Excerpt {
    /// A byte range of the file as one of the excerpt.
    pub(crate) fn range(&self, range: Range<usize>) -> Range<usize> {
        let end = self.text.len();
        range.start.saturating_sub(self.start).min(end)..range.end.saturating_sub(self.start).min(end)
    }

    /// The column of a byte of the excerpt, as if the excerpt were the file.
    pub(crate) fn column(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or("");
        before.rsplit('\n').next().unwrap_or("").chars().count() + 1
    }
}

/// The part of `whole` that lies at most `margin` bytes away from `keep`.
fn cut(file: &SourceFile, keep: Range<usize>, whole: &Range<usize>, margin: usize) -> Excerpt {
    let text = &file.text;
    let mut start = keep.start.saturating_sub(margin).max(whole.start);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = keep.end.saturating_add(margin).min(whole.end).max(start);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = file.position(whole.start as u32).line as usize;
    Excerpt { text: text.get(start..end).unwrap_or("").to_owned(), line, start }
}
