//! Files of a workload: logs are read as they stream by, everything else is SQL.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;

use model::workload::Traffic;
use read::workload::{HEAD, Options, Reader, recognize};

use crate::Failure;
use crate::sources::{Source, plain};

/// Reads the logs among the files. The others are given back, in their order.
pub(crate) fn traffic(
    folder: &Path,
    sources: Vec<Source>,
    options: Options,
) -> Result<(Vec<Source>, Traffic), Failure> {
    let mut reader = Reader::new(options);
    let mut others = Vec::new();
    for source in sources {
        let failed = |cause: std::io::Error| Failure::new(format!("{}: {}", source.path(), plain(&cause)));
        let is_log = match &source {
            Source::Text { path, bytes } => take(&mut reader, path, Cursor::new(bytes)).map_err(failed)?,
            Source::File { path, .. } if is_sql(path) => false,
            Source::File { path, named } => {
                let file = File::open(folder.join(path)).map(|file| BufReader::with_capacity(HEAD, file));
                match file.and_then(|file| take(&mut reader, path, file)) {
                    Ok(is_log) => is_log,
                    // What was found by walking and cannot be read is a problem of the loader.
                    Err(_) if !named => false,
                    Err(cause) => return Err(failed(cause)),
                }
            }
        };
        if !is_log && (is_sql(source.path()) || !matches!(source, Source::File { named: false, .. })) {
            others.push(source);
        }
    }
    Ok((others, reader.finish()))
}

/// Reads it if it is a log.
fn take(reader: &mut Reader, path: &str, mut file: impl BufRead) -> std::io::Result<bool> {
    let head = file.fill_buf()?;
    if head.starts_with(&[0x1f, 0x8b]) {
        return Err(std::io::Error::other(
            "it is packed; unpack it into a pipe: zcat FILE | palladio advise --workload -",
        ));
    }
    let Some(kind) = recognize(head) else { return Ok(false) };
    reader.read(path, kind, file)?;
    Ok(true)
}

fn is_sql(path: &str) -> bool {
    let end = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(end.as_str(), "sql" | "psql" | "pgsql" | "ddl")
}
