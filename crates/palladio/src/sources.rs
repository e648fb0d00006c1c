//! What there is to read: a SOURCE is a file, a folder, a glob or `-`, and becomes a list of files in order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{DirEntry, WalkBuilder};
use model::place::SourceFile;
use read::Input;

use crate::Failure;
use crate::database;
use crate::files::{absolute, shown};

/// Which files to read.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The folder that paths count from.
    pub folder: &'a Path,
    pub sources: &'a [String],
    /// Never found by walking, only when named; matched against paths from `root`.
    pub exclude: &'a GlobSet,
    pub root: &'a Path,
    /// The name of what comes through `-`.
    pub stdin_filename: &'a str,
    /// Logs in folders are found too.
    pub logs: bool,
}

/// A text to read, under the path by which the user knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    File {
        path: String,
        /// By the user, and not found by walking.
        named: bool,
    },
    /// All of the standard input.
    Text { path: String, bytes: Vec<u8> },
}

impl Source {
    pub fn path(&self) -> &str {
        match self {
            Source::File { path, .. } | Source::Text { path, .. } => path,
        }
    }
}

/// Folders that hold other people's files.
const FOREIGN: [&str; 4] = ["node_modules", "target", "vendor", ".git"];

/// Everything that the sources name: each file once, files of a folder by name.
pub fn find(request: &Request<'_>) -> Result<Vec<Source>, Failure> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for source in request.sources {
        let mut more = Vec::new();
        if source == "-" {
            more.push(standard_input(request.stdin_filename)?);
        } else if let Some(scheme) = database::scheme(source) {
            return Err(Failure::new(format!("{scheme}: cannot be read here"))
                .hint("A PostgreSQL database can be read: palladio check postgres://HOST/DATABASE")
                .hint("Any dump can be read: pg_dump --schema-only --no-owner > schema.sql"));
        } else {
            more.extend(one(request, source)?);
        }
        found.extend(more.into_iter().filter(|source| seen.insert(source.path().to_owned())));
    }
    Ok(found)
}

/// Reads the files, on several threads when there are many: half the time goes into waiting for the system. One that
/// the world withholds is a failure when it was named, and a problem when it was found.
pub fn load(folder: &Path, sources: &[Source]) -> Result<Vec<Input>, Failure> {
    read::parallel::map(sources, |source| load_one(folder, source)).into_iter().collect()
}

fn load_one(folder: &Path, source: &Source) -> Result<Input, Failure> {
    let failed = |cause: std::io::Error| Failure::new(format!("{}: {}", source.path(), plain(&cause)));
    match source {
        Source::Text { path, bytes } => read::load::load(path, Cursor::new(bytes)).map_err(failed),
        Source::File { path, named } => {
            match File::open(folder.join(path)).and_then(|file| read::load::load(path, buffered(file))) {
                Err(cause) if !named => {
                    let file = SourceFile::new(path, "", Vec::new());
                    Ok(Input { file, problem: Some(plain(&cause)) })
                }
                loaded => loaded.map_err(failed),
            }
        }
    }
}

/// Most files are short, and memory that nobody writes to is spared.
fn buffered(file: File) -> BufReader<File> {
    const MOST: u64 = 1 << 16;
    let length = file.metadata().map_or(MOST, |facts| facts.len());
    BufReader::with_capacity(length.clamp(1 << 10, MOST) as usize, file)
}

/// The cause without the number that the operating system gives it.
pub(crate) fn plain(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

fn standard_input(name: &str) -> Result<Source, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|cause| Failure::new(format!("the standard input cannot be read: {}", plain(&cause))))?;
    Ok(Source::Text { path: name.to_owned(), bytes })
}

fn one(request: &Request<'_>, source: &str) -> Result<Vec<Source>, Failure> {
    let path = request.folder.join(source);
    if path.is_dir() {
        std::fs::read_dir(&path).map_err(|cause| Failure::new(format!("{source}: {}", plain(&cause))))?;
        let wanted = |path: &Path| may_be_read(path) || request.logs && may_be_log(path);
        return Ok(walk(request, Path::new(source), &wanted));
    }
    if path.exists() {
        return Ok(vec![Source::File { path: shown(Path::new(source)), named: true }]);
    }
    if source.contains(['*', '?', '[', '{']) {
        return glob(request, source);
    }
    Err(Failure::new(format!("no such file or folder: {source}"))
        .hint(format!("It was looked for in {}", request.folder.display())))
}

