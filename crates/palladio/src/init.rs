//! `init`: looks at the project, writes a commented `palladio.toml`, and says what it found.

use std::fs;
use std::path::Path;

use globset::GlobSet;
use model::reading::SourceKind;
use model::step::Layout;
use read::Options;
use report::count::counted;

use crate::config::{Config, commented};
use crate::sources::{self, Request};
use crate::{Failure, files};

/// Writes the file and returns what to say.
pub fn init(folder: &Path, force: bool) -> Result<String, Failure> {
    let path = folder.join("palladio.toml");
    if path.exists() && !force {
        return Err(Failure::new("palladio.toml is there already")
            .hint("What is in force: palladio config --show-origin")
            .hint("Replace it: palladio init --force"));
    }
    let mut said = Vec::new();
    let mut set = vec![("sources", "[\".\"]".to_owned())];
    match version(folder) {
        Some((version, source)) => {
            said.push(format!("PostgreSQL {version}, says {source}"));
            set.push(("pg-version", version.to_string()));
        }
        None => {
            said.push(format!("No version of PostgreSQL is named anywhere; taking {}", Config::default().pg_version))
        }
    }
    said.extend(found(folder)?);
    let text = commented(&set);
    files::write(&path, text.as_bytes())
        .map_err(|cause| Failure::new(format!("palladio.toml cannot be written: {cause}")))?;
    said.push("Wrote palladio.toml; next: palladio check".to_owned());
    Ok(said.join("\n") + "\n")
}

/// What there is to check.
fn found(folder: &Path) -> Result<Vec<String>, Failure> {
    let here = [".".to_owned()];
    let exclude = GlobSet::empty();
    let request = Request { folder, sources: &here, exclude: &exclude, root: folder, stdin_filename: "", logs: false };
    let sources = sources::find(&request)?;
    let inputs = sources::load(folder, &sources)?;
    let version = model::dialect::Version(Config::default().pg_version, 0);
    let reading = read::read(inputs, &Options { version, unreleased: None });
    let mut lines: Vec<String> = Vec::new();
    for found in &reading.found {
        let files = counted(found.files as usize, "file");
        let what = match found.kind {
            SourceKind::Schema => format!("schema, {files}"),
            SourceKind::Migrations(Layout::Schema) => format!("migrations, {files}"),
            SourceKind::Migrations(layout) => format!("migrations of {}, {files}", layout.name()),
            SourceKind::Queries => format!("queries, {files}"),
            SourceKind::QueryPlan => format!("query plans, {files}"),
            SourceKind::Stats => format!("statistics, {files}"),
        };
        let note = found.note.as_ref().map_or(String::new(), |note| format!("; {note}"));
        lines.push(format!("{}: {what}{note}", found.path));
    }
    if lines.is_empty() {
        lines.push("No SQL here yet".to_owned());
    }
    Ok(lines)
}

/// The version that the project runs its database with, and the file that says so.
fn version(folder: &Path) -> Option<(u16, &'static str)> {
    const FILES: [&str; 7] = [
        "compose.yaml",
        "compose.yml",
        "docker-compose.yaml",
        "docker-compose.yml",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        "Dockerfile",
    ];
    FILES.iter().find_map(|name| {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        text.lines().find_map(version_in).map(|version| (version, *name))
    })
}

/// The major version in the name of an image: `postgres:16-alpine`, `postgis/postgis:15-3.4`, `pgvector/pgvector:pg17`.
fn version_in(line: &str) -> Option<u16> {
    let images = ["postgres:", "postgis:", "pgvector:pg", "timescaledb:latest-pg", "timescaledb-ha:pg"];
    let tag = images.iter().find_map(|image| line.split_once(image)).map(|(_, tag)| tag)?;
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|version| (14..=18).contains(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_images() {
        for (line, version) in [
            ("    image: postgres:16-alpine", Some(16)),
            ("image: \"pgvector/pgvector:pg17\"", Some(17)),
            ("image: postgis/postgis:15-3.4", Some(15)),
            ("image: postgres:latest", None),
            ("image: postgres:9.6", None),
        ] {
            assert_eq!(version_in(line), version, "{line}");
        }
    }
}
