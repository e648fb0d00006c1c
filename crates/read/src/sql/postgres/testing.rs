//! Schemas for tests, made by the interpreter from a few words.

use model::object::{Column, Enum, Object, Table};
use model::{Change, Kind, Name, Path, QName, Schema, Type};

/// A schema of tables with integer columns: `users(id, name); app.orders(id, user_id)`.
pub(super) fn tables(words: &str) -> Schema {
    let mut schema = Schema::default();
    for table in words.split(';').map(str::trim).filter(|table| !table.is_empty()) {
        let (name, columns) = table.trim_end_matches(')').split_once('(').expect("columns in parentheses");
        let name = qname(name.trim());
        make_namespace(&mut schema, &name);
        let mut made = Table::new(name.clone());
        made.columns =
            columns.split(',').map(|column| std::sync::Arc::new(Column::new(column.trim(), Type::Integer))).collect();
        create(&mut schema, Path::table(&name), Object::Table(made.into()));
    }
    schema
}

pub(super) fn with_enum(mut schema: Schema, name: &str) -> Schema {
    let name = qname(name);
    make_namespace(&mut schema, &name);
    let object = Object::Enum(Enum { name: name.clone(), values: vec!["a".into()] }.into());
    create(&mut schema, Path::object(Kind::Enum, &name), object);
    schema
}

fn make_namespace(schema: &mut Schema, name: &QName) {
    let path = Path::global(Kind::Namespace, name.schema.clone());
    if !schema.contains(&path) {
        create(schema, path, Object::Namespace(model::object::Namespace { name: name.schema.clone() }));
    }
}

fn create(schema: &mut Schema, path: Path, object: Object) {
    model::apply(schema, &Change::Create { path, object }).expect("nothing stands in the way");
}

fn qname(text: &str) -> QName {
    match text.split_once('.') {
        Some((schema, name)) => QName::new(schema, name),
        None => QName::public(text),
    }
}

/// `public`, or the schemas given.
pub(super) fn search_path(words: &[&str]) -> Vec<Name> {
    words.iter().map(|word| Name::new(*word)).collect()
}

/// What PostgreSQL says, where there is one to ask.
pub(super) mod psql {
    use live::testing;

    /// The lines of a table that say something.
    pub(in super::super) fn lines(table: &str) -> impl Iterator<Item = &str> {
        table.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// Makes a view of each text as it was written and as it is printed: the server's own text of both must be one,
    /// and the names of its columns those that `columns` foretells.
    pub(in super::super) fn compare(
        setup: &str,
        texts: &[(String, String)],
        columns: impl Fn(usize) -> Option<String>,
    ) {
        let Some(lab) = testing::lab_with_tools() else { return };
        let mut script = format!("BEGIN;\n{setup}");
        for (number, (written, printed)) in texts.iter().enumerate() {
            for (name, text) in [("w", written), ("p", printed)] {
                script.push_str(&format!("SAVEPOINT s; CREATE VIEW {name}{number} AS {text};\n"));
                script.push_str("\\if :ERROR\nROLLBACK TO s;\n\\endif\nRELEASE s;\n");
            }
            let text = |name: &str| format!("coalesce(pg_get_viewdef(to_regclass('{name}{number}')), 'refused')");
            script.push_str(&format!(
                "SELECT '{number}' || chr(1) || {} || chr(1) || {} || chr(1)
                     || (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
                         WHERE attrelid = to_regclass('w{number}')) || chr(2);\n",
                text("w"),
                text("p"),
            ));
        }
        script.push_str("ROLLBACK;\n");
        let (output, _) = lab.psql(&testing::database(lab), &script).expect("psql runs");
        let mut wrong = Vec::new();
        let mut refused: Vec<usize> = (0..texts.len()).collect();
        for record in output.split('\u{2}') {
            let fields: Vec<&str> = record.trim().split('\u{1}').collect();
            let [number, written, printed, names] = fields[..] else { continue };
            let number: usize = number.parse().expect("a number");
            refused.retain(|other| *other != number);
            let (text, ours) = &texts[number];
            if written != printed {
                wrong.push(format!("{text}\n  printed  {ours}\n  {written}\n  {printed}"));
            }
            if let Some(foretold) = columns(number).filter(|foretold| foretold != names) {
                wrong.push(format!("{text}\n  columns {names}\n  foretold {foretold}"));
            }
        }
        wrong.extend(refused.iter().map(|number| format!("{}\n  refused as written", texts[*number].0)));
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
    }
}
