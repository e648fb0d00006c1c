//! Passwords that are not in the connection string: `PGPASSWORD`, and the password file of libpq.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgpass.html>

use std::env;
use std::fs;
use std::path::PathBuf;

/// The password for this place and user, when one is kept somewhere.
pub(super) fn find(host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    if let Ok(password) = env::var("PGPASSWORD") {
        return Some(password);
    }
    let file = env::var_os("PGPASSFILE").map(PathBuf::from);
    let file = file.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".pgpass")))?;
    in_file(&fs::read_to_string(file).ok()?, &[host, &port.to_string(), database, user])
}

/// The first line that fits counts; `*` fits everything.
fn in_file(text: &str, wanted: &[&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let [place @ .., password] = &fields[..] else { return None };
        let fits = place.len() == 4 && place.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| password.clone())
    })
}

/// Colons separate; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.len() - 1;
        match character {
            ':' => fields.push(String::new()),
            '\\' => fields[last].extend(characters.next()),
            other => fields[last].push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let file = "# host:port:database:user:password\ndb:5432:*:ann:a\\:b\\\\c\n*:*:*:*:other\n";
        assert_eq!(in_file(file, &["db", "5432", "shop", "ann"]), Some("a:b\\c".to_owned()));
        assert_eq!(in_file(file, &["db", "5432", "shop", "bob"]), Some("other".to_owned()));
        assert_eq!(in_file("db:5432", &["db", "5432", "shop", "bob"]), None);
    }
}
