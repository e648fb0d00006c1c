//! Labs as their users see them: quick, many at once, and gone whatever happens.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use live::lab::{self, Options, kept};
use live::{Access, Lab, connection, testing};

#[test]
fn a_lab_answers_and_leaves_nothing() {
    let Some(lab) = testing::own(&Options::default()) else { return };
    let folder = lab.folder().to_owned();
    let mut client = lab.connect("postgres").expect("it answers");
    let row = client.query_one("SHOW data_directory", &[]).expect("it says");
    assert_eq!(Path::new(row.get::<_, &str>(0)), lab.data_folder());
    let version: String = client.query_one("SHOW server_version", &[]).expect("it says").get(0);
    assert_eq!(version, lab.installation().text);
    drop(lab);
    nothing_is_left(&folder);
}

#[test]
fn databases_come_and_go() {
    let Some(lab) = testing::lab() else { return };
    let first = testing::database(lab);
    let mut client = lab.connect(&first).expect("it answers");
    client.batch_execute("CREATE TABLE here (id int)").expect("it is empty");
    drop(client);
    let copy = format!("{first} of \"it\"");
    lab.create_database_from(&copy, &first).expect("it can be copied");
    let mut client = lab.connect(&copy).expect("it answers");
    client.batch_execute("SELECT id FROM here").expect("the table came along");
    lab.drop_database(&copy).expect("it goes, whoever is connected");
    assert!(client.batch_execute("SELECT 1").is_err());
    let error = lab.connect(&copy).err().expect("it is gone");
    assert_eq!(error.hints(), ["The database is the last part of the URL: postgres://USER@HOST/DATABASE"]);
}

#[test]
fn settings_change_at_a_restart_and_data_stays() {
    let Some(mut lab) = testing::own(&Options::default().set("work_mem", "7MB")) else { return };
    let shown = |lab: &Lab, name: &str| -> String {
        let mut client = lab.connect("postgres").expect("it answers");
        client.query_one(&format!("SHOW {name}"), &[]).expect("it says").get(0)
    };
    assert_eq!((shown(&lab, "wal_level"), shown(&lab, "work_mem")), ("minimal".to_owned(), "7MB".to_owned()));
    lab.connect("postgres").expect("it answers").batch_execute("CREATE TABLE here (id int)").expect("it is empty");
    lab.restart(&[("wal_level", "logical")]).expect("it starts again");
    assert_eq!((shown(&lab, "wal_level"), shown(&lab, "work_mem")), ("logical".to_owned(), "7MB".to_owned()));
    lab.connect("postgres").expect("it answers").batch_execute("SELECT id FROM here").expect("it is there");
    let error = lab.restart(&[("shared_buffers", "much")]).expect_err("that is no size");
    assert!(error.to_string().contains("invalid value for parameter \"shared_buffers\""), "{error}");
    let folder = lab.folder().to_owned();
    drop(lab);
    nothing_is_left(&folder);
}

#[test]
fn ten_at_once() {
    if testing::lab().is_none() {
        return;
    }
    let labs: Vec<Lab> = thread::scope(|scope| {
        let starting: Vec<_> = (0..10).map(|_| scope.spawn(|| Lab::start(&Options::default()))).collect();
        starting.into_iter().map(|lab| lab.join().expect("no panic").expect("it starts")).collect()
    });
    for lab in &labs {
        lab.connect("postgres")
            .expect("it answers")
            .batch_execute("CREATE TABLE here (id int)")
            .expect("it is its own");
    }
}

#[test]
fn a_panic_leaves_nothing() {
    let Some(lab) = testing::own(&Options::default()) else { return };
    let folder = lab.folder().to_owned();
    let panicked = thread::spawn(move || {
        let _lab = lab;
        panic!("for the test");
    });
    assert!(panicked.join().is_err());
    nothing_is_left(&folder);
}

#[test]
fn a_process_that_ends_badly_leaves_nothing() {
    if testing::lab().is_none() {
        return;
    }
    for signal in ["KILL", "INT", "TERM"] {
        let (mut owner, folder) = owner(&[]);
        kill(signal, owner.id());
        owner.wait().expect("it ended");
        await_end(&folder, signal);
    }
}

