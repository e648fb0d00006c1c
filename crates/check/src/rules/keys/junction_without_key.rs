use model::object::{Constraint, ConstraintKind, Key, Table};
use model::{Change, Name, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::inflection::singular;
use crate::nouns::noun;
use crate::rule::Check;
use crate::subject::words_of;
use crate::words::comma;

rule! {
    /// A table that pairs two others may hold a pair twice; make the pair its key.
    ///
    /// A click that is sent twice links twice. Every join then doubles its rows, sums are wrong, and one DELETE of “the” link
    /// leaves the other. A number as the primary key does not help: each copy has its own.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY);
    /// CREATE TABLE tags (id bigint PRIMARY KEY);
    /// CREATE TABLE post_tags (
    ///     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ///     post_id bigint NOT NULL REFERENCES posts,
    ///     tag_id bigint NOT NULL REFERENCES tags
    /// );
    /// CREATE INDEX ON post_tags (tag_id);
    /// CREATE INDEX ON post_tags (post_id);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY);
    /// CREATE TABLE tags (id bigint PRIMARY KEY);
    /// CREATE TABLE post_tags (post_id bigint NOT NULL REFERENCES posts, tag_id bigint NOT NULL REFERENCES tags);
    /// CREATE INDEX ON post_tags (tag_id);
    /// CREATE INDEX ON post_tags (post_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY);
    /// CREATE TABLE tags (id bigint PRIMARY KEY);
    /// CREATE TABLE post_tags (
    ///     post_id bigint REFERENCES posts,
    ///     tag_id bigint REFERENCES tags,
    ///     PRIMARY KEY (post_id, tag_id)
    /// );
    /// CREATE INDEX ON post_tags (tag_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE books (id bigint PRIMARY KEY);
    /// CREATE TABLE loans (
    ///     id bigint PRIMARY KEY,
    ///     user_id bigint NOT NULL REFERENCES users,
    ///     book_id bigint NOT NULL REFERENCES books,
    ///     due_on date NOT NULL
    /// );
    /// CREATE INDEX ON loans (user_id);
    /// CREATE INDEX ON loans (book_id);
    /// ```
    "K023", fix, Check::Table(check)
}

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() || table.is_partitioned() {
        return;
    }
    let Some(pair) = pair(table) else { return };
    let told_apart = |columns: Vec<Name>| pair.iter().any(|name| columns.contains(name));
    let by_key = table.constraints.iter().any(|it| it.has_index() && told_apart(it.columns()));
    let by_index =
        table.indexes.iter().any(|index| index.unique && told_apart(index.columns().into_iter().cloned().collect()));
    if by_key || by_index {
        return;
    }
    let columns = comma(&pair);
    let key = Key { columns: pair.clone(), ..Key::default() };
    let kind =
        if table.primary_key().is_some() { ConstraintKind::Unique(key) } else { ConstraintKind::PrimaryKey(key) };
    // The new key serves its first column; what leads with it alone would be a prefix of it.
    let mut changes: Vec<Change> = table
        .indexes
        .iter()
        .filter(|index| index.key_columns() == [Some(&pair[0])] && index.predicate.is_none())
        .map(|index| Change::drop(Path::index(&table.name, index.name.clone())))
        .collect();
    changes.push(Change::add_constraint(&table.name, Constraint::new(Name::default(), kind)));
    findings
        .at(&Path::table(&table.name), format!("{} may hold the same pair twice", table.name))
        .why(format!("({columns}) is not unique; each join over a doubled pair doubles its rows"))
        .unsafe_fix(format!("make ({columns}) a key"), changes);
}

/// The two columns of a table that consists of two references, a number of its own and the time of writing.
fn pair(table: &Table) -> Option<Vec<Name>> {
    let mut keys = table.foreign_keys().map(|(_, key)| key);
    let (one, other) = (keys.next()?, keys.next()?);
    let ([a], [b], None) = (one.columns.as_slice(), other.columns.as_slice(), keys.next()) else { return None };
    let beside = |name: &Name| {
        let column = table.column(name);
        let numbered = table.primary_key().is_some_and(|key| key.columns == [name.clone()]);
        let written = column.is_some_and(|column| matches!(column.ty, Type::Timestamp { .. } | Type::Date))
            && words_of(name)
                .first()
                .is_some_and(|word| matches!(word.as_str(), "created" | "updated" | "added" | "inserted" | "last"));
        numbered || written
    };
    let plain = table.columns.iter().all(|column| [a, b].contains(&&column.name) || beside(&column.name));
    let required = [a, b].into_iter().all(|name| table.column(name).is_some_and(|column| !column.is_nullable()));
    // With a number of its own a row may be a thing: a copy of a film in a store. The name says whether it is a pair.
    let named = table.primary_key().is_none() || names_pair(table, &one.table, &other.table);
    (plain && required && named && a != b && one.table != other.table).then(|| vec![a.clone(), b.clone()])
}

/// `post_tags`, `team_members`
fn names_pair(table: &Table, one: &QName, other: &QName) -> bool {
    const PAIRS: &[&str] = &[
        "assignment",
        "bookmark",
        "favorite",
        "follow",
        "like",
        "link",
        "mapping",
        "member",
        "membership",
        "relation",
    ];
    let own = noun(&table.name.name).iter().map(|word| Name::from(singular(word))).collect::<Vec<_>>();
    let last = |name: &QName| noun(&name.name).pop().unwrap_or_default();
    let both = own.contains(&last(one)) && own.contains(&last(other));
    both || own.last().is_some_and(|word| PAIRS.contains(&word.as_str()))
}
