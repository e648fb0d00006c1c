//! Finding and reading `palladio.toml`. What is wrong with it is shown at its place.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use toml::de::{DeTable, DeValue};

use super::{Config, keys};
use crate::files::shown;
use crate::nearest::nearest;
use crate::{Failure, rules};

const NAME: &str = "palladio.toml";

/// A configuration, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    pub file: Option<PathBuf>,
    /// The folder that paths and globs count from: the file's, else the current one.
    pub root: PathBuf,
    /// The line of each key that the file sets.
    pub lines: BTreeMap<String, usize>,
}

/// The file that was named, else the nearest one in `from` or above it, else none. `folder` is the current one.
pub fn load(folder: &Path, from: &Path, named: Option<&Path>, isolated: bool) -> Result<Loaded, Failure> {
    let found = match named {
        Some(path) => Some(folder.join(path)),
        None if isolated => None,
        None => from.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file()),
    };
    let Some(path) = found else {
        let config = Config::default();
        return Ok(Loaded { config, file: None, root: folder.to_owned(), lines: BTreeMap::new() });
    };
    let title = path.strip_prefix(folder).unwrap_or(&path);
    let text = fs::read_to_string(&path).map_err(|cause| Failure::new(format!("{}: {cause}", shown(title))))?;
    let (config, lines) = parse(&shown(title), &text)?;
    let root = path.parent().unwrap_or(folder).to_owned();
    Ok(Loaded { config, file: Some(path), root, lines })
}

fn parse(path: &str, text: &str) -> Result<(Config, BTreeMap<String, usize>), Failure> {
    let at = |error: &toml::de::Error| {
        let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
        wrong(path, text, error.span().unwrap_or(0..0), &message, None)
    };
    let table = DeTable::parse(text).map_err(|error| at(&error))?;
    let mut lines = BTreeMap::new();
    let known = keys();
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        if !known.iter().any(|known| known.name == name) {
            let near = nearest(name, known.iter().map(|key| key.name.as_str()));
            let help = near.map_or("all keys: palladio config".to_owned(), |near| format!("did you mean `{near}`?"));
            return Err(wrong(path, text, key.span(), &format!("no key is called `{name}`"), Some(&help)));
        }
        lines.insert(name.to_owned(), text[..key.span().start].matches('\n').count() + 1);
        check_rules(path, text, name, value)?;
    }
    let config: Config = toml::from_str(text).map_err(|error| at(&error))?;
    Ok((config, lines))
}

/// Every word that should name a rule does.
fn check_rules(path: &str, text: &str, key: &str, value: &toml::Spanned<DeValue<'_>>) -> Result<(), Failure> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let mut list = |value: &toml::Spanned<DeValue<'_>>| {
        for item in value.get_ref().as_array().into_iter().flat_map(|items| items.iter()) {
            words.extend(item.get_ref().as_str().map(|word| (word.to_owned(), item.span())));
        }
    };
    match (key, value.get_ref()) {
        ("select" | "extend-select" | "ignore", _) => list(value),
        ("per-path-ignores", DeValue::Table(table)) => table.iter().for_each(|(_, value)| list(value)),
        ("severity", DeValue::Table(table)) => {
            words.extend(table.iter().map(|(key, _)| (key.get_ref().to_string(), key.span())));
        }
        _ => {}
    }
    for (word, span) in words {
        if let Err(Failure::Said { message, hints }) = rules::named(&word) {
            return Err(wrong(path, text, span, &message, hints.first().map(String::as_str)));
        }
    }
    Ok(())
}

fn wrong(path: &str, text: &str, span: Range<usize>, message: &str, help: Option<&str>) -> Failure {
    let span = span.start.min(text.len())..span.end.min(text.len());
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(span));
    let mut group = Level::ERROR.primary_title(message).element(snippet);
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    Failure::Shown(Renderer::plain().term_width(80).render(&[group]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match parse("palladio.toml", text) {
            Ok((config, _)) => format!("{config:?}"),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(shown, expected.trim_end());
    }

    #[test]
    fn unknown_keys_are_shown_with_the_nearest() {
        check(
            "pg-version = 16\nslect = [\"M\"]\n",
            "
error: no key is called `slect`
 --> palladio.toml:2:1
  |
2 | slect = [\"M\"]
  | ^^^^^
  |
  = help: did you mean `select`?
"
            .trim_start(),
        );
    }

    #[test]
    fn wrong_values_are_shown() {
        check(
            "fail-on = \"sometimes\"\n",
            "
error: unknown variant `sometimes`, expected one of `error`, `warning`, `note`, `never`
 --> palladio.toml:1:11
  |
1 | fail-on = \"sometimes\"
  |           ^^^^^^^^^^^
"
            .trim_start(),
        );
    }
}
