//! The private folder of a lab, and what becomes of folders whose owner ended badly.
//!
//! The owner holds a lock on a file in its folder. The system drops the lock when the process ends, however it ends:
//! a folder without a lock is nobody's. (A process id and its start time would say less: they mean nothing across
//! containers that share `/tmp`.)

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::place::{self, Storage};
use super::server;
use super::user::{self, User};
use crate::Error;

const PREFIX: &str = "palladio-lab-";
/// The file whose lock says that the owner lives.
const OWNER: &str = "owner";
/// A folder without a lock may be one that is just being made.
const YOUNG: Duration = Duration::from_secs(60);

/// A folder that goes with its value.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Holds the lock.
    _owner: File,
}

impl Folder {
    pub(super) fn new(storage: Storage, user: Option<&User>) -> Result<Folder, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let parent = place::choose(storage);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("{PREFIX}{}-{count}", std::process::id()));
            match make(&path, user) {
                Ok(()) => {}
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(cause) => return Err(Error::File { action: "made", path, cause }),
            }
            let owner = own(&path).map_err(Error::file("locked", &path))?;
            return Ok(Folder { path, _owner: owner });
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        data(&self.path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is swept by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A new folder that only the server's user can enter.
pub(super) fn make(path: &Path, user: Option<&User>) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    user.map_or(Ok(()), |user| user.owns(path))
}

pub(super) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// The lock is taken before anything is written: whoever finds the file empty looks again later.
fn own(folder: &Path) -> io::Result<File> {
    let mut owner = File::create_new(folder.join(OWNER))?;
    owner.lock()?;
    writeln!(owner, "{}", std::process::id())?;
    Ok(owner)
}

/// A lab of some run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub folder: PathBuf,
    /// The process that started it, when it still runs.
    pub owner: Option<u32>,
}

/// The labs of this user, with those that were left behind.
pub fn labs() -> Vec<Left> {
    let mut found: Vec<Left> = folders(PREFIX)
        .filter_map(|folder| {
            let state = state(&folder);
            (state != State::Young)
                .then_some(Left { folder, owner: if let State::Owned(id) = state { Some(id) } else { None } })
        })
        .collect();
    found.sort_by(|one, other| one.folder.cmp(&other.folder));
    found
}

/// Removes the labs whose owner is gone, with their servers. How many there were.
pub fn sweep() -> usize {
    let orphans = folders(PREFIX).filter(|folder| state(folder) == State::Orphan);
    orphans.filter(|folder| remove(folder)).count()
}

/// Ends the server of a folder, if it has one, and removes the folder.
pub(super) fn remove(folder: &Path) -> bool {
    server::end_of(folder);
    fs::remove_dir_all(folder).is_ok()
}

/// Folders of this kind, wherever labs may be, that are ours to touch; somebody else's entries in `/tmp` are not.
pub(super) fn folders(prefix: &str) -> impl Iterator<Item = PathBuf> {
    let user = user::unprivileged().ok().flatten();
    let me = rustix::process::geteuid().as_raw();
    let ours = move |there: &Metadata| {
        there.is_dir() && (there.uid() == me || user.as_ref().is_some_and(|user| user.is(there.uid())))
    };
    let entries = place::all().into_iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten().flatten();
    let named = entries.filter(move |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    named.map(|entry| entry.path()).filter(move |path| fs::symlink_metadata(path).is_ok_and(|there| ours(&there)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Owned(u32),
    Orphan,
    Young,
}

fn state(folder: &Path) -> State {
    let young = || {
        let made = fs::metadata(folder).and_then(|there| there.modified());
        made.ok().and_then(|made| made.elapsed().ok()).is_none_or(|age| age < YOUNG)
    };
    let path = folder.join(OWNER);
    let text = fs::read_to_string(&path).unwrap_or_default();
    match (text.trim().parse(), File::open(&path)) {
        (Ok(id), Ok(file)) => match file.try_lock_shared() {
            Ok(()) => State::Orphan,
            Err(_) => State::Owned(id),
        },
        _ if young() => State::Young,
        _ => State::Orphan,
    }
}
