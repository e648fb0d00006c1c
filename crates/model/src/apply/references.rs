//! What an object names: the tables, columns, types, functions and other things it cannot be without.

mod walk;

pub(crate) use walk::look::{self, Ref};
pub(crate) use walk::rewrite::{self, RefMut};

use std::collections::BTreeSet;

use crate::name::{LONGEST, Name, PUBLIC, QName, quoted};
use crate::object::Object;
use crate::path::{Kind, Path};
use crate::schema::Schema;

/// Everything that the object under this path needs, in order and without repeats: what must be there before it is
/// made. Names that the schema does not know are left out; a function is all its overloads.
pub fn references(schema: &Schema, path: &Path, object: &Object) -> Vec<Path> {
    let mut found = BTreeSet::new();
    look::object(path, object, &mut |_, reference| found.extend(resolve(schema, &reference)));
    found.remove(path);
    found.into_iter().collect()
}

/// Each name in the object: the part that holds it, and what it leads to. A column that a query names without saying
/// whose it is leads to the columns of that name of every table in sight, and `*` to all of theirs.
pub fn ties(schema: &Schema, path: &Path, object: &Object) -> Vec<(Path, Path)> {
    let mut found = Vec::new();
    look::object(path, object, &mut |holder, reference| {
        let targets = match &reference {
            Ref::Guess(sources, column) => {
                let named = sources.iter().map(|source| Path::column(&source.table, (*column).clone()));
                named.filter(|column| schema.contains(column)).collect()
            }
            Ref::Star(sources) => sources.iter().flat_map(|source| columns(schema, &source.table)).collect(),
            other => resolve(schema, other),
        };
        found.extend(targets.into_iter().map(|target| (holder.clone(), target)));
    });
    found
}

fn columns(schema: &Schema, table: &QName) -> Vec<Path> {
    let of_table = schema.table(table).into_iter().flat_map(|table| &table.columns).map(|column| &column.name);
    let of_view = schema.view(table).into_iter().flat_map(|view| &view.columns);
    of_table.chain(of_view).map(|column| Path::column(table, column.clone())).collect()
}

/// What a reference leads to.
pub(crate) fn resolve(schema: &Schema, reference: &Ref<'_>) -> Vec<Path> {
    match reference {
        Ref::Relation(name) | Ref::Index(name) => schema.relation(name).cloned().into_iter().collect(),
        Ref::Column(table, column) => vec![Path::column(table, (*column).clone())],
        Ref::Guess(..) | Ref::Qualifier(..) | Ref::Star(_) => Vec::new(),
        Ref::Type(name) => schema.type_source(name).into_iter().collect(),
        Ref::Routine(name) => schema.overloads(name).cloned().collect(),
        Ref::Collation(name) => known(schema, Path::object(Kind::Collation, name)),
        Ref::Role(name) => known(schema, Path::global(Kind::Role, (*name).clone())),
        Ref::Namespace(name) => known(schema, Path::global(Kind::Namespace, (*name).clone())),
        Ref::Server(name) => known(schema, Path::global(Kind::Server, (*name).clone())),
        Ref::Regclass(text) => regclass(text).and_then(|name| schema.relation(&name)).cloned().into_iter().collect(),
        // A multirange is there with its range.
        Ref::Path(path) if path.kind == Kind::Range => schema.type_source(&path.qname()).into_iter().collect(),
        Ref::Path(path) => vec![(*path).clone()],
    }
}

fn known(schema: &Schema, path: Path) -> Vec<Path> {
    if schema.contains(&path) { vec![path] } else { Vec::new() }
}

/// The relation that the text of a `regclass` names: `orders_id_seq`, `app."Orders"`.
pub(crate) fn regclass(text: &str) -> Option<QName> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    loop {
        let (word, after) = word(rest)?;
        words.push(word);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    let name = words.pop()?;
    Some(QName { schema: words.pop().unwrap_or(PUBLIC), name })
}

/// The first identifier of a text, folded or unquoted, and what comes after it.
fn word(text: &str) -> Option<(Name, &str)> {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let word = text[..end].to_lowercase();
        return (!word.is_empty() && word.len() <= LONGEST).then(|| (word.into(), &text[end..]));
    };
    let mut name = String::new();
    let mut letters = inside.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '"' {
            name.push(letter);
        } else if letters.next_if(|(_, next)| *next == '"').is_some() {
            name.push('"');
        } else {
            return Some((name.into(), &inside[at + 1..]));
        }
    }
    None
}

/// The text of a `regclass` for that relation, qualified when the old text was or when it has to be.
pub(crate) fn regclass_text(name: &QName, qualified: bool) -> Name {
    match qualified || name.schema != PUBLIC {
        true => format!("{}.{}", quoted(&name.schema), quoted(&name.name)).into(),
        false => quoted(&name.name).into(),
    }
}
