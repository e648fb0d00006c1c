use model::object::RoutineKind;
use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A function is written in an untrusted language, so its code runs on the server with the rights of the server's user; keep such work outside.
    ///
    /// It can read every file of the database, open connections and start programs. Only a superuser may create it, so the
    /// migration must run as one.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION cores() RETURNS integer LANGUAGE plpython3u AS 'return 1';
    /// ```
    /// ```sql,bad
    /// CREATE FUNCTION host() RETURNS text LANGUAGE plperlu AS 'return 1';
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION one() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
    /// ```
    "S025", note, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    const UNTRUSTED: &[&str] = &["plpython2u", "plpython3u", "plpythonu", "plperlu", "pltclu", "plsh"];
    for routine in schema.routines().filter(|routine| UNTRUSTED.contains(&routine.language.as_str())) {
        let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
        let path = Path::part(kind, &routine.name, routine.signature());
        findings
            .at_words(
                &path,
                &routine.language,
                format!("{} can do on the server whatever the server can", routine.name),
            )
            .why(format!("{} is untrusted: files, programs and connections are open to it", routine.language));
    }
}
