use std::collections::BTreeSet;

use model::object::{Body, Object};
use model::{Change, Kind, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// No column, domain or function uses an enum; drop it.
    ///
    /// It was left behind when its columns were dropped or became text. Code generators still write it out, and the next author
    /// takes it for the list that counts.
    ///
    /// ```sql,bad
    /// CREATE TYPE color AS ENUM ('red', 'green');
    /// CREATE TABLE cars (id bigint PRIMARY KEY, color text);
    /// ```
    /// ```sql,good
    /// CREATE TYPE color AS ENUM ('red', 'green');
    /// CREATE TABLE cars (id bigint PRIMARY KEY, colors color[]);
    /// ```
    /// ```sql,good
    /// CREATE TYPE color AS ENUM ('red', 'green');
    /// CREATE FUNCTION is_warm(c text) RETURNS boolean LANGUAGE plpgsql AS
    ///     'BEGIN RETURN c::color = ''red''; END';
    /// ```
    "T025", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut used: BTreeSet<QName> = BTreeSet::new();
    let mut texts: Vec<String> = Vec::new();
    let mut note = |ty: &Type| used.extend(ty.user_defined().cloned());
    for (_, object) in schema.objects() {
        match object {
            Object::Table(table) => table.columns.iter().for_each(|column| note(&column.ty)),
            Object::Domain(domain) => note(&domain.base),
            Object::Composite(composite) => composite.attributes.iter().for_each(|attribute| note(&attribute.ty)),
            Object::Enum(_) | Object::Sequence(_) | Object::Namespace(_) | Object::Extension(_) => {}
            Object::Routine(routine) => {
                routine.arguments.iter().for_each(|argument| note(&argument.ty));
                match &routine.body {
                    Body::Source(source) => texts.push(source.to_string()),
                    other => texts.push(format!("{other:?}")),
                }
                texts.push(format!("{:?}", routine.returns));
            }
            // Casts in views and whatever else: the name in its text is use enough.
            Object::View(view) => texts.push(view.query.sql.to_string()),
            other => texts.push(format!("{other:?}")),
        }
    }
    let casts = findings.queries().iter().map(|query| query.query.sql.to_string());
    texts.extend(casts);
    for ty in schema.enums() {
        let named = || texts.iter().any(|text| text.contains(ty.name.name.as_str()));
        if used.contains(&ty.name) || named() {
            continue;
        }
        let path = Path::object(Kind::Enum, &ty.name);
        findings
            .at(&path, format!("nothing uses {}", ty.name))
            .why("code generators write it out, and readers take it for the list that counts")
            .unsafe_fix("drop it", vec![Change::drop(path)]);
    }
}
