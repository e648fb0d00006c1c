//! Where programs and templates are kept between runs.

use std::env;
use std::path::PathBuf;

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
