use model::object::{Constraint, ConstraintKind, Key, Table};
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::inflection::singular;
use crate::nouns::noun;
use crate::rule::Check;
use crate::subject::words_of;

rule! {
    /// A table that extends another may have several rows for one of its; make the reference unique.
    ///
    /// A second profile of a user appears with the first retry of a request. Each join doubles the user from then on, and “the”
    /// profile is whichever comes first.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE user_profiles (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, bio text);
    /// CREATE INDEX ON user_profiles (user_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE user_profiles (user_id bigint PRIMARY KEY REFERENCES users, bio text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE user_settings (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, key text, value text);
    /// CREATE INDEX ON user_settings (user_id);
    /// ```
    "K022", fix, Check::Table(check)
}

/// What one has one of.
const EXTENSIONS: &[&str] = &["billing", "config", "configuration", "detail", "preference", "profile", "setting"];
/// What makes several of them.
const SEVERAL: &[&str] =
    &["category", "environment", "key", "kind", "language", "locale", "name", "provider", "scope", "type", "version"];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() {
        return;
    }
    let words = words_of(&table.name.name);
    let Some((last, stem)) = words.split_last().filter(|(_, stem)| !stem.is_empty()) else { return };
    if !EXTENSIONS.contains(&singular(last).as_str()) {
        return;
    }
    let speaks = |word: &Name| SEVERAL.contains(&word.as_str());
    if table.columns.iter().any(|column| words_of(&column.name).iter().any(speaks)) {
        return;
    }
    let mut keys = table.foreign_keys();
    let (Some((constraint, key)), None) = (keys.next(), keys.next()) else { return };
    let stem: Name = stem.join("_").into();
    let [column] = key.columns.as_slice() else { return };
    let unique = table.unique_keys().any(|unique| unique.contains(&column));
    let partly = table.indexes.iter().any(|index| index.unique && index.columns().contains(&column));
    if noun(&key.table.name) != noun(&stem) || unique || partly {
        return;
    }
    let key_of = Key { columns: vec![column.clone()], ..Key::default() };
    let mut changes: Vec<Change> = table
        .indexes
        .iter()
        .filter(|index| index.key_columns() == [Some(column)] && index.predicate.is_none())
        .map(|index| Change::drop(Path::index(&table.name, index.name.clone())))
        .collect();
    let unique = Constraint::new(Name::default(), ConstraintKind::Unique(key_of));
    changes.push(Change::add_constraint(&table.name, unique));
    findings
        .at(
            &Path::constraint(&table.name, constraint.name.clone()),
            format!("one row of {} may have several in {}", key.table, table.name),
        )
        .why("a request that is sent twice makes two, and each join doubles the row")
        .unsafe_fix(format!("make {column} unique"), changes);
}
