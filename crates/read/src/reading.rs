//! From files to a reading: which file is what, in which order they apply, and what came of each statement.

use std::collections::BTreeSet;

use model::Reading;
use model::dialect::Version;
use model::place::SourceFile;

/// A file to be read: its path as the user knows it, and its text as [`load`](crate::load) gives it.
#[derive(Clone, Debug)]
pub struct Input {
    pub file: SourceFile,
}

#[derive(Clone, Debug)]
pub struct Options {
    /// The database's version.
    pub version: Version,
    /// The migrations that are not released yet, by path: they are released together, so what one of them makes is
    /// new to the others. Without it, every migration is judged against the one before.
    pub unreleased: Option<BTreeSet<String>>,
}

/// Reads everything into one model.
pub fn read(inputs: Vec<Input>, options: &Options) -> Reading {
    let _ = (inputs, options);
    Reading::default()
}
