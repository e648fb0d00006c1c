use model::object::{Column, Event, Table, Timing};
use model::query::{FoundQuery, Origin, QueryKind};
use model::{Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// An INSERT leaves out a NOT NULL column that has no default, and fails whenever it runs; give it a value.
    ///
    /// PostgreSQL puts NULL where the statement says nothing, and answers "null value violates not-null constraint".
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    /// -- queries
    /// INSERT INTO users (id) VALUES ($1);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, plan text NOT NULL);
    /// CREATE TABLE leads (email text NOT NULL);
    /// -- queries
    /// INSERT INTO users (email) SELECT email FROM leads;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL DEFAULT '', nick text);
    /// -- queries
    /// INSERT INTO users (nick) VALUES ($1);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, slug text NOT NULL);
    /// CREATE FUNCTION name_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.slug := 'x'; RETURN NEW; END $$;
    /// CREATE TRIGGER name_it BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION name_it();
    /// -- queries
    /// INSERT INTO users (id) VALUES ($1);
    /// ```
    "Q032", error, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    if !matches!(found.origin, Origin::File | Origin::Routine(_)) || findings.is_test(found.place) {
        return;
    }
    for level in levels(&found.query).into_iter().filter(|level| level.kind == QueryKind::Insert) {
        let Some(write) = level.write.as_ref().filter(|write| !write.columns.is_empty()) else { continue };
        let Some(table) = schema.table(&write.table).filter(|table| !fills_rows(table) && table.foreign.is_none())
        else {
            continue;
        };
        let missing: Vec<&Name> = table
            .columns
            .iter()
            .filter(|column| needs_value(schema, column) && !write.columns.contains(&column.name))
            .map(|column| &column.name)
            .collect();
        if missing.is_empty() {
            continue;
        }
        findings
            .here(found.place, format!("{} of {} gets no value", listed(&missing), table.name))
            .span(level.span)
            .words("INSERT INTO")
            .why("the column is NOT NULL and has no default: each such INSERT fails");
    }
}

fn needs_value(schema: &Schema, column: &Column) -> bool {
    let domain = column.ty.user_defined().and_then(|name| schema.domains().find(|domain| domain.name == *name));
    !column.is_nullable()
        && column.default.is_none()
        && column.identity.is_none()
        && column.generated.is_none()
        && domain.is_none_or(|domain| domain.default.is_none())
}

/// A trigger or a rule may put in what the statement leaves out.
fn fills_rows(table: &Table) -> bool {
    let before =
        |trigger: &model::object::Trigger| trigger.timing != Timing::After && trigger.events.contains(&Event::Insert);
    table.triggers.iter().any(before) || !table.rules.is_empty()
}
