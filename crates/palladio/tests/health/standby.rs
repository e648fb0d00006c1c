//! A standby reads too: what it reads is not unused. A real one, that follows a real server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use live::lab::Options;
use live::{Access, Client, Lab, Target, connection, testing};

use crate::shop::{folder, palladio};

const SCHEMA: &str = "
CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL, code text NOT NULL);
CREATE INDEX orders_status ON orders (status, id);
CREATE INDEX orders_code ON orders (code);
INSERT INTO orders SELECT n, 'open', 'code ' || n FROM generate_series(1, 100000) n;
ANALYZE orders";

#[test]
fn what_a_standby_reads_is_not_unused() {
    let options = ["wal_level", "hot_standby", "max_wal_senders"].into_iter().zip(["replica", "on", "4"]);
    let options = options.fold(Options::default(), |options, (name, value)| options.set(name, value));
    let Some(lab) = testing::own(&options) else { return };
    let name = testing::database(&lab);
    let mut client = lab.connect(&name).expect("it answers");
    SCHEMA.split(";\n").for_each(|statement| client.batch_execute(statement).expect(statement));
    // A session counts what it did when it ends; one that waits may keep it for ten seconds.
    drop(client);
    let Some(standby) = Standby::of(&lab) else {
        assert!(std::env::var_os("CI").is_none(), "this PostgreSQL comes without pg_basebackup, and CI is set");
        println!("SKIPPED: this PostgreSQL comes without pg_basebackup");
        return;
    };
    let mut reader = standby.connect(&name);
    reader
        .batch_execute("SET enable_seqscan = off; SELECT count(*) FROM orders WHERE status = 'open'")
        .expect("it reads");
    drop(reader);
    sleep(Duration::from_millis(2000));
    let (primary, replica) = (lab.target(&name).to_string(), standby.url(&name));

    let run = palladio(&["health", "--db", &primary, "--min-days", "0", "--format", "concise"]);
    let unasked = "\
orders: note[U001 unused-index]: no query reads orders_code (3 MB)
orders: note[U001 unused-index]: no query reads orders_status (3 MB)
";
    let sizeless = |text: &str| -> Vec<String> {
        let mut lines: Vec<String> =
            text.lines().map(|line| line.split(" (").next().unwrap_or(line).to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!((run.code, sizeless(&run.stdout)), (0, sizeless(unasked)), "{}", run.stderr);
    let run = palladio(&["health", "--db", &primary, "--min-days", "0"]);
    assert!(run.stdout.contains("note: a replica is connected, standby1"), "{}", run.stdout);

    let run = palladio(&["health", "--db", &primary, "--min-days", "0", "--format", "concise", "--replica", &replica]);
    // It was read once, which is seldom.
    let asked = "\
orders: warning[U001 unused-index]: no query reads orders_code (3 MB)
orders: note[U003 rarely-used-index]: queries hardly read orders_status (3 MB)
";
    assert_eq!((run.code, sizeless(&run.stdout)), (1, sizeless(asked)), "{}", run.stderr);

    let run = palladio(&["health", "--db", &replica, "--min-days", "0"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("note: this is a replica"), "{}", run.stdout);
    let run = palladio(&["health", "--db", &primary, "--replica", &primary]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is no replica: it takes writes of its own"), "{}", run.stderr);
}

/// A server that follows another one, and ends with this value.
struct Standby {
    home: PathBuf,
    server: Child,
}

impl Standby {
    fn of(lab: &Lab) -> Option<Standby> {
        let programs = &lab.installation().folder;
        let program = [programs.join("pg_basebackup"), PathBuf::from("/usr/lib/postgresql/15/bin/pg_basebackup")];
        let program =
            program.iter().find(|path| path.is_file() && (lab.version().0 == 15 || path.starts_with(programs)))?;
        let home = folder();
        let data = home.join("data");
        let copied = Command::new(program)
            .args(["-U", "postgres", "-R", "-c", "fast", "-X", "stream", "-h"])
            .arg(lab.folder())
            .arg("-D")
            .arg(&data)
            .status()
            .expect("it starts");
        assert!(copied.success(), "the server can be copied");
        let conninfo =
            format!("primary_conninfo = 'host={} user=postgres application_name=standby1'\n", lab.folder().display());
        let settings = data.join("postgresql.auto.conf");
        let known = std::fs::read_to_string(&settings).expect("a file");
        std::fs::write(&settings, known + &conninfo).expect("a file");
        let server = start(&programs.join("postgres"), &home, &data);
        Some(Standby { home, server })
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}", self.home.display())
    }

    fn connect(&self, database: &str) -> Client {
        let target = Target::parse(&self.url(database)).expect("an address");
        for _ in 0..300 {
            if let Ok(client) = connection::open(&target, Access::ReadOnly) {
                return client;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("the standby answers in half a minute")
    }
}

/// PostgreSQL does not run as root.
fn start(program: &Path, home: &Path, data: &Path) -> Child {
    let output = Command::new("id").arg("-u").output().expect("there is `id`");
    let is_root = String::from_utf8_lossy(&output.stdout).trim() == "0";
    let mut command = match is_root {
        true => {
            let owned = Command::new("chown").args(["-R", "postgres:postgres"]).arg(home).status();
            assert!(owned.expect("there is `chown`").success());
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    command.arg("-D").arg(data).arg("-k").arg(home).args(["-c", "listen_addresses="]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-INT").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}
