use std::collections::BTreeSet;

use model::object::{Grant, Grantee};
use model::{Aspect, Change, Kind, Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// Everybody with a connection may write: the privilege went to PUBLIC; grant it to a role.
    ///
    /// PUBLIC is every role there is and every one that will be, the reporting user included. Nobody can be excepted from it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT ALL ON orders TO PUBLIC;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT SELECT ON orders TO PUBLIC;
    /// ```
    "S005", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (path, grants) in schema.grants() {
        let to_public = grants.granted.iter().filter(|grant| grant.grantee == Grantee::Public);
        let writing: BTreeSet<Name> =
            to_public.flat_map(|grant| &grant.privileges).filter(|name| writes(path.kind, name)).cloned().collect();
        if writing.is_empty() {
            continue;
        }
        let revoke = Grant { grantee: Grantee::Public, privileges: writing.clone(), grantable: false };
        findings
            .at_words(path, "GRANT", format!("every role has {} on {path}", listed(&writing)))
            .why("PUBLIC includes roles that do not exist yet")
            .unsafe_fix("take it back from PUBLIC", vec![Change::alter(path.clone(), Aspect::Revoke(revoke))]);
    }
}

fn writes(kind: Kind, privilege: &Name) -> bool {
    let list: &[&str] = match kind {
        Kind::Table | Kind::View | Kind::Column => {
            &["ALL", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
        }
        Kind::Namespace => &["ALL", "CREATE"],
        Kind::Sequence => &["ALL", "UPDATE"],
        _ => &[],
    };
    list.contains(&privilege.as_str())
}
