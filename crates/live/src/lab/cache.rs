//! Where programs and templates are kept between runs.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::Error;

/// The cache folder of this user; it need not be there yet.
///
/// Root starts servers as another user, who must reach the programs: nobody but root can look into root's home.
pub fn cache() -> Result<PathBuf, Error> {
    if let Some(set) = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|set| set.is_absolute()) {
        return Ok(set.join("palladio"));
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/cache/palladio"));
    }
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let home = home.ok_or_else(|| {
        Error::refused(
            "no folder for a cache: neither XDG_CACHE_HOME nor HOME is set",
            "Set one: XDG_CACHE_HOME=FOLDER",
        )
    })?;
    let inside = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Ok(home.join(inside).join("palladio"))
}

/// A new, empty folder; what was there under this name is gone.
pub(super) fn clean_folder(folder: &Path) -> Result<(), Error> {
    let _ = fs::remove_dir_all(folder);
    DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(Error::file("made", folder))
}