#[test]
fn what_is_left_all_the_same_is_swept() {
    if testing::lab().is_none() {
        return;
    }
    // Also what a run left on disk that was told to go there.
    for settings in [&[][..], &[("PALLADIO_LAB_FOLDER", "/tmp")]] {
        let (mut owner, folder) = owner(settings);
        // The watcher dies first, then its owner: as when the whole machine is short of memory.
        let found = processes(&folder);
        let watcher = found.iter().find(|(_, line)| line.contains("palladio-lab\0")).expect("there is a watcher");
        kill("KILL", watcher.0);
        assert!(lab::labs().iter().any(|left| left.folder == folder && left.owner == Some(owner.id())));
        kill("KILL", owner.id());
        owner.wait().expect("it ended");
        assert!(!processes(&folder).is_empty(), "the server runs on");
        // Any other run may have swept it already.
        lab::sweep();
        await_end(&folder, "the sweep");
    }
}

#[test]
fn a_lab_that_stays() {
    if testing::lab().is_none() {
        return;
    }
    let name = format!("test-{}", std::process::id());
    let kept = kept::start(&name, &Options::default()).expect("it starts");
    let again = kept::start(&name, &Options::default()).expect_err("it runs");
    assert_eq!(again.to_string(), format!("the lab {name} runs already"));
    let mut client = connection::open(&kept.target("postgres"), Access::ReadWrite).expect("it answers");
    client.batch_execute("CREATE TABLE here (id int)").expect("it may write");
    assert!(kept::kept().contains(&kept) && kept.server.is_some());
    kept::stop(&name).expect("it ends");
    nothing_is_left(&kept.folder);
    assert_eq!(kept::stop(&name).expect_err("it is gone").to_string(), format!("no lab is called {name}"));
    assert!(kept::start("../x", &Options::default()).is_err());
}

#[test]
fn the_server_is_not_run_by_root() {
    let Some(lab) = testing::lab() else { return };
    for (id, line) in processes(lab.folder()) {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        assert!(uid.is_none_or(|uid| !uid.split_whitespace().any(|uid| uid == "0")), "{line}");
    }
    let mut client = lab.connect("postgres").expect("root may connect");
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS plpgsql").expect("as superuser");
}

#[test]
fn a_reader_cannot_write_nor_smuggle() {
    let Some(lab) = testing::lab() else { return };
    let database = testing::database(lab);
    let mut reader = connection::open(&lab.target(&database), Access::ReadOnly).expect("it answers");
    let error = connection::run(&mut reader, "CREATE TABLE here (id int)").expect_err("it only reads");
    let said = "the database refused it: cannot execute CREATE TABLE in a read-only transaction (25006)";
    assert_eq!(error.to_string(), said);
    let error = connection::run(&mut reader, "SELECT 1; SET default_transaction_read_only = off").expect_err("two");
    assert!(error.to_string().contains("cannot insert multiple commands"), "{error}");
    let error = connection::run(&mut reader, "SELECT $1::int").expect_err("no value");
    assert_eq!(error.to_string(), "the statement has 1 parameters without values");
    let ran = connection::run(&mut reader, "SELECT generate_series(1, 3)").expect("it reads");
    assert_eq!((ran.rows.len(), ran.affected), (3, 3));
    let timeout: String = reader.query_one("SHOW statement_timeout", &[]).expect("it says").get(0);
    assert_eq!(timeout, "30s");
    let mut writer = connection::open(&lab.target(&database), Access::ReadWrite).expect("it answers");
    connection::run(&mut writer, "CREATE TABLE here (id int)").expect("it writes");
    connection::run(&mut writer, "CREATE INDEX CONCURRENTLY ON here (id)").expect("outside a transaction");
    assert_eq!(connection::run(&mut writer, "INSERT INTO here VALUES (1), (2)").expect("it writes").affected, 2);
}

#[test]
fn every_version_on_this_machine() {
    for found in lab::installed().into_iter().filter(|found| found.major() >= lab::installed::OLDEST) {
        let lab = Lab::start(&Options::version(found.major())).expect("it starts");
        let mut client = lab.connect("postgres").expect("it answers");
        let number: String = client.query_one("SHOW server_version_num", &[]).expect("it says").get(0);
        assert!(number.starts_with(&found.major().to_string()), "{number}");
    }
}

