//! Which database is meant: `--db NAME|URL`, or a SOURCE that is an address or `db:NAME`. A name is one of the
//! configuration.

use std::env;

use live::Target;

use crate::Failure;
use crate::config::Config;
use crate::nearest::nearest;

/// Databases by their addresses, also those that are not read yet.
const SCHEMES: [&str; 4] = ["postgres", "postgresql", "mysql", "sqlite"];

/// What stands before `://` in the address of a database; the rest may hold a password.
pub(crate) fn scheme(source: &str) -> Option<&str> {
    source.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| SCHEMES.contains(scheme))
}

/// The name or address of a database, when that is what the source is.
pub(crate) fn of_source(source: &str) -> Option<&str> {
    match scheme(source) {
        Some(scheme) => scheme.starts_with("postgres").then_some(source),
        None => source.strip_prefix("db:"),
    }
}

/// The one database that `--db` or the sources name. It is read by itself: a database and files are two states to
/// compare.
pub(crate) fn only<'a>(db: Option<&'a str>, sources: &'a [String]) -> Result<Option<&'a str>, Failure> {
    let named: Vec<&str> = db.into_iter().chain(sources.iter().filter_map(|source| of_source(source))).collect();
    match named[..] {
        [] => Ok(None),
        [only] if sources.len() + usize::from(db.is_some()) == 1 => Ok(Some(only)),
        _ => Err(Failure::new("a database is read by itself, without other sources")
            .hint("Run it once for the database and once for the files")),
    }
}

/// The database that the word means. Words with `://` or `=` are addresses; all others are names of the configuration.
pub fn resolve(db: &str, config: &Config) -> Result<Target, Failure> {
    if db.contains("://") || db.contains('=') {
        return Ok(Target::parse(db)?);
    }
    let Some(database) = config.databases.get(db) else {
        let failure = Failure::new(format!("no database is called `{db}` in palladio.toml"));
        let names = config.databases.keys().map(String::as_str);
        return Err(match nearest(db, names) {
            Some(near) => failure.hint(format!("Did you mean --db {near}?")),
            None => failure
                .hint("Name it there: [databases.NAME] url = \"postgres://USER:${PASSWORD}@HOST/DATABASE\"")
                .hint("Or give it here: --db postgres://USER@HOST/DATABASE"),
        });
    };
    let url = expand(&database.url, &|name| env::var(name).ok())
        .map_err(|failure| failure.hint(format!("databases.{db} of palladio.toml asks for it")))?;
    Ok(Target::parse(&url)?)
}

/// `${NAME}` becomes the variable of the environment. In the part before `@` its special characters are encoded, so
/// that any password can stand there.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            return Err(Failure::new("a `${` has no `}` in the address of a database"));
        };
        out += before;
        let value =
            variable(name).ok_or_else(|| Failure::new(format!("the environment variable {name} is not set")))?;
        let is_user_or_password = out.contains("://") && !out.contains('@') && after.contains('@');
        out += &if is_user_or_password { encoded(&value) } else { value };
        rest = after;
    }
    Ok(out + rest)
}

fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let variable = |name: &str| match name {
            "PASSWORD" => Some("a@b/c".to_owned()),
            "URL" => Some("postgres://ann:x@db/shop".to_owned()),
            "HOST" => Some("db:6432".to_owned()),
            _ => None,
        };
        let shown = expand(text, &variable).unwrap_or_else(|failure| failure.to_string());
        assert_eq!(shown, expected);
    }

    #[test]
    fn references_to_the_environment() {
        check("postgres://ann:${PASSWORD}@${HOST}/shop", "postgres://ann:a%40b%2Fc@db:6432/shop");
        check("${URL}", "postgres://ann:x@db/shop");
        check("${URL}?sslmode=require", "postgres://ann:x@db/shop?sslmode=require");
        check("${MISSING}", "error: the environment variable MISSING is not set");
        check("${URL", "error: a `${` has no `}` in the address of a database");
    }

    #[test]
    fn a_database_and_files_are_not_read_together() {
        let check = |db: Option<&str>, sources: &[&str], expected: &str| {
            let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
            let shown = match only(db, &sources) {
                Ok(found) => found.unwrap_or("none").to_owned(),
                Err(failure) => failure.to_string().lines().next().unwrap_or_default().to_owned(),
            };
            assert_eq!(shown, expected, "{db:?} {sources:?}");
        };
        let refused = "error: a database is read by itself, without other sources";
        check(None, &["postgres://db/shop"], "postgres://db/shop");
        check(None, &["db:live"], "live");
        check(Some("live"), &[], "live");
        check(None, &["schema.sql"], "none");
        check(None, &["mysql://db/shop"], "none");
        check(None, &["db:live", "schema.sql"], refused);
        check(Some("live"), &["schema.sql"], refused);
        check(Some("live"), &["db:live"], refused);
    }

    #[test]
    fn names_and_addresses() {
        let config: Config =
            toml::from_str("[databases.live]\nurl = \"postgres://ann:hunter2@db/shop\"\n").expect("it is TOML");
        let shown = |db: &str| match resolve(db, &config) {
            Ok(target) => target.to_string(),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(shown("live"), "postgres://ann@db:5432/shop");
        assert_eq!(shown("host=h user=u dbname=d"), "postgres://u@h:5432/d");
        assert_eq!(shown("lve"), "error: no database is called `lve` in palladio.toml\n  Did you mean --db live?");
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(!toml::to_string(&config).expect("it is TOML").contains("hunter2"));
    }
}
