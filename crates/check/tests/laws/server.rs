//! A private PostgreSQL, if this machine has one, takes every example.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use check::rules;

use crate::examples;

#[test]
fn a_database_accepts_the_examples() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL on this machine; the examples were not run");
        return;
    };
    let mut script = String::new();
    let mut rules_by_line = Vec::new();
    for rule in rules() {
        for example in examples::of(rule).iter().filter(|example| example.language == "sql") {
            script += AFRESH;
            for (path, text) in example.files() {
                match path.as_str() {
                    path if path.ends_with(".json") => {}
                    path if path.starts_with("queries/") => script += &prepared(&text),
                    _ => script += &text,
                }
            }
            rules_by_line.resize(script.lines().count(), rule.name);
        }
    }
    let output = server.run("postgres", &script);
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors = messages.lines().filter(|message| message.contains("ERROR:"));
    let (refused, wrong): (Vec<String>, Vec<String>) = errors
        .map(|message| format!("{}: {message}", rule_at(message, &rules_by_line)))
        .partition(|message| REFUSED.iter().any(|name| message.starts_with(name)));
    assert_eq!(refused.len(), REFUSED.len(), "one error for each bad example of these: {refused:?}");
    assert!(wrong.is_empty(), "{} statements:\n{}", wrong.len(), wrong.join("\n"));
}

/// Ends what an example left open, and takes away what it made.
const AFRESH: &str = "ROLLBACK; RESET ALL; DEALLOCATE ALL; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n";

/// `psql:script.sql:12: ERROR: …` is about the example that stands at line 12.
fn rule_at(message: &str, rules_by_line: &[&'static str]) -> &'static str {
    let line = message.split(':').nth(2).and_then(|number| number.trim().parse::<usize>().ok());
    line.and_then(|line| rules_by_line.get(line - 1)).copied().unwrap_or("a rule")
}

/// Rules about what the database refuses.
const REFUSED: &[&str] = &["concurrently-in-transaction", "enum-value-used-in-same-transaction"];

/// Queries may have parameters: the database reads and checks them without running them.
fn prepared(queries: &str) -> String {
    let statements = queries.split_inclusive(";\n").filter(|statement| !statement.trim().is_empty());
    statements.enumerate().map(|(number, statement)| format!("PREPARE q{number} AS {statement}")).collect()
}

struct Server {
    bin: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// A new server in a folder of its own, which only listens on a socket there.
    fn start() -> Option<Server> {
        let bin = binaries()?;
        let folder = std::env::temp_dir().join(format!("palladio-rules-{}", std::process::id()));
        fs::create_dir_all(&folder).ok()?;
        let server = Server { bin, folder };
        if is_root() {
            // The server refuses to run as root; its package made a user for it.
            Command::new("chown").arg("postgres").arg(&server.folder).status().ok()?;
        }
        let data = server.folder.join("data");
        let data = data.to_string_lossy();
        let made = server.command("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"])?;
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let options = format!("-k {} -c listen_addresses='' -c fsync=off", server.folder.display());
        let log = server.folder.join("log");
        let started =
            server.command("pg_ctl", &["-D", &data, "-w", "-l", &log.to_string_lossy(), "-o", &options, "start"])?;
        assert!(started.status.success(), "pg_ctl: {}", fs::read_to_string(log).unwrap_or_default());
        Some(server)
    }

    fn run(&self, database: &str, script: &str) -> Output {
        let file = self.folder.join("script.sql");
        fs::write(&file, script).expect("the folder is ours");
        let folder = self.folder.to_string_lossy();
        let file = file.to_string_lossy();
        self.command("psql", &["-X", "-q", "-h", &folder, "-U", "postgres", "-d", database, "-f", &file])
            .expect("the server came with psql")
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Option<Output> {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir(&self.folder).output().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        self.command("pg_ctl", &["-D", &data.to_string_lossy(), "-m", "immediate", "stop"]);
        // A folder that stays behind in the temporary folder harms nobody.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The newest server of the machine.
fn binaries() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")?;
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.splice(0..0, versions.into_iter().rev());
    folders.into_iter().find(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).is_file()))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) && Path::new("/etc/passwd").is_file()
}
