//! Files that hold both sides of a migration, cut at the comments that mark them.

use super::{Entry, Section, Wrap};

/// What a marking line says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// From here on.
    pub(super) side: Option<Side>,
    /// For the side that it opens, or for the whole file.
    pub(super) no_transaction: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Up,
    Down,
}

/// Both sides of a file.
pub(super) struct Sides {
    pub(super) up: Option<Section>,
    pub(super) down: Option<Section>,
}

/// Cuts the file at its marks; `None` when no line marks a side.
pub(super) fn sides(entry: &Entry, wrap: Wrap, parse: fn(&str) -> Option<Mark>) -> Option<Sides> {
    let mut open: Option<(Side, usize)> = None;
    let mut sides = Sides { up: None, down: None };
    let mut file_wrap = wrap;
    let mut first = None;
    let mut offset = 0;
    for line in entry.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some(mark) = parse(line.trim()) else { continue };
        let Some(side) = mark.side else {
            file_wrap = if mark.no_transaction { Wrap::Never } else { file_wrap };
            continue;
        };
        first.get_or_insert(start);
        sides.close(open, start);
        open = Some((side, offset));
        let section = sides.of(side).get_or_insert(Section { file: entry.id, ranges: Vec::new(), wrap });
        if mark.no_transaction {
            section.wrap = Wrap::Never;
        }
    }
    sides.close(open, entry.text.len());
    if file_wrap == Wrap::Never {
        for section in [&mut sides.up, &mut sides.down].into_iter().flatten() {
            section.wrap = Wrap::Never;
        }
    }
    let first = first?;
    if sides.up.is_none() {
        // Only the undo is marked: what stands before it is done.
        sides.up = Some(Section { file: entry.id, ranges: std::iter::once(0..first).collect(), wrap: file_wrap });
    }
    Some(sides)
}

impl Sides {
    fn of(&mut self, side: Side) -> &mut Option<Section> {
        match side {
            Side::Up => &mut self.up,
            Side::Down => &mut self.down,
        }
    }

    fn close(&mut self, open: Option<(Side, usize)>, end: usize) {
        if let Some((side, start)) = open
            && let Some(section) = self.of(side)
        {
            section.ranges.push(start..end);
        }
    }
}

/// The words of a comment line, in small letters: `-- +Goose Up` gives `+goose up`.
pub(super) fn comment(line: &str) -> Option<String> {
    Some(line.strip_prefix("--")?.trim().to_ascii_lowercase())
}
