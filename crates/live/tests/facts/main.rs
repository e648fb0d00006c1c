//! What PostgreSQL does, version by version, as a server itself shows it: the facts that the code relies on, and the
//! locks of each form of a statement. The pages in `docs/` are printed from here.

#![allow(clippy::print_stdout, reason = "tests that could not run must be seen")]

mod facts;
mod forms;
mod locks;

mod probe;
mod schema;

use std::path::{Path, PathBuf};

/// Compares a printed page with the committed one, or writes it where `UPDATE` is set.
fn compare(path: &Path, page: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, page).expect("the page can be written");
    } else {
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == page, "{} is another one now; UPDATE=1 cargo test writes it:\n{page}", path.display());
    }
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// Every version that Palladio speaks of.
fn versions() -> Vec<u16> {
    model::dialect::POSTGRES.versions.iter().map(|version| version.0).collect()
}
