//! Hashes of names.

use std::hash::Hasher;

/// Names are short, and nobody chooses them against us: eight bytes at a time are mixed in. The same names have the same
/// hash in every run.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameHasher(u64);

/// Odd, and with as many ones as zeros: the digits of the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl NameHasher {
    /// Both halves of the product count, so that every bit of the word reaches every bit of the hash.
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0.rotate_left(29) ^ word ^ FACTOR) * u128::from(FACTOR);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        // The text ends with a byte of its own (`write_u8`), and so the rest may be empty.
        if !rest.is_empty() {
            self.add(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
