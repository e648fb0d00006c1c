use model::object::ConstraintKind;
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::comma;

rule! {
    /// A unique constraint holds a whole key and more, so it forbids nothing; drop it, or shorten it.
    ///
    /// When `id` is unique, `(id, name)` is unique whatever the names are. What was meant is mostly `name` alone, which may now
    /// repeat; what is left is an index that every INSERT pays for. As the target of a foreign key, or as
    /// the index of another column that it begins with, it has a purpose and is left alone.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, nick text NOT NULL, UNIQUE (id, nick));
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, UNIQUE (tenant_id, id));
    /// CREATE TABLE posts (
    ///     id bigint PRIMARY KEY,
    ///     tenant_id bigint NOT NULL,
    ///     user_id bigint NOT NULL,
    ///     FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    /// );
    /// CREATE INDEX ON posts (tenant_id, user_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
    /// ```
    "K029", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    for table in own_tables(schema).filter(|table| !table.is_partitioned()) {
        let Some(primary) = table.primary_key() else { continue };
        for constraint in table.constraints.iter().filter(|constraint| !constraint.inherited) {
            let ConstraintKind::Unique(key) = &constraint.kind else { continue };
            let holds = primary.columns.iter().all(|name| key.columns.contains(name));
            let same = |targets: &[Name]| {
                targets.len() == key.columns.len() && targets.iter().all(|name| key.columns.contains(name))
            };
            let referred = references.get(&table.name).into_iter().flatten().any(|it| same(&it.key.targets));
            let identity = match &table.replica_identity {
                model::object::ReplicaIdentity::Index(name) => *name == constraint.name,
                _ => false,
            };
            // One that begins with another column serves as the index of that column.
            let serves = key.columns.first().is_some_and(|first| !primary.columns.contains(first));
            if !holds || serves || key.columns.len() <= primary.columns.len() || referred || identity {
                continue;
            }
            let path = Path::constraint(&table.name, constraint.name.clone());
            findings
                .at(&path, format!("({}) is unique whatever the rest is", comma(&key.columns)))
                .why(format!("it holds the key ({}); the other columns may repeat", comma(&primary.columns)))
                .unsafe_fix("drop it", vec![Change::drop(path)]);
        }
    }
}
