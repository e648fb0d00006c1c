//! A private PostgreSQL for one test: made in a temporary folder, reached by a socket in it, gone at the end.
//!
//! Tests alone depend on this crate.

#![allow(clippy::print_stdout, reason = "a test that skips says so")]

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
}

impl Server {
    /// A running server. Without PostgreSQL on this machine the test says so and passes, but never where `CI` is set.
    pub fn start() -> Option<Server> {
        let Some(programs) = programs() else {
            assert!(env::var_os("CI").is_none(), "no PostgreSQL on this machine, and CI is set");
            println!("SKIPPED: no PostgreSQL on this machine (initdb is neither in PATH nor in the usual places)");
            return None;
        };
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not the folder for temporary files of the environment: the path of a socket has room for 107 bytes only.
        let folder = PathBuf::from(format!("/tmp/palladio-test-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let server = Server { folder, programs };
        if is_root() {
            succeed(Command::new("chown").arg("postgres").arg(&server.folder));
        }
        let data = server.data();
        succeed(
            server
                .as_owner("initdb")
                .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N", "-D"])
                .arg(&data),
        );
        let options = format!("-k {} -c listen_addresses= -F -c max_connections=20", server.folder.display());
        let log = server.folder.join("log");
        succeed(
            server.as_owner("pg_ctl").args(["start", "-w", "-s", "-o", &options, "-l"]).arg(log).arg("-D").arg(&data),
        );
        Some(server)
    }

    /// A new, empty database.
    pub fn create_database(&self, name: &str) {
        succeed(self.client("psql").args(["-d", "postgres", "-c", &format!("CREATE DATABASE \"{name}\"")]));
    }

    /// Takes it away, whoever is connected.
    pub fn drop_database(&self, name: &str) {
        succeed(self.client("psql").args(["-d", "postgres", "-c", &format!("DROP DATABASE \"{name}\" WITH (FORCE)")]));
    }

    /// Runs the script statement by statement, whatever fails. What psql prints to both streams.
    pub fn run(&self, database: &str, script: &str) -> (String, String) {
        let mut psql = self.client("psql");
        psql.args(["-d", database, "-v", "ON_ERROR_ROLLBACK=on", "-v", "VERBOSITY=terse", "-A", "-t", "-f", "-"]);
        let mut child =
            psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("psql runs");
        let mut input = child.stdin.take().expect("the input is piped");
        let script = script.to_owned();
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let Output { stdout, stderr, .. } = child.wait_with_output().expect("psql ends");
        writer.join().expect("the writer ends").expect("psql reads its input");
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
    }

    /// The database as `pg_dump` sees it.
    pub fn dump(&self, database: &str) -> String {
        let output = self.client("pg_dump").args(["--schema-only", "-d", database]).output().expect("pg_dump runs");
        assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// How a client finds the database, in the form of libpq.
    pub fn connection(&self, database: &str) -> String {
        format!("host={} user=postgres dbname={database}", self.folder.display())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// psql without the user's own settings, or pg_dump.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["-h", &self.folder.display().to_string(), "-U", "postgres"]).env_remove("PGOPTIONS");
        if program == "psql" {
            command.args(["-X", "-q"]);
        }
        command
    }

    /// PostgreSQL refuses to run as root: there it runs as the user that its packages make.
    fn as_owner(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.as_owner("pg_ctl").args(["stop", "-s", "-m", "immediate", "-D"]).arg(data).output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn succeed(command: &mut Command) {
    // A daemon would keep a piped output open for ever.
    let status = command.stdout(Stdio::null()).status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// The folder with `initdb`: the newest of the usual places, else the one in PATH.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, inside) in
        [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/opt/homebrew/opt", "bin"), ("/Library/PostgreSQL", "bin")]
    {
        let folders = fs::read_dir(parent).into_iter().flatten().flatten();
        found.extend(folders.filter_map(|folder| {
            let name = folder.file_name().into_string().ok()?;
            let version = name.trim_start_matches(|character: char| !character.is_ascii_digit()).parse().ok()?;
            Some((version, folder.path().join(inside)))
        }));
    }
    found.sort();
    let installed = found.into_iter().rev().map(|(_, folder)| folder);
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path).collect::<Vec<_>>();
    installed.chain(in_path).find(|folder| has(folder, "initdb") && has(folder, "psql") && has(folder, "pg_dump"))
}

fn has(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}
