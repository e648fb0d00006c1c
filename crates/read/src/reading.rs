//! From files to a reading: which file is what, in which order they apply, and what came of each statement.

use std::collections::BTreeSet;

use model::Reading;
use model::dialect::Version;
use model::place::SourceFile;

/// A file to be read, as [`load`](crate::load::load) gives it.
#[derive(Clone, Debug)]
pub struct Input {
    pub file: SourceFile,
    /// Why its bytes could not be taken as text; the text is empty then.
    pub problem: Option<String>,
}

impl Input {
    /// A text that is at hand already, under the path by which the user knows it.
    pub fn new(path: &str, text: &str) -> Input {
        Input { file: SourceFile::new(path, text, Vec::new()), problem: None }
    }
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
