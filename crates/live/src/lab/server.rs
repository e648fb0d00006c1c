//! One server process: started as a child, waited for, ended.
//!
//! Beside it runs a watcher, a shell that waits for the end of its input. That end comes when this process goes, also
//! by a signal that cannot be caught; then the watcher ends the server and removes its folder. So no handler of signals
//! is needed, and none of the program around us is disturbed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::folder::data;
use super::installed::Installation;
use super::user::{User, run_as};
use crate::Error;
use crate::connection::Target;

/// How often to look whether the server is there.
const POLL: Duration = Duration::from_millis(5);
/// A loaded machine may be slow; one that takes longer is not going to answer.
const PATIENCE: Duration = Duration::from_secs(60);
const LOG: &str = "log";

/// $1 is the folder, and the input is the process id of the server. Where the server has ended already, its file with
/// the process id is gone, and a stranger with the same id is left alone.
const WATCHER: &str = r#"
while read -r line; do pid=$line; done
cd /
if [ -n "$pid" ] && [ "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" = "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null
    left=100
    while [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; left=$((left - 1)); done
fi
rm -rf "$1"
"#;

pub(super) struct Plan<'a> {
    pub(super) installation: &'a Installation,
    pub(super) folder: &'a Path,
    pub(super) settings: &'a [(String, String)],
    pub(super) user: Option<&'a User>,
    pub(super) watch: Watch,
}

/// Who ends the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// It goes with this process.
    Owner,
    /// It stays until somebody asks.
    Nobody,
}

/// How to end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Everything is on disk afterwards.
    Complete,
    /// At once; the files are thrown away.
    Immediate,
}

/// A server that answers. It ends with this value.
#[derive(Debug)]
pub(super) struct Running {
    server: Option<Child>,
    watcher: Option<Child>,
}

/// Starts the server and waits until it answers.
pub(super) fn start(plan: &Plan<'_>) -> Result<Running, Error> {
    let watcher = match plan.watch {
        Watch::Owner => Some(watch(plan)?),
        Watch::Nobody => None,
    };
    let mut running = Running { server: None, watcher };
    let program = plan.installation.program("postgres");
    let log = log(plan.folder)?;
    let errors = log.try_clone().map_err(Error::file("written", &plan.folder.join(LOG)))?;
    let mut command = clean(&program, plan.folder, plan.user);
    command.arg("-D").arg(data(plan.folder)).arg("-k").arg(plan.folder);
    for (name, value) in plan.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let server = command
        .stdout(log)
        .stderr(errors)
        // A Ctrl-C at the terminal is for the tool, not for the server.
        .process_group(0)
        .spawn()
        .map_err(|cause| Error::Program { program: program.display().to_string(), cause })?;
    if let Some(input) = running.watcher.as_mut().and_then(|watcher| watcher.stdin.as_mut()) {
        // Without a watcher the folder is swept by the next run.
        let _ = writeln!(input, "{}", server.id());
    }
    let server = running.server.insert(server);
    await_answer(plan, server)?;
    Ok(running)
}

fn await_answer(plan: &Plan<'_>, server: &mut Child) -> Result<(), Error> {
    let target = Target::socket(plan.folder, "postgres");
    let socket = plan.folder.join(".s.PGSQL.5432");
    let begin = Instant::now();
    loop {
        if socket.exists() && target.answers() {
            return Ok(());
        }
        let ended = server.try_wait().ok().flatten().is_some();
        if ended || begin.elapsed() > PATIENCE {
            let version = plan.installation.text.clone();
            return Err(Error::NotStarted { version, log: log_tail(plan.folder) });
        }
        sleep(POLL);
    }
}

fn watch(plan: &Plan<'_>) -> Result<Child, Error> {
    let mut command = clean(Path::new("/bin/sh"), Path::new("/"), plan.user);
    let command = command.args(["-c", WATCHER, "palladio-lab"]).arg(plan.folder).stdin(Stdio::piped());
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
    started.map_err(|cause| Error::Program { program: "/bin/sh".to_owned(), cause })
}

/// A command that sees nothing of the user's environment, in no folder of the user's.
pub(super) fn clean(program: &Path, home: &Path, user: Option<&User>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("HOME", home);
    command.current_dir("/").stdin(Stdio::null());
    run_as(&mut command, user);
    command
}

impl Running {
    pub(super) fn end(mut self, how: Ending) -> Result<(), Error> {
        self.end_now(how);
        Ok(())
    }

    /// Leaves the server to itself.
    pub(super) fn release(mut self) {
        self.server = None;
    }

    fn end_now(&mut self, how: Ending) {
        if let Some(mut server) = self.server.take() {
            let pid = Pid::from_child(&server);
            let _ = kill_process(pid, if how == Ending::Complete { Signal::INT } else { Signal::QUIT });
            let begin = Instant::now();
            while server.try_wait().is_ok_and(|ended| ended.is_none()) {
                if begin.elapsed() > PATIENCE {
                    let _ = server.kill();
                }
                sleep(Duration::from_millis(1));
            }
        }
        if let Some(mut watcher) = self.watcher.take() {
            // It would remove the folder, which its owner may want to keep.
            let _ = watcher.kill();
            let _ = watcher.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_now(Ending::Immediate);
    }
}

/// The process id of the server of a folder, when it runs and is the server of this folder.
pub(super) fn pid_of(folder: &Path) -> Option<u32> {
    let data = data(folder);
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let id = lines.next()?.trim().parse::<u32>().ok()?;
    let same = lines.next().is_some_and(|line| Path::new(line) == data);
    (same && command_line(id).is_some_and(|line| line.contains(&*data.to_string_lossy()))).then_some(id)
}

/// The arguments of a process: another one may have its id by now.
fn command_line(id: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        return fs::read(format!("/proc/{id}/cmdline")).ok().map(|line| String::from_utf8_lossy(&line).into_owned());
    }
    let said = Command::new("ps").args(["-ww", "-o", "args=", "-p", &id.to_string()]).output().ok()?;
    Some(String::from_utf8_lossy(&said.stdout).into_owned())
}

/// Ends the server of a folder, whoever started it.
pub(super) fn end_of(folder: &Path) {
    let Some(pid) = pid_of(folder).and_then(|id| Pid::from_raw(id as i32)) else { return };
    let _ = kill_process(pid, Signal::QUIT);
    let begin = Instant::now();
    while test_kill_process(pid).is_ok() && pid_of(folder).is_some() {
        if begin.elapsed() > Duration::from_secs(5) {
            let _ = kill_process(pid, Signal::KILL);
            return;
        }
        sleep(POLL);
    }
}

fn log(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOG);
    File::options().create(true).append(true).open(&path).map_err(Error::file("written", &path))
}

/// The last lines of the log, or of what is said without one.
pub(super) fn log_tail(folder: &Path) -> String {
    const ENOUGH: u64 = 4096;
    let read = || -> io::Result<String> {
        let mut file = File::open(folder.join(LOG))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(ENOUGH)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.trim_end().lines().collect();
    match lines.len() {
        0 => "it said nothing".to_owned(),
        count => lines[count.saturating_sub(8)..].join("\n  "),
    }
}
