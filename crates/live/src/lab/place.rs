//! Where labs are: in a file system in memory where there is one with room, else on disk.
//!
//! A new cluster is a thousand small files. On a disk of a busy machine making them takes ten times as long as all the
//! rest of a start; in memory it is nearly free, and a lab that is thrown away has no use for a disk.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};

/// What the files of a lab lie on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// A file system in memory, where there is one with room to spare.
    #[default]
    Memory,
    /// A disk: for labs with much data, and for those that outlive the session of their user, at whose end systemd
    /// clears his entries in `/dev/shm` (`RemoveIPC`, logind.conf).
    Disk,
}

/// Not the folder for temporary files of the environment, because the path of a socket has room for 107 bytes only
/// (103 on macOS).
const ON_DISK: &str = "/tmp";

/// PostgreSQL has its own shared memory there on Linux, so that it is there and writable wherever PostgreSQL runs.
const IN_MEMORY: &str = "/dev/shm";

/// A cluster has 28 MB, and each database in it 7 MB more. Docker gives 64 MB to this folder if nobody asks for more.
const ROOM: u64 = 512 << 20;

/// The room of a file system in memory says little: it is half of the memory, also when all of that is in use.
const LEFT_FOR_OTHERS: u64 = 1 << 30;

/// The folder for a new lab. `PALLADIO_LAB_FOLDER` decides where it is set, for either kind.
pub(super) fn choose(storage: Storage) -> PathBuf {
    let memory = || Some(PathBuf::from(IN_MEMORY)).filter(|folder| storage == Storage::Memory && has_room(folder));
    named().or_else(memory).unwrap_or_else(|| PathBuf::from(ON_DISK))
}

/// Every folder in which labs may be, each once: the next run may have another setting than the one that left a lab.
pub(super) fn all() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = named().into_iter().collect();
    let usual = [IN_MEMORY, ON_DISK].map(PathBuf::from);
    all.extend(usual.into_iter().filter(|usual| named().as_ref() != Some(usual)));
    all
}

fn named() -> Option<PathBuf> {
    let short = |folder: &PathBuf| folder.is_absolute() && folder.as_os_str().len() <= 30;
    std::env::var_os("PALLADIO_LAB_FOLDER").map(PathBuf::from).filter(short)
}

fn has_room(folder: &Path) -> bool {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let writable = access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let free = statvfs(folder).map_or(0, |system| system.f_bavail.saturating_mul(system.f_frsize));
    let left = available(&read("/proc/meminfo")).is_some_and(|bytes| bytes >= ROOM + LEFT_FOR_OTHERS);
    writable && free >= ROOM && left && is_in_memory(folder, &read("/proc/self/mounts"))
}

/// A line of the mounts has the device, the folder and the kind of the file system; what was mounted last counts.
fn is_in_memory(folder: &Path, mounts: &str) -> bool {
    let kind = |line: &str| {
        let mut fields = line.split(' ').skip(1);
        (fields.next().map(Path::new) == Some(folder)).then(|| fields.next() == Some("tmpfs"))
    };
    mounts.lines().rev().find_map(kind).unwrap_or(false)
}

/// The bytes that programs can still have.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_available() {
        let text = "MemTotal:       16384000 kB\nMemFree:          250000 kB\nMemAvailable:    2097152 kB\n";
        assert_eq!(available(text), Some(2 << 30));
        assert_eq!(available("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn disks_are_no_memory() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid 0 0\n";
        assert!(is_in_memory(Path::new("/dev/shm"), mounts));
        assert!(!is_in_memory(Path::new("/dev/shm"), &format!("{mounts}/dev/vdb /dev/shm ext4 rw 0 0\n")));
        assert!(!is_in_memory(Path::new("/"), mounts));
        assert!(!is_in_memory(Path::new("/tmp"), mounts));
        assert!(!has_room(Path::new("/proc")));
        assert!(!has_room(Path::new("/nowhere")));
        if named().is_none() {
            assert_eq!(choose(Storage::Disk), Path::new(ON_DISK));
        }
    }
}
