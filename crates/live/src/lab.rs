//! A private PostgreSQL, made in well under a second and gone with its value, also after a panic, a Ctrl-C or a
//! `kill -9`.
//!
//! A template of each version lies in the cache; a lab is a copy of it in a private folder, reached by a socket in
//! that folder and by nothing else.

pub mod install;
pub mod installed;
pub mod kept;

mod cache;
mod databases;
mod folder;
mod pack;
mod place;
mod server;
mod settings;
mod template;
mod tools;
mod user;

use std::path::{Path, PathBuf};

use model::dialect::Version;

use crate::connection::{self, Access, Target};
use crate::{Client, Error};
pub use cache::cache;
use cache::clean_folder;
pub use folder::{Left, labs, sweep};
pub use installed::{Installation, installed};
pub use place::Storage;
pub use template::{Template, clean_templates, templates};

use folder::Folder;
use server::{Ending, Running, Watch};
use user::User;

/// What kind of server to start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The major version; the newest that there is without one.
    pub version: Option<u16>,
    /// Where to look for programs before anywhere else.
    pub folders: Vec<PathBuf>,
    /// Settings over those of a throw-away server: `("wal_level", "logical")`.
    pub settings: Vec<(String, String)>,
    /// The locale of the databases; `C` without one.
    pub locale: Option<String>,
    pub storage: Storage,
}

impl Options {
    /// A server of this major version.
    pub fn version(major: u16) -> Options {
        Options { version: Some(major), ..Options::default() }
    }

    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Options {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct Lab {
    // In this order: the server ends before its folder goes.
    running: Option<Running>,
    folder: Folder,
    installation: Installation,
    settings: Vec<(String, String)>,
    user: Option<User>,
}

impl Lab {
    /// Starts one. What runs that ended badly have left behind goes first.
    pub fn start(options: &Options) -> Result<Lab, Error> {
        sweep();
        let user = user::unprivileged()?;
        let installation = installed::choose(options, user.as_ref())?;
        let folder = Folder::new(options.storage, user.as_ref())?;
        template::copy(&installation, options.locale.as_deref(), user.as_ref(), &folder.data())?;
        let mut lab = Lab { running: None, folder, installation, settings: options.settings.clone(), user };
        lab.resume()?;
        Ok(lab)
    }

    /// Ends the server and keeps its files, complete on disk. [`Lab::resume`] starts it again.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.running.take().map_or(Ok(()), |running| running.end(Ending::Complete))
    }

    /// Starts a server that was stopped.
    pub fn resume(&mut self) -> Result<(), Error> {
        if self.running.is_none() {
            let plan = server::Plan {
                installation: &self.installation,
                folder: self.folder.path(),
                settings: &settings::all(&self.settings),
                user: self.user.as_ref(),
                watch: Watch::Owner,
            };
            self.running = Some(server::start(&plan)?);
        }
        Ok(())
    }

    /// Stops and starts the server, with these settings over those it has. Connections end.
    pub fn restart(&mut self, settings: &[(&str, &str)]) -> Result<(), Error> {
        self.settings.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.stop()?;
        self.resume()
    }

    /// A connection as the superuser, with no limit on what it may do.
    pub fn connect(&self, database: &str) -> Result<Client, Error> {
        connection::open(&self.target(database), Access::Unlimited)
    }

    /// How others connect to a database of this server.
    pub fn target(&self, database: &str) -> Target {
        Target::socket(self.folder.path(), database)
    }

    /// The folder of the server's files.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.data()
    }

    /// The private folder with everything of this server: data, socket, log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn version(&self) -> Version {
        self.installation.version
    }

    /// The programs that it runs.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The end of what the server wrote to its log.
    pub fn log_tail(&self) -> String {
        server::log_tail(self.folder.path())
    }
}
