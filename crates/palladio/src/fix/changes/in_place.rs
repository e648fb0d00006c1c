//! A change as an edit of the text that made the thing. What is not simple is nothing: then statements do it.

use model::{Aspect, Change, Edit, Place, Reading, Type};

/// The edits that make the change, or nothing.
pub(super) fn edits(change: &Change, reading: &Reading) -> Option<Vec<Edit>> {
    match change {
        Change::Alter { path, aspect: Aspect::Type { ty, collation: None } } => {
            let place = reading.places.of(path).iter().rev().find_map(|mark| mark.ty)?;
            let text = type_text(reading.sources.text(place), ty)?;
            Some(vec![Edit { place, text }])
        }
        Change::Alter { path, aspect: Aspect::NotNull(Some(not_null)) }
            if *not_null == model::object::NotNull::default() =>
        {
            let [mark] = reading.places.of(path) else { return None };
            let place = Place { start: mark.whole.end, ..mark.whole };
            Some(vec![Edit { place, text: " NOT NULL".to_owned() }])
        }
        Change::Drop { path, cascade: false } => {
            let [mark] = reading.places.of(path) else { return None };
            let place = statement(change, reading).or_else(|| item(mark.whole, reading))?;
            Some(vec![Edit { place, text: String::new() }])
        }
        _ => None,
    }
}

/// The words for the type: a `serial` stays one.
fn type_text(old: &str, ty: &Type) -> Option<String> {
    let old = old.to_ascii_lowercase();
    if !old.contains("serial") {
        return Some(ty.to_string());
    }
    match ty {
        Type::BigInt => Some("bigserial".to_owned()),
        Type::Integer => Some("serial".to_owned()),
        _ => None,
    }
}

/// The whole statement with its semicolon and line, when all that it does is to make the thing.
fn statement(change: &Change, reading: &Reading) -> Option<Place> {
    let path = change.path();
    let steps = reading.migrations.iter().flat_map(|migration| &migration.steps);
    let mark = reading.places.first(path)?.whole;
    let mut around = steps
        .filter(|step| step.place.file == mark.file && step.place.start <= mark.start && mark.end <= step.place.end);
    let step = around.next()?;
    let [Change::Create { .. }] = &step.changes[..] else { return None };
    if path.kind == model::path::Kind::Constraint && matches!(step.changes[0].path().kind, model::path::Kind::Table) {
        return None;
    }
    let text = &reading.sources.file(mark.file).text;
    let end = step.place.end as usize;
    let rest = if text[..end].ends_with(';') { &text[end..] } else { text[end..].trim_start().strip_prefix(';')? };
    let end = text.len() - rest.trim_start_matches([' ', '\t']).len();
    let line = text[end..].strip_prefix("\r\n").or_else(|| text[end..].strip_prefix('\n'));
    let end = line.map_or(end, |rest| text.len() - rest.len());
    Some(Place { end: end as u32, ..step.place })
}

/// An item of a list with the comma on one of its sides, or a clause inside an item.
fn item(whole: Place, reading: &Reading) -> Option<Place> {
    let text = &reading.sources.file(whole.file).text;
    let before = text.get(..whole.start as usize)?.trim_end();
    let after = text.get(whole.end as usize..)?;
    let place = |start: usize, end: usize| Some(Place::new(whole.file, start as u32, end as u32));
    match before.chars().next_back()? {
        ',' => place(before.len() - 1, whole.end as usize),
        '(' => {
            let rest = after.trim_start().strip_prefix(',')?;
            place(whole.start as usize, text.len() - rest.trim_start().len())
        }
        _ => place(before.len(), whole.end as usize),
    }
}

#[cfg(test)]
mod tests {
    use model::object::NotNull;
    use model::place::Mark;
    use model::{FileId, Path, QName};

    use super::*;

    /// A text in which `[…]` marks the thing and `<…>` its type, a change of the thing, and the text after it.
    fn check(marked: &str, change: impl Fn(Path) -> Change, expected: Option<&str>) {
        let text = marked.replace(['[', ']', '<', '>'], "");
        let offset = |mark: char| {
            let before = &marked[..marked.find(mark)?];
            Some(before.replace(['[', ']', '<', '>'], "").len() as u32)
        };
        let between = |open, close| Some(Place::new(FileId(0), offset(open)?, offset(close)?));
        let path = Path::column(&QName::public("t"), "a");
        let mut reading = Reading::default();
        reading.sources.add("a.sql", text.clone(), Vec::new());
        let whole = between('[', ']').expect("the thing is marked");
        reading.places.add(path.clone(), Mark { ty: between('<', '>'), ..Mark::whole(whole) });
        let after = edits(&change(path), &reading).map(|edits| {
            let mut text = text.clone();
            for edit in edits.iter().rev() {
                text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
            }
            text
        });
        assert_eq!(after.as_deref(), expected);
    }

    #[test]
    fn a_type_is_replaced_where_it_was_said_last() {
        let change = |path| Change::set_type(path, Type::BigInt);
        check("CREATE TABLE t ([a <int> DEFAULT 1]);", change, Some("CREATE TABLE t (a bigint DEFAULT 1);"));
        check("CREATE TABLE t ([a <serial>]);", change, Some("CREATE TABLE t (a bigserial);"));
        let text = |path| Change::set_type(path, Type::Text);
        check("CREATE TABLE t ([a <serial>]);", text, None);
    }

    #[test]
    fn not_null_goes_to_the_end_of_the_column() {
        let change = |path| Change::alter(path, Aspect::NotNull(Some(NotNull::default())));
        check("CREATE TABLE t ([a int], b int);", change, Some("CREATE TABLE t (a int NOT NULL, b int);"));
    }

    #[test]
    fn a_clause_is_dropped_with_one_comma() {
        for (before, after) in [
            ("CREATE TABLE t ([a int], b int);", Some("CREATE TABLE t (b int);")),
            ("CREATE TABLE t (b int, [a int]);", Some("CREATE TABLE t (b int);")),
            ("CREATE TABLE t (b int,\n  [a int],\n  c int);", Some("CREATE TABLE t (b int,\n  c int);")),
            ("CREATE TABLE t (b int [REFERENCES x], c int);", Some("CREATE TABLE t (b int, c int);")),
            ("CREATE TABLE t ([a int]);", None),
        ] {
            check(before, Change::drop, after);
        }
    }
}
