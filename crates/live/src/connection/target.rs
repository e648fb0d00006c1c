//! Where a database is: parsed from a URL or from `key=value` words, printed without its password.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::Host;

use super::password;
use super::tls::{Roots, SslMode, Tls};
use crate::Error;

/// A database to connect to.
#[derive(Clone)]
pub struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// Words of other tools in their URLs, which say nothing about the connection itself.
const IGNORED: [&str; 12] = [
    "schema",
    "pgbouncer",
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "gssencmode",
    "krbsrvname",
    "sslcompression",
    "sslsni",
    "client_encoding",
    "passfile",
];

impl Target {
    /// From `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` or `host=… user=… dbname=…`.
    pub fn parse(text: &str) -> Result<Target, Error> {
        let text = text.trim();
        let mut tls = Words::default();
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let rest = match (is_url, text.split_once('?')) {
            (true, None) => text.to_owned(),
            (true, Some((place, query))) => {
                let mut kept = Vec::new();
                for word in query.split('&').filter(|word| !word.is_empty()) {
                    let (key, value) = word.split_once('=').unwrap_or((word, ""));
                    if !tls.take(key, &decoded(value))? {
                        kept.push(word);
                    }
                }
                if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
            }
            (false, _) => {
                let mut kept = Vec::new();
                for (key, value) in pairs(text).ok_or_else(unreadable)? {
                    if !tls.take(&key, &value)? {
                        kept.push(format!("{key}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'")));
                    }
                }
                kept.join(" ")
            }
        };
        // The parser's own words may quote what it choked on, and that may be a password.
        let mut config: Config = rest.parse().map_err(|_| unreadable())?;
        complete(&mut config);
        let tls = tls.finish()?;
        config.ssl_mode(match tls.mode {
            SslMode::Disable => postgres::config::SslMode::Disable,
            SslMode::Prefer => postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => postgres::config::SslMode::Require,
        });
        Ok(Target { config, tls })
    }

    /// The one that `DATABASE_URL` names, when it is set.
    pub fn from_environment() -> Option<Result<Target, Error>> {
        env::var("DATABASE_URL").ok().filter(|url| !url.trim().is_empty()).map(|url| Target::parse(&url))
    }

    /// A database of a server that is reached by a socket in this folder.
    pub(crate) fn socket(folder: &Path, database: &str) -> Target {
        let mut config = Config::new();
        config.host_path(folder).user("postgres").dbname(database);
        Target { config, tls: Tls::default() }
    }

    /// The same server, another database.
    #[must_use]
    pub fn database(&self, name: &str) -> Target {
        let mut other = self.clone();
        other.config.dbname(name);
        other
    }

    /// Where the database is, as it may be shown to anybody: without user and parameters.
    pub fn address(&self) -> String {
        match self.config.get_hosts() {
            [Host::Unix(_)] => format!("postgres:///{}", self.database_name()),
            _ => format!("postgres://{}/{}", self.place().replace(":5432", ""), self.database_name()),
        }
    }

    /// The name of the database.
    pub fn database_name(&self) -> &str {
        self.config.get_dbname().or_else(|| self.config.get_user()).unwrap_or("postgres")
    }

    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Whether the server takes connections.
    pub(crate) fn answers(&self) -> bool {
        self.config.connect(postgres::NoTls).is_ok()
    }

    /// Host and port, or the folder of the socket.
    pub(super) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let place = |(index, host): (usize, &Host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            Host::Unix(folder) => folder.display().to_string(),
        };
        self.config.get_hosts().iter().enumerate().map(place).collect::<Vec<_>>().join(",")
    }
}

/// A URL that works, but for the password.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.config.get_user().unwrap_or("");
        let at = if user.is_empty() { "" } else { "@" };
        match self.config.get_hosts() {
            [Host::Unix(folder)] => {
                write!(out, "postgres://{user}{at}/{}?host={}", self.database_name(), folder.display())?;
                match self.config.get_ports() {
                    [] | [5432] => Ok(()),
                    ports => write!(out, "&port={}", ports[0]),
                }
            }
            _ => write!(out, "postgres://{user}{at}{}/{}", self.place(), self.database_name()),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Target({self})")
    }
}

fn unreadable() -> Error {
    Error::refused(
        "this does not read as the address of a PostgreSQL database",
        "Like this: postgres://USER@HOST:5432/DATABASE; in a password, @ is %40, / is %2F, # is %23",
    )
}

