use model::object::{Object, Role};
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A role is made superuser, so no privilege and no policy binds it; grant what it needs.
    ///
    /// A superuser reads and writes every database, files of the server included, and runs programs there. One injected
    /// statement under such a role is the loss of the machine.
    ///
    /// ```sql,bad
    /// CREATE ROLE shop_admin LOGIN SUPERUSER;
    /// ```
    /// ```sql,good
    /// CREATE ROLE shop_reader LOGIN;
    /// ```
    "S007", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for object in schema.of_kind(Kind::Role) {
        let Object::Role(role) = object else { continue };
        let has = |option: &str| role.options.iter().any(|other| other == option);
        // postgres is there before anybody creates it, and a dump of roles repeats it.
        if role.name == "postgres" || !(has("SUPERUSER") || has("BYPASSRLS")) {
            continue;
        }
        let (what, word) = match has("SUPERUSER") {
            true => ("no privilege binds", "SUPERUSER"),
            false => ("no policy binds", "BYPASSRLS"),
        };
        let path = Path::global(Kind::Role, role.name.clone());
        let mut options = role.options.clone();
        options.retain(|option| option != "SUPERUSER" && option != "BYPASSRLS");
        options.extend(["NOSUPERUSER".into(), "NOBYPASSRLS".into()]);
        let bound = Change::alter(path.clone(), Aspect::Role(Box::new(Role { options, ..role.clone() })));
        findings
            .at_words(&path, word, format!("{what} {}", role.name))
            .why("whatever it runs, nothing holds it back")
            .unsafe_fix(format!("take {word} away"), vec![bound]);
    }
}
