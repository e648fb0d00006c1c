//! PostgreSQL refuses to run as root: there it runs as somebody without rights.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Error;

/// Whom to be instead of root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    uid: u32,
    gid: u32,
}

/// The user to start servers as: for root the one that PostgreSQL's packages make, else nobody; everybody else is
/// himself.
pub(super) fn unprivileged() -> Result<Option<User>, Error> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| users.lines().find_map(|line| entry(line, name)));
    found.map(Some).ok_or_else(|| {
        Error::refused(
            "PostgreSQL never runs as root, and there is no user postgres or nobody",
            "Run palladio as another user, or make one: useradd --system postgres",
        )
    })
}

fn entry(line: &str, name: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    // The ids of `nobody` are negative on some systems; as unsigned numbers they wrap around.
    let id = |text: &str| text.parse::<i64>().ok().map(|id| id as u32);
    (fields.first() == Some(&name)).then_some(())?;
    Some(User { name: name.to_owned(), uid: id(fields.get(2)?)?, gid: id(fields.get(3)?)? })
}

impl User {
    pub(super) fn owns(&self, path: &Path) -> std::io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }

    /// Whether somebody who is not root can run what is there.
    pub(super) fn can_reach(path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        path.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|folder| folder.mode() & 0o001 != 0))
    }

    pub(super) fn is(&self, uid: u32) -> bool {
        self.uid == uid
    }
}

/// The command as this user; other groups are left as well.
pub(super) fn run_as<'a>(command: &'a mut Command, user: Option<&User>) -> &'a mut Command {
    match user {
        Some(user) => command.uid(user.uid).gid(user.gid),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_ids_wrap() {
        let nobody = entry("nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false", "nobody");
        assert_eq!(nobody, Some(User { name: "nobody".to_owned(), uid: u32::MAX - 1, gid: u32::MAX - 1 }));
        assert_eq!(entry("postgresql:x:1:1::/:/bin/sh", "postgres"), None);
    }
}