#[test]
fn psql_and_pg_dump_where_they_are() {
    let Some(lab) = testing::lab_with_tools() else { return };
    let database = testing::database(lab);
    let (out, errors) = lab.psql(&database, "CREATE TABLE here (id int);\nnonsense;\nSELECT 7;\n").expect("psql runs");
    assert_eq!((out.as_str(), errors.contains("syntax error")), ("7\n", true));
    assert!(lab.dump(&database).expect("pg_dump runs").contains("CREATE TABLE public.here"));
}

/// How long it takes until the first query is answered, in memory and on disk, with a template and without: printed,
/// not judged. `cargo test -p live --test lab -- --ignored --nocapture start_times`
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "the times are what it is for")]
fn start_times() {
    if testing::lab().is_none() {
        return;
    }
    let cache = std::env::temp_dir().join(format!("palladio-start-times-{}", std::process::id()));
    for (storage, folder) in [("memory", None), ("disk", Some("/tmp"))] {
        for (start, first) in [("first ever", true), ("template there", false)] {
            let mut times: Vec<Duration> = (0..7)
                .map(|_| {
                    if first {
                        let _ = std::fs::remove_dir_all(&cache);
                    }
                    let mut command = helper("starts_one_lab");
                    command.env_remove("PALLADIO_LAB_FOLDER").env("XDG_CACHE_HOME", &cache);
                    command.envs(folder.map(|folder| ("PALLADIO_LAB_FOLDER", folder)));
                    let said = command.output().expect("it runs").stdout;
                    let said = String::from_utf8_lossy(&said).into_owned();
                    let micros = said.split_once("micros=").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
                    Duration::from_micros(micros.unwrap_or_else(|| panic!("{said}")))
                })
                .collect();
            times.sort();
            println!("{storage}, {start}: {:?} ({:?} to {:?})", times[times.len() / 2], times[0], times[6]);
        }
    }
    std::fs::remove_dir_all(&cache).expect("it was made");
}

#[test]
#[ignore = "a helper: it says how long a start takes"]
#[allow(clippy::print_stdout, reason = "the test that started it reads this")]
fn starts_one_lab() {
    let begin = Instant::now();
    let lab = Lab::start(&Options::default()).expect("it starts");
    lab.connect("postgres").expect("it answers").query_one("SELECT 1", &[]).expect("it answers");
    println!("micros={}", begin.elapsed().as_micros());
}

/// One of the helpers in a process of its own.
fn helper(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    command.args(["--exact", name, "--nocapture", "--include-ignored"]);
    command
}

/// A process of its own with a lab, and the lab's folder.
fn owner(settings: &[(&str, &str)]) -> (Child, PathBuf) {
    let mut command = helper("owns_a_lab_until_it_is_killed");
    command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut owner = command.spawn().expect("it runs");
    let lines = BufReader::new(owner.stdout.take().expect("it is piped")).lines();
    let folder =
        lines.map_while(Result::ok).find_map(|line| line.split_once("folder=").map(|(_, folder)| folder.into()));
    (owner, folder.expect("it says its folder"))
}

#[test]
#[ignore = "a helper: it waits for its end"]
#[allow(clippy::print_stdout, reason = "the test that started it reads this")]
fn owns_a_lab_until_it_is_killed() {
    let lab = Lab::start(&Options::default()).expect("it starts");
    println!("folder={}", lab.folder().display());
    let _ = std::io::stdin().read(&mut [0]);
    thread::sleep(Duration::from_secs(60));
}

fn kill(signal: &str, id: u32) {
    let status = Command::new("kill").args([&format!("-{signal}"), &id.to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// The processes that name the folder; none where there is no /proc.
fn processes(folder: &Path) -> Vec<(u32, String)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let process = |entry: std::fs::DirEntry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains(&*folder.to_string_lossy()).then_some((id, line))
    };
    entries.filter_map(process).collect()
}

fn nothing_is_left(folder: &Path) {
    assert!(!folder.exists(), "{} is left", folder.display());
    assert_eq!(processes(folder), []);
}

fn await_end(folder: &Path, of: &str) {
    let begin = Instant::now();
    while folder.exists() || !processes(folder).is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(20), "{of} left {}", folder.display());
        thread::sleep(Duration::from_millis(10));
    }
}
