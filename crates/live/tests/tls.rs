//! TLS with a real server and certificates of our own: who is believed, who is not, and what is said then.

#![allow(clippy::print_stdout, reason = "a test that skips says so")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use live::lab::Options;
use live::{Access, Lab, Target, connection, testing};

/// The name that the certificate is for.
const NAME: &str = "db.example";

struct Server {
    /// It ends with this value.
    _lab: Lab,
    address: String,
    /// The certificates, outside of the server's reach.
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[derive(Clone, Copy)]
enum Signed {
    ByAuthority,
    ByItself,
}

impl Server {
    /// A server that takes connections over TCP with TLS alone. Without `openssl` the test says so and passes.
    fn start(signed: Signed) -> Option<Server> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("SKIPPED: no program openssl, which makes certificates");
            return None;
        }
        let mut lab = testing::own(&Options::default())?;
        let number = lab.folder().file_name()?.to_string_lossy().into_owned();
        let folder = std::env::temp_dir().join(format!("palladio-tls-{number}"));
        fs::create_dir_all(&folder).expect("a folder can be made");
        certificates(&folder, signed);
        let data = lab.data_folder();
        let owner = fs::metadata(&data).expect("it is there");
        for name in ["server.crt", "server.key"] {
            fs::copy(folder.join(name), data.join(name)).expect("it can be copied");
            fs::set_permissions(data.join(name), Permissions::from_mode(0o600)).expect("it is ours");
            chown(data.join(name), Some(owner.uid()), Some(owner.gid())).expect("it is ours to give");
        }
        fs::write(data.join("pg_hba.conf"), "local all all trust\nhostssl all all all trust\n").expect("it is ours");
        // On Linux every address of 127/8 is this machine: each test has one for itself.
        let address = match cfg!(target_os = "linux") {
            true => format!(
                "127.{}.{}.{}",
                1 + std::process::id() % 250,
                1 + std::process::id() / 250 % 250,
                signed as u8 + 1
            ),
            false => "127.0.0.1".to_owned(),
        };
        lab.restart(&[("ssl", "on"), ("listen_addresses", &address)]).expect("it starts");
        Some(Server { _lab: lab, address, folder })
    }

    /// Whether the connection is encrypted, or why there is none.
    fn connect(&self, words: &str) -> Result<bool, String> {
        let words = words.replace("FOLDER", &self.folder.display().to_string());
        let target = format!("hostaddr={} user=postgres dbname=postgres {words}", self.address);
        let target = Target::parse(&target).map_err(|error| error.to_string())?;
        let mut client = connection::open(&target, Access::ReadOnly).map_err(|error| {
            format!("{}\n  {}", error.to_string().replace(&target.to_string(), "it"), error.hints().join("\n  "))
        })?;
        let row = client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]);
        Ok(row.expect("it answers").get(0))
    }

    fn check(&self, words: &str, expected: Result<bool, &str>) {
        let found = self.connect(words).map_err(|said| said.replace(&self.folder.display().to_string(), "FOLDER"));
        assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|said| *said), "{words}");
    }
}

fn openssl(folder: &Path, line: &str) {
    let said = Command::new("openssl").args(line.split(' ')).current_dir(folder).output().expect("it runs");
    assert!(said.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&said.stderr));
}

fn certificates(folder: &Path, signed: Signed) {
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    fs::write(folder.join("name"), format!("subjectAltName=DNS:{NAME}\n")).expect("the folder is ours");
    openssl(folder, &format!("{new} -x509 -keyout other.key -out other.crt -subj /CN=other"));
    match signed {
        Signed::ByAuthority => {
            openssl(folder, &format!("{new} -x509 -keyout root.key -out root.crt -subj /CN=authority"));
            openssl(folder, &format!("{new} -keyout server.key -out server.csr -subj /CN={NAME}"));
            openssl(
                folder,
                "x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 -extfile name -out server.crt",
            );
        }
        Signed::ByItself => {
            let name = format!("-addext subjectAltName=DNS:{NAME}");
            openssl(folder, &format!("{new} -x509 -keyout server.key -out server.crt -subj /CN={NAME} {name}"));
        }
    }
}

