//! The version at the start of a migration's name.

use model::step::Layout;
use model::{Migration, Name};

/// The digits that order the migration, without zeros before them; nothing where the name has another form.
pub(crate) fn version(migration: &Migration) -> Option<Name> {
    let name = migration.name.rsplit('/').next().unwrap_or(&migration.name);
    let name = match migration.layout {
        Layout::Flyway | Layout::Refinery => {
            name.strip_prefix(['V', 'U']).and_then(|name| name.split_once("__")).map(|(version, _)| version)?
        }
        _ => name,
    };
    let digits = name.len() - name.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
    // `1.2` and `2024-01-01` are versions of several numbers.
    let single = !(name[digits..].starts_with(['.', '-']) || is_flyway(migration) && digits < name.len());
    (digits > 0 && single).then(|| Name::new(name[..digits].trim_start_matches('0')))
}

fn is_flyway(migration: &Migration) -> bool {
    matches!(migration.layout, Layout::Flyway | Layout::Refinery)
}

/// The version as a number that counts migrations, and not a time.
pub(crate) fn counter(version: &Name) -> Option<u32> {
    const MOST: u32 = 100_000;
    if version.is_empty() { Some(0) } else { version.parse().ok().filter(|number| *number < MOST) }
}
