use model::object::{Grant, Grantee};
use model::{Aspect, Change, Kind, Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// `GRANT ALL` gives a role TRUNCATE, TRIGGER and REFERENCES as well, which no application needs; name the privileges.
    ///
    /// TRUNCATE empties the table past every row policy and row trigger. TRIGGER lets the role run its own code with the rights
    /// of whoever writes to the table next.
    ///
    /// ```sql,bad
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT ALL ON orders TO app;
    /// ```
    /// ```sql,bad
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// GRANT ALL PRIVILEGES ON orders, coupons TO app;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app;
    /// CREATE SEQUENCE numbers;
    /// GRANT ALL ON SEQUENCE numbers TO app;
    /// ```
    "S014", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (path, grants) in schema.grants().filter(|(path, _)| path.kind == Kind::Table) {
        for grant in grants.granted.iter().filter(|grant| grant.privileges.contains("ALL")) {
            let Grantee::Role(role) = &grant.grantee else { continue };
            // Who owns the table has it all anyway.
            if schema.owner(path) == Some(role) || role == "postgres" {
                continue;
            }
            let named = |names: &[&'static str]| names.iter().map(|name| Name::new_static(name)).collect();
            let all = Grant { privileges: named(&["ALL"]), ..grant.clone() };
            let needed = Grant { privileges: named(&["SELECT", "INSERT", "UPDATE", "DELETE"]), ..grant.clone() };
            let changes = vec![
                Change::alter(path.clone(), Aspect::Revoke(Grant { grantable: false, ..all })),
                Change::alter(path.clone(), Aspect::Grant(needed)),
            ];
            findings
                .at_words(path, "GRANT", format!("{role} may empty {path} and hang triggers on it"))
                .why("ALL includes TRUNCATE, which no policy and no row trigger sees, TRIGGER and REFERENCES")
                .unsafe_fix("grant what an application needs", changes);
        }
    }
}
