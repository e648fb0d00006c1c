//! `psql` and `pg_dump` on a lab, where the machine has them: for tests that compare with what others see.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Lab, installed};
use crate::Error;

impl Lab {
    /// Runs a script statement by statement, whatever fails. What psql prints to both streams.
    pub fn psql(&self, database: &str, script: &str) -> Result<(String, String), Error> {
        let program = self.tool("psql")?;
        let broken = |cause| Error::Program { program: "psql".to_owned(), cause };
        let mut command = self.client(program, database);
        command.args(["-X", "-q", "-v", "ON_ERROR_ROLLBACK=on", "-v", "VERBOSITY=terse", "-A", "-t", "-f", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(broken)?;
        let mut input = child.stdin.take().expect("the input is piped");
        let script = script.to_owned();
        // psql answers while it reads: whoever only wrote would wait for ever.
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let Output { stdout, stderr, .. } = child.wait_with_output().map_err(broken)?;
        writer.join().expect("writing does not panic").map_err(broken)?;
        Ok((String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned()))
    }

    /// The schema of a database as `pg_dump` sees it.
    pub fn dump(&self, database: &str) -> Result<String, Error> {
        let program = self.tool("pg_dump")?;
        let said = self.client(program, database).arg("--schema-only").output();
        let said = said.map_err(|cause| Error::Program { program: "pg_dump".to_owned(), cause })?;
        if !said.status.success() {
            let text = String::from_utf8_lossy(&said.stderr).trim().to_owned();
            return Err(Error::Failed { program: "pg_dump".to_owned(), said: text });
        }
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }

    /// Whether the machine has both programs, new enough for this server.
    pub fn has_tools(&self) -> bool {
        self.tool("psql").is_ok() && self.tool("pg_dump").is_ok()
    }

    fn client(&self, program: PathBuf, database: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-h").arg(self.folder()).args(["-U", "postgres", "-d", database]).env_remove("PGOPTIONS");
        command
    }

    /// Beside the server, else of an installation that is as new, else in PATH. An older `pg_dump` refuses.
    fn tool(&self, name: &str) -> Result<PathBuf, Error> {
        let beside = Some(self.installation().folder.clone()).into_iter();
        // Looking for other installations starts a program of each: only where there is nothing beside the server.
        let others = std::iter::once_with(installed).flatten().filter(|other| other.major() >= self.version().0);
        let path = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
        let path = path.into_iter().map(|folder| folder.join(name)).filter(|program| self.suits(name, program));
        let mut programs = beside.chain(others.map(|other| other.folder)).map(|folder| folder.join(name)).chain(path);
        programs.find(|program| program.is_file()).ok_or_else(|| {
            Error::refused(format!("no {name} on this machine"), "Install the clients of PostgreSQL: postgresql-client")
        })
    }

    /// psql speaks with every server.
    fn suits(&self, name: &str, program: &Path) -> bool {
        let major = || {
            let said = Command::new(program).arg("--version").output().ok()?;
            let text = String::from_utf8(said.stdout).ok()?;
            installed::version(text.trim().strip_prefix("pg_dump (PostgreSQL) ")?)
        };
        name == "psql" || major().is_some_and(|found| found.0 >= self.version().0)
    }
}
