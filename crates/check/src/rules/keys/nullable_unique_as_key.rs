use model::object::NotNull;
use model::{Aspect, Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{may_be_null, own_tables};
use crate::words::comma;

rule! {
    /// Other tables refer to a unique key that may be NULL; make it NOT NULL.
    ///
    /// A row whose key is NULL cannot be referred to, and any number of such rows may exist beside each other. Who joins over
    /// the key loses them without a word.
    ///
    /// ```sql,bad
    /// CREATE TABLE countries (id bigint PRIMARY KEY, code text UNIQUE);
    /// CREATE TABLE cities (id bigint PRIMARY KEY, country_code text REFERENCES countries (code));
    /// CREATE INDEX ON cities (country_code);
    /// ```
    /// ```sql,good
    /// CREATE TABLE countries (id bigint PRIMARY KEY, code text NOT NULL UNIQUE);
    /// CREATE TABLE cities (id bigint PRIMARY KEY, country_code text REFERENCES countries (code));
    /// CREATE INDEX ON cities (country_code);
    /// ```
    /// ```sql,good
    /// CREATE TABLE countries (id bigint PRIMARY KEY, code text UNIQUE);
    /// ```
    "K010", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    for table in own_tables(schema) {
        for reference in references.get(&table.name).into_iter().flatten() {
            // A part of a longer key may be missing on purpose.
            if reference.key.targets.len() > 1 {
                continue;
            }
            let in_key = |name: &Name| table.primary_key().is_some_and(|key| key.columns.contains(name));
            let nullable =
                |name: &&Name| table.column(name).is_some_and(|column| may_be_null(schema, column)) && !in_key(name);
            let nullable: Vec<&Name> = reference.key.targets.iter().filter(nullable).collect();
            let Some(first) = nullable.first() else { continue };
            let changes = nullable.iter().map(|name| {
                let path = Path::column(&table.name, (*name).clone());
                Change::alter(path, Aspect::NotNull(Some(NotNull::default())))
            });
            findings
                .at(
                    &Path::column(&table.name, (*first).clone()),
                    format!("a row of {} without {} cannot be referred to", table.name, comma(&nullable)),
                )
                .why(format!("{} refers to it; NULL equals nothing, so many rows may have none", reference.table.name))
                .unsafe_fix(format!("make {} NOT NULL", comma(&nullable)), changes.collect());
        }
    }
}
