use model::object::{Constraint, ConstraintKind, Key, Table};
use model::{Change, Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::nouns::noun;
use crate::rule::Check;
use crate::subject::{column_path, keeps_past};

rule! {
    /// A column that should tell rows apart (an email of users, a slug, a code) may repeat; make it unique.
    ///
    /// Two sign-ups at the same moment make two accounts with one address: the application's “is it taken” runs before either
    /// has committed. From then on each lookup takes one of the two by chance.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE articles (id bigint PRIMARY KEY, slug text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// CREATE UNIQUE INDEX ON users (lower(email));
    /// CREATE TABLE invitations (id bigint PRIMARY KEY, email text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE blogs (id bigint PRIMARY KEY);
    /// CREATE TABLE articles (id bigint PRIMARY KEY, blog_id bigint NOT NULL, slug text NOT NULL, UNIQUE (blog_id, slug));
    /// CREATE TABLE article_versions (id bigint PRIMARY KEY, slug text NOT NULL);
    /// ```
    "K015", fix, Check::Table(check)
}

/// Tables whose rows are people with a login.
const PEOPLE: &[&str] = &["account", "admin", "login", "user"];
/// What tells rows apart by its meaning, in any table of things.
const NAMES: &[&str] = &["slug", "sku", "isbn", "iban", "vin"];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() {
        return;
    }
    if keeps_past(&table.name.name) {
        return;
    }
    let of_people = matches!(noun(&table.name.name).as_slice(), [only] if PEOPLE.contains(&only.as_str()));
    for column in table.columns.iter().filter(|column| !column.inherited) {
        let is_name = match column.name.as_str() {
            "email" | "username" | "user_name" | "login" => of_people,
            name => NAMES.contains(&name),
        };
        // A row that belongs to another is told apart beside it: which columns do, only its author knows.
        let owned = table.foreign_keys().next().is_some() && !of_people;
        let beside = ["connector", "provider", "realm", "tenant_id", "domain"];
        let owned = owned || beside.iter().any(|name| table.column(name).is_some());
        if !is_name || owned || is_unique(table, &column.name) || column.is_nullable() || column.default.is_some() {
            continue;
        }
        let key = Key { columns: vec![column.name.clone()], ..Key::default() };
        let unique = Constraint::new(Name::default(), ConstraintKind::Unique(key));
        findings
            .at(&column_path(table, column), format!("two rows of {} may have the same {}", table.name, column.name))
            .why("two requests at once both see that it is free, and both take it")
            .unsafe_fix("make it unique", vec![Change::add_constraint(&table.name, unique)]);
    }
}

/// Something unique speaks of the column: alone, with others, in part of the rows, by an expression.
fn is_unique(table: &Table, name: &Name) -> bool {
    let by_index = table.indexes.iter().any(|index| index.unique && index.columns().contains(&name));
    by_index || table.constraints.iter().any(|constraint| constraint.has_index() && constraint.columns().contains(name))
}