/// What libpq takes where nothing is said.
fn complete(config: &mut Config) {
    if config.get_hosts().is_empty() {
        match env::var("PGHOST") {
            Ok(host) if !host.is_empty() => config.host(&host),
            _ => match ["/var/run/postgresql", "/tmp"].iter().find(|folder| has_socket(folder)) {
                Some(folder) => config.host_path(folder),
                None => config.host("localhost"),
            },
        };
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_password().is_none() {
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => "localhost".to_owned(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let user = config.get_user().unwrap_or("").to_owned();
        let database = config.get_dbname().unwrap_or(&user).to_owned();
        if let Some(password) = password::find(&host, port, &database, &user) {
            config.password(password);
        }
    }
}

fn has_socket(folder: &str) -> bool {
    Path::new(folder).join(".s.PGSQL.5432").exists()
}

/// The words about TLS, which the client library knows only in part.
#[derive(Default)]
struct Words {
    mode: Option<SslMode>,
    root: Option<Roots>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Words {
    /// Whether the word is one of these, or one that nobody needs.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        match key {
            "sslmode" => self.mode = Some(value.parse()?),
            "sslrootcert" if value == "system" => self.root = Some(Roots::System),
            "sslrootcert" => self.root = Some(Roots::File(PathBuf::from(value))),
            "sslcert" => self.certificate = Some(PathBuf::from(value)),
            "sslkey" => self.key = Some(PathBuf::from(value)),
            other => return Ok(IGNORED.contains(&other)),
        }
        Ok(true)
    }

    fn finish(self) -> Result<Tls, Error> {
        // As in libpq: `system` means the strictest mode, and a root that is named is looked at.
        let mode = match (self.mode, &self.root) {
            (None, Some(Roots::System)) => SslMode::VerifyFull,
            (Some(SslMode::Require), Some(Roots::File(_))) => SslMode::VerifyCa,
            (mode, _) => mode.unwrap_or_default(),
        };
        let identity = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err(Error::refused(
                    "of sslcert and sslkey only one is given",
                    "Name both: sslcert=FILE&sslkey=FILE",
                ));
            }
        };
        Ok(Tls { mode, roots: self.root.unwrap_or_default(), identity })
    }
}

/// Percent signs of a URL; what is none stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `key = 'value'` words: a quote holds spaces, a backslash takes the next character as it is.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return None;
        }
        let (value, after) = value(after.trim_start())?;
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    (!pairs.is_empty()).then_some(pairs)
}

/// A value, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('\'');
    let quoted = inside.is_some();
    let text = inside.unwrap_or(text);
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' if quoted => return Some((value, &text[at + 1..])),
            space if !quoted && space.is_whitespace() => return Some((value, &text[at..])),
            '\\' => value.extend(characters.next().map(|(_, character)| character)),
            other => value.push(other),
        }
    }
    (!quoted).then_some((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed of it, and how TLS is used.
    fn check(text: &str, expected: &str) {
        let shown = match Target::parse(text) {
            Ok(target) => format!("{target} {}", target.tls.mode),
            Err(error) => format!("{error}; {}", error.hints().join("; ")),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn urls_and_words() {
        check("postgres://ann@db/shop", "postgres://ann@db:5432/shop prefer");
        check("postgresql://ann:s3cret@db:6543/shop?sslmode=verify-full", "postgres://ann@db:6543/shop verify-full");
        check("host=db user=ann dbname=shop sslmode = 'disable'", "postgres://ann@db:5432/shop disable");
        check("postgres://ann@/shop?host=/run/pg", "postgres://ann@/shop?host=/run/pg prefer");
        check("postgres://ann@a,b:6432/shop", "postgres://ann@a:5432,b:6432/shop prefer");
        // What Prisma adds.
        check("postgres://ann@db/shop?schema=public&connection_limit=5", "postgres://ann@db:5432/shop prefer");
    }

    #[test]
    fn modes_of_tls() {
        check("postgres://a@h/d?sslmode=require", "postgres://a@h:5432/d require");
        check("postgres://a@h/d?sslmode=require&sslrootcert=%2Fca.pem", "postgres://a@h:5432/d verify-ca");
        check("postgres://a@h/d?sslrootcert=system", "postgres://a@h:5432/d verify-full");
        check("postgres://a@h/d?sslmode=allow", "postgres://a@h:5432/d prefer");
        check(
            "postgres://a@h/d?sslmode=always",
            "no sslmode is called always; One of disable, prefer, require, verify-ca, verify-full",
        );
        check(
            "postgres://a@h/d?sslcert=a.pem",
            "of sslcert and sslkey only one is given; Name both: sslcert=FILE&sslkey=FILE",
        );
    }

    #[test]
    fn no_password_is_ever_printed() {
        for text in [
            "postgres://ann:hunter2@db/shop",
            "postgres://ann@db/shop?password=hunter2",
            "host=db user=ann password='hunter2 x' dbname=shop",
            "host=db user=ann password=hunter2 nonsense",
            "postgres://ann:hunter2 @db:port/shop",
            "postgres://ann:p@hunter2:x@db/shop",
            "postgres://ann:#hunter2/@db:x/shop?hunter2",
        ] {
            let shown = match Target::parse(text) {
                Ok(target) => {
                    let refused = super::super::open(&target.database("x"), super::super::Access::ReadOnly);
                    format!("{target} {target:?} {refused:?}", refused = refused.err())
                }
                Err(error) => format!("{error} {error:?} {:?}", error.hints()),
            };
            assert!(!shown.contains("hunter2"), "{text}: {shown}");
        }
    }

    #[test]
    fn words_with_quotes() {
        let pairs = pairs(r"password='it\'s a \\' user = ann").expect("they are words");
        assert_eq!(pairs, [("password".to_owned(), r"it's a \".to_owned()), ("user".to_owned(), "ann".to_owned())]);
        assert_eq!(super::pairs("user='ann"), None);
    }
}
