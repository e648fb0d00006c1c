//! Without a server: the acts lead to the second schema, and so do their statements, read again.

use std::collections::BTreeMap;

use migrate::diff::diff;
use model::object::Object;
use model::{Name, Path, Schema};

use super::{Pair, changed, number, read, settings, sql, texts};

/// What is wrong with the way from one to the other.
fn complaint(pair: &Pair, major: u16) -> Result<Option<String>, String> {
    let (before, after) = (texts(&sql::statements(&pair.before)), texts(&sql::statements(&pair.after)));
    let (from, to) = (read(&before, major)?, read(&after, major)?);
    if !diff(&from, &from, &settings(major, Vec::new())).is_empty() {
        return Ok(Some("differs from itself".to_owned()));
    }
    let found = diff(&from, &to, &settings(major, pair.renamed(&from, &to)));
    let statements = found.statements(&from);
    let shown = || format!("{}\n{}", changed(&before, &after), statements.join("\n"));
    if let Some(path) = found.left.first() {
        return Ok(Some(format!("no way to {} {path}\n{}", path.kind.sql(), shown())));
    }
    let mut reached = from.clone();
    for act in &found.acts {
        model::apply(&mut reached, &act.change).map_err(|refusal| refusal.to_string())?;
    }
    if let Some(path) = different(&reached, &to) {
        return Ok(Some(format!("arrives elsewhere: {path}\n{}", shown())));
    }
    let again: Vec<String> = before.iter().chain(&statements).cloned().collect();
    let again = match read(&again, major) {
        Ok(again) => again,
        Err(problem) => return Ok(Some(format!("its statements are not understood: {problem}\n{}", shown()))),
    };
    Ok(different(&again, &to).map(|path| format!("its statements lead elsewhere: {path}\n{}", shown())))
}

/// The first thing that is not the same, whatever the order of columns and parts.
fn different(found: &Schema, wanted: &Schema) -> Option<String> {
    let (one, other) = (things(found), things(wanted));
    let paths = one.keys().chain(other.keys());
    let mut different = paths.filter(|path| one.get(*path) != other.get(*path));
    if let Some(path) = different.next() {
        let (one, other) = (one.get(path), other.get(path));
        return Some(format!("{} {path}\n  found {one:?}\n  wanted {other:?}", path.kind.sql()));
    }
    let facts = |schema: &Schema| {
        let comments = schema.comments().map(|(path, comment)| (path.clone(), format!("comment {comment}")));
        let owners = schema.owners().map(|(path, owner)| (path.clone(), format!("owner {owner}")));
        let grants = schema.grants().map(|(path, grants)| {
            let (mut granted, mut revoked) = (grants.granted.clone(), grants.revoked.clone());
            granted.sort();
            revoked.sort();
            (path.clone(), format!("{granted:?} {revoked:?}"))
        });
        let mut facts: Vec<(Path, String)> = comments.chain(owners).chain(grants).collect();
        facts.sort();
        facts
    };
    let (one, other) = (facts(found), facts(wanted));
    let only =
        |one: &[(Path, String)], other: &[(Path, String)]| one.iter().find(|fact| !other.contains(fact)).cloned();
    only(&one, &other)
        .map(|fact| format!("found {fact:?}"))
        .or_else(|| only(&other, &one).map(|fact| format!("lacks {fact:?}")))
}

fn things(schema: &Schema) -> BTreeMap<Path, Object> {
    let sorted = |object: &Object| match object {
        Object::Table(table) => {
            let mut table = (**table).clone();
            // A table that became a child later has its columns from itself as well: no ALTER changes that.
            if !table.inherits.is_empty() {
                table.columns.iter_mut().for_each(|column| std::sync::Arc::make_mut(column).inherited = true);
                table.constraints.iter_mut().for_each(|own| own.inherited = true);
            }
            // Logged or not, the numbers of a table are as it is; CREATE TABLE leaves that out of the model.
            let columns = table.columns.iter_mut().map(std::sync::Arc::make_mut);
            columns.filter_map(|column| column.identity.as_mut()).for_each(|identity| {
                identity.sequence.persistence = model::object::Persistence::Permanent;
            });
            // A name that the second schema leaves to the database stays what it was.
            let columns = table.columns.iter_mut().map(std::sync::Arc::make_mut);
            columns.filter_map(|column| column.not_null.as_mut()).for_each(|own| own.name = None);
            // How a type of the user's is usually stored is not known, so that it can only be said in full.
            for column in table.columns.iter_mut().map(std::sync::Arc::make_mut) {
                column.storage = column.storage.take().filter(|storage| storage != "EXTENDED");
            }
            // A part that an index took and one that it made are parts alike.
            table.indexes.iter_mut().for_each(|index| index.inherited = index.attached_to.is_some());
            for key in table.indexes.iter_mut().flat_map(|index| &mut index.keys) {
                key.opclass.iter_mut().for_each(|class| class.schema = Name::default());
            }
            table.columns.sort_by(|one, other| one.name.cmp(&other.name));
            table.constraints.sort_by(|one, other| one.name.cmp(&other.name));
            table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            table.triggers.sort_by(|one, other| one.name.cmp(&other.name));
            table.rules.sort_by(|one, other| one.name.cmp(&other.name));
            table.policies.sort_by(|one, other| one.name.cmp(&other.name));
            Object::Table(table.into())
        }
        Object::Publication(publication) => {
            let mut publication = publication.clone();
            publication.tables.sort_by(|one, other| one.table.cmp(&other.table));
            Object::Publication(publication)
        }
        Object::View(view) => {
            let mut view = (**view).clone();
            view.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            view.triggers.sort_by(|one, other| one.name.cmp(&other.name));
            view.rules.sort_by(|one, other| one.name.cmp(&other.name));
            Object::View(view.into())
        }
        other => other.clone(),
    };
    schema.objects().map(|(path, object)| (path.clone(), sorted(object))).collect()
}

#[test]
fn the_way_leads_to_the_second_schema() {
    let start = number("PALLADIO_SEED", 0);
    let count = number("PALLADIO_MODEL_PAIRS", 1000);
    let mut wrong = Vec::new();
    let (mut same, mut unread) = (0, Vec::new());
    for seed in start..start + count {
        let major = [14, 15, 16, 17, 18][(seed % 5) as usize];
        let pair = Pair::of(seed, major);
        match complaint(&pair, major) {
            Ok(None) => same += 1,
            Ok(Some(words)) if wrong.len() < 12 => {
                let kind = |words: &str| words.split([':', '\n']).next().unwrap_or("").to_owned();
                let what = kind(&words);
                let small =
                    pair.shrunk(&mut |pair| matches!(complaint(pair, major), Ok(Some(words)) if kind(&words) == what));
                let words = complaint(&small, major).ok().flatten().unwrap_or(words);
                println!("== seed {seed} on {major}: {words}\n");
                wrong.push(format!("seed {seed} on {major}"));
            }
            Ok(Some(words)) => {
                println!("== seed {seed} on {major}: {}", words.lines().next().unwrap_or(""));
                wrong.push(format!("seed {seed} on {major}"));
            }
            Err(problem) => unread.push(format!("seed {seed}: {problem}")),
        }
    }
    println!("{same} of {count} pairs; {} could not be read", unread.len());
    assert!(unread.is_empty(), "{}", unread.join("\n"));
    assert!(wrong.is_empty(), "{} of {count}: {}", wrong.len(), wrong.join(", "));
}
