//! Clusters that `initdb` made once: a lab is a copy of one, which takes a tenth of the time.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

use super::cache;
use super::installed::Installation;
use super::pack;
use super::server::clean;
use super::user::User;
use crate::Error;

/// A template in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub file: PathBuf,
    /// `15-3f2a…`: the major version, and what it was made with.
    pub key: String,
    pub bytes: u64,
}

/// Copies the template of this installation to `data`; where there is none yet, one is made.
///
/// Whoever makes one has the lock alone, whoever copies shares it: processes that start together wait for one `initdb`,
/// and nobody removes what another one copies.
pub(super) fn copy(from: &Installation, locale: Option<&str>, user: Option<&User>, data: &Path) -> Result<(), Error> {
    let arguments = arguments(from, locale);
    let folder = make_folder()?;
    let key = key(from, &arguments, user);
    let template = folder.join(format!("{key}{SUFFIX}"));
    let lock = lock(&folder, &key)?;
    if !template.is_file() {
        lock.lock().map_err(Error::file("locked", &folder))?;
        if !template.is_file() {
            // The first lab of all has what initdb made, and leaves a copy of it to the others.
            initdb(from, &arguments, user, data)?;
            return keep(data, &folder, &template);
        }
        lock.unlock().map_err(Error::file("unlocked", &folder))?;
    }
    lock.lock_shared().map_err(Error::file("locked", &folder))?;
    pack::unpack(&template, data, user)
}

/// The templates of this user.
pub fn templates() -> Vec<Template> {
    let Ok(folder) = cache().map(|cache| cache.join(TEMPLATES)) else { return Vec::new() };
    let mut found: Vec<Template> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let key = entry.file_name().to_str()?.strip_suffix(SUFFIX)?.to_owned();
            let bytes = entry.metadata().map_or(0, |there| there.len());
            Some(Template { file: entry.path(), key, bytes })
        })
        .collect();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// Removes every template that nobody copies now. How many there were.
pub fn clean_templates() -> Result<usize, Error> {
    let mut removed = 0;
    for template in templates() {
        let parent = template.file.parent().expect("a template is in a folder");
        let lock = lock(parent, &template.key)?;
        if lock.try_lock().is_ok() {
            fs::remove_file(&template.file).map_err(Error::file("removed", &template.file))?;
            removed += 1;
        }
    }
    Ok(removed)
}

const TEMPLATES: &str = "templates";
const SUFFIX: &str = ".cluster";
const MAKING: &str = ".making-";

fn make_folder() -> Result<PathBuf, Error> {
    let folder = cache()?.join(TEMPLATES);
    DirBuilder::new().recursive(true).mode(0o755).create(&folder).map_err(Error::file("made", &folder))?;
    Ok(folder)
}

fn lock(folder: &Path, key: &str) -> Result<File, Error> {
    let path = folder.join(format!(".{key}.lock"));
    File::options().create(true).append(true).open(&path).map_err(Error::file("locked", &path))
}

fn arguments(from: &Installation, locale: Option<&str>) -> Vec<String> {
    let mut arguments = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "-N"].map(str::to_owned).to_vec();
    arguments.push(locale.map_or("--no-locale".to_owned(), |locale| format!("--locale={locale}")));
    // Segments of the log as small as can be: 15 MB less to copy.
    arguments.push("--wal-segsize=1".to_owned());
    // Checksums are on by default since 18, and in the way of files that are made to look large.
    if from.major() >= 18 {
        arguments.push("--no-data-checksums".to_owned());
    }
    arguments
}

/// Two builds of one version may differ in their catalogs, and a template belongs to the user who can start it.
fn key(from: &Installation, arguments: &[String], user: Option<&User>) -> String {
    let folder = from.folder.to_string_lossy();
    let user = user.map_or("", |user| user.name.as_str());
    let text = format!("{}\0{folder}\0{user}\0{}", from.text, arguments.join("\0"));
    let digest = Sha256::digest(text.as_bytes());
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", from.major())
}

/// Under another name first, so that nobody ever sees half of a template.
fn keep(data: &Path, folder: &Path, template: &Path) -> Result<(), Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = folder.join(format!("{MAKING}{}-{count}", std::process::id()));
    let _ = fs::remove_file(&beside);
    let kept =
        pack::write(data, &beside).and_then(|()| fs::rename(&beside, template).map_err(Error::file("made", template)));
    let _ = fs::remove_file(&beside);
    kept
}

fn initdb(from: &Installation, arguments: &[String], user: Option<&User>, data: &Path) -> Result<(), Error> {
    let program = from.program("initdb");
    let mut command = clean(&program, Path::new("/"), user);
    let command = command.args(arguments).arg("-D").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = program.display().to_string();
    let said = command.output().map_err(|cause| Error::Program { program: program.clone(), cause })?;
    if said.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&said.stderr);
    Err(Error::Failed { program, said: text.trim().lines().collect::<Vec<_>>().join("\n  ") })
}
