//! Workloads from logs: what a server writes of the calls that were made is what is read.

mod formats;
mod logs;
mod mutants;
mod shapes;

use model::workload::{Traffic, TrafficKind};
use read::workload::{Options, Reader, recognize};

/// What a text says, read as what it looks like.
pub(crate) fn traffic(text: &[u8], options: Options) -> Option<(TrafficKind, Traffic)> {
    let kind = recognize(text)?;
    let mut reader = Reader::new(options);
    reader.read("log", kind, text).expect("reading from memory cannot fail");
    Some((kind, reader.finish()))
}

/// A small generator (SplitMix64): the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % bound.max(1) as u64) as usize
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}
