//! Many databases to migrate: a file that lists them.

use std::path::Path;

use live::Target;
use model::Name;
use model::name::PUBLIC;

use crate::config::Config;
use crate::{Failure, database, files};

/// One of them.
#[derive(Clone, Debug)]
pub struct One {
    pub name: String,
    pub target: Target,
    /// The schema that stands for `public` there.
    pub namespace: Name,
}

/// Reads the file: a TOML table `[targets]`, or lines. Each is a name and an address, or a name and a schema of the
/// database that `--db` means; a schema alone is its own name. Lines keep their order, a table is in that of its names.
pub fn load(path: &Path, db: Option<&Target>, config: &Config) -> Result<Vec<One>, Failure> {
    let shown = files::shown(path);
    let text =
        std::fs::read_to_string(path).map_err(|cause| Failure::new(format!("{shown} cannot be read: {cause}")))?;
    let listed = listed(&text).map_err(|said| Failure::new(format!("{shown}: {said}")))?;
    if listed.is_empty() {
        return Err(
            Failure::new(format!("{shown} lists no target")).hint("One a line: NAME = postgres://…, or a schema")
        );
    }
    let mut names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Failure::new(format!("{shown} lists {} twice", twice[0])));
    }
    listed.into_iter().map(|(name, place)| one(name, place, db, config)).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    url: Option<String>,
    schema: Option<String>,
}

fn one(name: String, place: Place, db: Option<&Target>, config: &Config) -> Result<One, Failure> {
    let target = match (&place.url, db) {
        (Some(url), _) => database::resolve(url, config)?,
        (None, Some(db)) => db.clone(),
        (None, None) => {
            return Err(Failure::new(format!("{name} is a schema, and no database is named"))
                .hint("The database of the schemas: --db NAME|URL"));
        }
    };
    let namespace = place.schema.map_or(PUBLIC, Name::from);
    Ok(One { name, target, namespace })
}

fn listed(text: &str) -> Result<Vec<(String, Place)>, String> {
    if let Ok(table) = text.parse::<toml::Table>() {
        let table = match table.get("targets") {
            Some(toml::Value::Table(inner)) => inner.clone(),
            _ => table,
        };
        return table.iter().map(|(name, value)| Ok((name.clone(), of_toml(name, value)?))).collect();
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = |line: &str| match line.split_once('=') {
        // An address has signs of equality of its own.
        Some((name, value)) if !name.contains("://") => {
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() || value.is_empty() {
                return Err(format!("`{line}` has no name or no place"));
            }
            Ok((name.to_owned(), of_word(value)))
        }
        _ if line.contains("://") => Err("an address has no name before it: NAME = postgres://…".to_owned()),
        _ => Ok((line.to_owned(), of_word(line))),
    };
    lines.map(line).collect()
}

fn of_word(word: &str) -> Place {
    match word.contains("://") {
        true => Place { url: Some(word.to_owned()), schema: None },
        false => Place { url: None, schema: Some(word.to_owned()) },
    }
}

fn of_toml(name: &str, value: &toml::Value) -> Result<Place, String> {
    let wrong = || format!("{name} is neither an address, a schema, nor {{ url = …, schema = … }}");
    match value {
        toml::Value::String(word) => Ok(of_word(word)),
        toml::Value::Table(table) => {
            let word = |key: &str| table.get(key).map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong));
            let (url, schema) = (word("url").transpose()?, word("schema").transpose()?);
            match (&url, &schema) {
                (None, None) => Err(wrong()),
                _ => Ok(Place { url, schema }),
            }
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match listed(text) {
            Ok(list) => {
                let one = |(name, place): &(String, Place)| {
                    let words = [&place.url, &place.schema].map(|word| word.as_deref().unwrap_or("-").to_owned());
                    format!("{name}: {}", words.join(" "))
                };
                list.iter().map(one).collect::<Vec<_>>().join("; ")
            }
            Err(said) => said,
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn lines_and_toml() {
        check("# all of them\nt1\nt2\n\nbig = tenant_big\n", "t1: - t1; t2: - t2; big: - tenant_big");
        check("a = postgres://u@h/d?x=1\n", "a: postgres://u@h/d?x=1 -");
        check(
            "[targets]\na = \"postgres://h/d\"\nb = { url = \"postgres://h/d\", schema = \"t\" }\n",
            "a: postgres://h/d -; b: postgres://h/d t",
        );
        check("postgres://h/d\n", "an address has no name before it: NAME = postgres://…");
        check("a = 1\n", "a is neither an address, a schema, nor { url = …, schema = … }");
        check("a =\n", "`a =` has no name or no place");
    }
}
