use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A password stands in the SQL, for whoever reads the repository; set it outside, and change the one that was here.
    ///
    /// It stays in every clone and in the history of versions after it is removed, and the server writes the statement into its
    /// log. `\password` of psql sends only the hash.
    ///
    /// ```sql,bad
    /// CREATE ROLE app LOGIN PASSWORD 'open sesame';
    /// ```
    /// ```sql,bad
    /// CREATE USER app;
    /// ALTER USER app WITH ENCRYPTED PASSWORD 'open sesame';
    /// ```
    /// ```sql,good
    /// CREATE ROLE app LOGIN;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app LOGIN PASSWORD NULL;
    /// CREATE ROLE hashed LOGIN PASSWORD 'SCRAM-SHA-256$4096:QUJDREVGR0g=$a2V5a2V5a2V5:c2VydmVy';
    /// ```
    "S017", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for object in schema.of_kind(Kind::Role) {
        let model::object::Object::Role(role) = object else { continue };
        let path = Path::global(Kind::Role, role.name.clone());
        if findings.says_password(&path) {
            findings
                .at_words(&path, "PASSWORD", format!("the password of {} stands here", role.name))
                .why("whoever reads the repository can log in as it");
        }
    }
}