fn glob(request: &Request<'_>, pattern: &str) -> Result<Vec<Source>, Failure> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|cause| Failure::new(format!("this is no glob: {cause}")))?
        .compile_matcher();
    let plain = |part: &&str| !part.contains(['*', '?', '[', '{']);
    let parts: Vec<&str> = pattern.split('/').collect();
    let base: Vec<&str> = parts[..parts.len() - 1].iter().copied().take_while(|part| plain(part)).collect();
    let base = match base[..] {
        [] => PathBuf::from("."),
        [""] => PathBuf::from("/"),
        _ => PathBuf::from(base.join("/")),
    };
    let found = walk(request, &base, &|path| matcher.is_match(shown(path)));
    if found.is_empty() {
        return Err(Failure::new(format!("no file matches {pattern}")));
    }
    Ok(found)
}

/// The files below a folder that are wanted, in order. Links are not followed, so that no cycle can be.
fn walk(request: &Request<'_>, base: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<Source> {
    let root = request.folder.join(base);
    let exclude = request.exclude.clone();
    let project = request.root.to_owned();
    let folder = request.folder.to_owned();
    let keep = move |entry: &DirEntry| {
        let foreign = entry.depth() > 0 && entry.file_name().to_str().is_some_and(|name| FOREIGN.contains(&name));
        let path = absolute(&folder, entry.path());
        let excluded = path.strip_prefix(&project).is_ok_and(|path| exclude.is_match(path));
        !foreign && (entry.depth() == 0 || !excluded)
    };
    // What one user tells git to ignore everywhere is not in the project: a pipeline would find other files.
    let walk = WalkBuilder::new(&root)
        .require_git(false)
        .git_global(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(keep)
        .build();
    let below = |path: &Path| {
        let path = base.join(path.strip_prefix(&root).unwrap_or(path));
        path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
    };
    let mut found = Vec::new();
    for entry in walk {
        let path = match &entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                let path = below(entry.path());
                (wanted(&path) && (request.logs || !is_json(&path) || is_ours(entry.path()))).then_some(path)
            }
            Ok(_) => None,
            // What cannot be entered is listed, so that it becomes a problem when it is opened.
            Err(error) => path_of(error).map(below),
        };
        found.extend(path.map(|path| Source::File { path: shown(&path), named: false }));
    }
    found
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn may_be_read(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_ascii_lowercase();
    matches!(extension.as_str(), "sql" | "psql" | "pgsql" | "ddl" | "json")
        || path.to_str().is_some_and(read::is_setting)
}

/// `postgresql.csv`, `app.log`, `postgresql.log.1`
fn may_be_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_ascii_lowercase();
    let end = name.rsplit('.').next().unwrap_or("");
    matches!(end, "log" | "csv" | "tsv" | "json" | "jsonl" | "ndjson" | "txt" | "out") || name.contains(".log")
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Among all the JSON of a project: query plans, statistics, and the journal that orders drizzle-kit's migrations.
fn is_ours(path: &Path) -> bool {
    const ENOUGH: u64 = 16 * 1024;
    if path.to_str().is_some_and(read::is_setting) {
        return true;
    }
    let mut start = Vec::new();
    let Ok(file) = File::open(path) else { return false };
    if file.take(ENOUGH).read_to_end(&mut start).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    let is_plan = text.contains("\"Plan\"") && text.contains("\"Node Type\"");
    is_plan || (text.contains("\"tables\"") && text.contains("\"rows\""))
}

/// Globs of the configuration; one that names a folder covers what is in it.
pub fn globs(patterns: &[String]) -> Result<GlobSet, Failure> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let bad = |cause: globset::Error| Failure::new(format!("this is no glob: {cause}"));
        let pattern = pattern.trim_end_matches('/');
        builder.add(Glob::new(pattern).map_err(bad)?);
        builder.add(Glob::new(&format!("{pattern}/**")).map_err(bad)?);
    }
    builder.build().map_err(|cause| Failure::new(format!("these globs are too many: {cause}")))
}