#[test]
fn modes_and_authorities() {
    let Some(server) = Server::start(Signed::ByAuthority) else { return };
    server.check("host=db.example", Ok(true));
    server.check("host=db.example sslmode=prefer", Ok(true));
    server.check("host=db.example sslmode=require", Ok(true));
    server.check("host=other.example sslmode=require", Ok(true));
    server.check("host=db.example sslmode=verify-ca sslrootcert=FOLDER/root.crt", Ok(true));
    server.check("host=other.example sslmode=verify-ca sslrootcert=FOLDER/root.crt", Ok(true));
    server.check("host=db.example sslmode=verify-full sslrootcert=FOLDER/root.crt", Ok(true));
    server.check(
        "host=other.example sslmode=verify-full sslrootcert=FOLDER/root.crt",
        Err("\
no connection to it: the certificate of the server is not for other.example
  It is for db.example: connect by that name; sslmode=verify-ca takes any"),
    );
    for mode in ["verify-ca", "verify-full"] {
        server.check(
            &format!("host=db.example sslmode={mode} sslrootcert=FOLDER/other.crt"),
            Err("\
no connection to it: nobody who is believed signed the certificate of the server
  Name who signed it: sslrootcert=FILE; sslmode=require takes any"),
        );
    }
    server.check(
        "host=db.example sslmode=disable",
        Err("\
no connection to it: no pg_hba.conf entry for host \"127.0.0.1\", user \"postgres\", database \"postgres\", no encryption
  pg_hba.conf says who may connect from where; does it want sslmode=require?"),
    );
    server.check(
        "host=db.example sslmode=verify-full sslrootcert=FOLDER/gone.crt",
        Err("FOLDER/gone.crt cannot be read as PEM: No such file or directory (os error 2)\n  Check sslrootcert, sslcert and sslkey"),
    );
    server.check("host=db.example sslmode=strict", Err("no sslmode is called strict"));
}

#[test]
fn a_certificate_that_signed_itself() {
    let Some(server) = Server::start(Signed::ByItself) else { return };
    server.check("host=db.example sslmode=require", Ok(true));
    // It is its own authority where it is named as one.
    server.check("host=db.example sslmode=verify-full sslrootcert=FOLDER/server.crt", Ok(true));
    server.check("host=other.example sslmode=verify-ca sslrootcert=FOLDER/server.crt", Ok(true));
    server.check(
        "host=other.example sslmode=verify-full sslrootcert=FOLDER/server.crt",
        Err("\
no connection to it: the certificate of the server is not for other.example
  It is for db.example: connect by that name; sslmode=verify-ca takes any"),
    );
    server.check(
        "host=db.example sslmode=verify-full sslrootcert=FOLDER/other.crt",
        Err("\
no connection to it: the certificate of the server signed itself, and is not the one that was named
  Name it: sslrootcert=FILE; sslmode=require takes any"),
    );
}

/// A server without TLS: who insists is told so, who prefers goes without.
#[test]
fn a_server_without_tls() {
    let Some(mut lab) = testing::own(&Options::default()) else { return };
    let address = match cfg!(target_os = "linux") {
        true => format!("127.{}.{}.9", 1 + std::process::id() % 250, 1 + std::process::id() / 250 % 250),
        false => "127.0.0.1".to_owned(),
    };
    lab.restart(&[("listen_addresses", &address)]).expect("it starts");
    let open = |mode: &str| {
        let target = format!("host={address} user=postgres dbname=postgres sslmode={mode}");
        connection::open(&Target::parse(&target).expect("it reads"), Access::ReadOnly)
    };
    assert!(open("prefer").is_ok() && open("disable").is_ok());
    for mode in ["require", "verify-full"] {
        let error = open(mode).err().expect("there is no TLS");
        assert!(error.to_string().ends_with("the server has no TLS"), "{error}");
        assert_eq!(error.hints(), ["Go without it: sslmode=prefer or sslmode=disable"]);
    }
}
