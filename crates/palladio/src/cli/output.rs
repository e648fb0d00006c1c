//! Where text goes, and whether it has colour. A reader that went away is no failure.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::Color;
use crate::{Failure, files};

/// The standard output, or a file that is written whole at the end.
pub(crate) enum Output {
    Standard,
    File { path: PathBuf, bytes: Vec<u8> },
}

impl Output {
    pub(crate) fn standard() -> Output {
        Output::Standard
    }

    pub(crate) fn to(path: Option<&Path>) -> Output {
        match path {
            Some(path) => Output::File { path: path.to_owned(), bytes: Vec::new() },
            None => Output::Standard,
        }
    }

    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Output::File { bytes: kept, .. } => kept.extend_from_slice(bytes),
            Output::Standard => {
                let mut out = io::stdout().lock();
                written(out.write_all(bytes).and_then(|()| out.flush()))?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Output::File { path, bytes } = self else { return Ok(()) };
        let said = |cause: io::Error| Failure::new(format!("{} cannot be written: {cause}", files::shown(&path)));
        files::write(&path, &bytes).map_err(said)
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Output::File { .. })
    }

    /// Whether what is written here has colour.
    pub(crate) fn color(&self, wanted: Color) -> bool {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR").is_some() => false,
            Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Color::Auto => {
                !self.is_file() && io::stdout().is_terminal() && set("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }
}

/// Text beside the report: on the standard error.
pub(crate) fn remark(text: &str) {
    // When even this cannot be written, there is nobody left to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

pub(crate) fn complain(failure: &Failure) {
    remark(&format!("{failure}\n"));
}

fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(cause) => Err(Failure::new(format!("the standard output cannot be written: {cause}"))),
        Ok(()) => Ok(()),
    }
}
