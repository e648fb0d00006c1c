use model::{Kind, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::losses;
use crate::rule::Check;

rule! {
    /// Dropping a function breaks whoever still calls it; stop calling it first, and drop it one release later.
    ///
    /// PostgreSQL refuses the drop while a view, a default or a trigger calls the function, but it does not look into the
    /// bodies of other functions, nor into the code of the release that is still running: both fail at their next call.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.19';
    /// -- next migration
    /// DROP FUNCTION net(numeric);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE PROCEDURE archive() LANGUAGE sql AS 'DELETE FROM orders WHERE id < 1000';
    /// -- next migration
    /// DROP PROCEDURE archive();
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.19';
    /// -- next migration
    /// DROP FUNCTION net(numeric);
    /// CREATE FUNCTION net(gross numeric, rate numeric DEFAULT 0.19) RETURNS numeric LANGUAGE sql IMMUTABLE
    /// AS 'SELECT gross / (1 + rate)';
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    /// CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    /// -- next migration
    /// DROP TRIGGER stamp ON orders;
    /// DROP FUNCTION stamp();
    /// ```
    "M028", note, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for loss in losses(migrations, &[Kind::Function, Kind::Procedure, Kind::Aggregate]) {
        // Nobody but a trigger can call a trigger function, and those the database knows.
        if returns_trigger(&loss.step.before, loss.path) {
            continue;
        }
        findings
            .here(loss.place, format!("whoever still calls {} fails", loss.path))
            .about(loss.path.clone())
            .words("DROP")
            .why("callers in other functions and in the running release are not looked at by the database");
    }
}

fn returns_trigger(schema: &model::Schema, path: &model::Path) -> bool {
    use model::object::{Object, Returns};
    match schema.object(path) {
        Some(Object::Routine(routine)) => match &routine.returns {
            Returns::Type(ty) => matches!(ty.to_string().as_str(), "trigger" | "event_trigger"),
            Returns::Nothing | Returns::SetOf(_) | Returns::Table(_) => false,
        },
        _ => false,
    }
}
