//! Labs that stay: started by one command, used by others, ended by name.
//!
//! All that is known about one is in its folder, so that there is nothing to disagree with.

use std::fs;
use std::path::PathBuf;

use super::folder::{self, data};
use super::server::{self, Plan, Watch};
use super::{Options, installed, place, settings, template, user};
use crate::Error;
use crate::connection::Target;

const PREFIX: &str = "palladio-kept-";

/// A lab that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub name: String,
    pub folder: PathBuf,
    /// The process id of the server, when it runs.
    pub server: Option<u32>,
    /// What its data was made by: the major version.
    pub major: Option<u16>,
}

impl Kept {
    pub fn target(&self, database: &str) -> Target {
        Target::socket(&self.folder, database)
    }
}

/// Starts a lab that stays until [`stop`] is called.
pub fn start(name: &str, options: &Options) -> Result<Kept, Error> {
    let folder = place::choose(options.storage).join(folder_name(name)?);
    if let Some(there) = kept().into_iter().find(|kept| kept.name == name) {
        if there.server.is_some() {
            return Err(Error::refused(
                format!("the lab {name} runs already"),
                format!("Use it: palladio lab shell {name} · end it: palladio lab stop {name}"),
            ));
        }
        // Its server was ended by somebody else, or the machine was: a new lab is a new lab.
        folder::remove(&there.folder);
    }
    let user = user::unprivileged()?;
    let installation = installed::choose(options, user.as_ref())?;
    folder::make(&folder, user.as_ref()).map_err(Error::file("made", &folder))?;
    let settings = settings::all(&options.settings);
    let started =
        template::copy(&installation, options.locale.as_deref(), user.as_ref(), &data(&folder)).and_then(|()| {
            let (installation, user) = (&installation, user.as_ref());
            server::start(&Plan { installation, folder: &folder, settings: &settings, user, watch: Watch::Nobody })
        });
    match started {
        Ok(running) => running.release(),
        Err(error) => {
            folder::remove(&folder);
            return Err(error);
        }
    }
    Ok(of(name.to_owned(), folder))
}

/// The labs of this user that stay, by name.
pub fn kept() -> Vec<Kept> {
    let mut found: Vec<Kept> = folder::folders(PREFIX)
        .filter_map(|folder| {
            let name = folder.file_name()?.to_str()?.strip_prefix(&prefix())?.to_owned();
            Some(of(name, folder))
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The lab of this name.
pub fn named(name: &str) -> Result<Kept, Error> {
    let all = kept();
    all.iter().find(|kept| kept.name == name).cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|kept| kept.name.as_str()).collect();
        let next = match names[..] {
            [] => format!("Start one: palladio lab start {name}"),
            _ => format!("There is {}: palladio lab status", names.join(", ")),
        };
        Error::refused(format!("no lab is called {name}"), next)
    })
}

/// Ends it, with all that is in it.
pub fn stop(name: &str) -> Result<(), Error> {
    folder::remove(&named(name)?.folder);
    Ok(())
}

/// Removes the folders of labs whose server is gone. How many there were.
pub fn sweep() -> usize {
    kept().into_iter().filter(|kept| kept.server.is_none()).filter(|kept| folder::remove(&kept.folder)).count()
}

fn of(name: String, folder: PathBuf) -> Kept {
    let major = fs::read_to_string(data(&folder).join("PG_VERSION")).ok();
    let major = major.and_then(|text| text.trim().parse().ok());
    Kept { name, server: server::pid_of(&folder), folder, major }
}

/// Users have labs of their own.
fn prefix() -> String {
    format!("{PREFIX}{}-", rustix::process::geteuid().as_raw())
}

/// Names become parts of a path, and a path of a socket must be short.
fn folder_name(name: &str) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(allowed) {
        return Err(Error::refused(
            format!("{name:?} is no name for a lab"),
            "Up to 40 letters, digits, - and _: palladio lab start my-lab",
        ));
    }
    Ok(format!("{}{name}", prefix()))
}
