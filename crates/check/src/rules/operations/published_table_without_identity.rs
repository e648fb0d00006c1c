use model::object::{Index, Object, Persistence, Publication, ReplicaIdentity, Table};
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A published table has no replica identity, so every UPDATE and DELETE on it fails; give it a primary key, or name a unique index.
    ///
    /// The subscriber must find the row that changed. Without a key the publisher refuses: "cannot update table because it
    /// does not have a replica identity and publishes updates". INSERT still works, which hides it from most tests.
    ///
    /// ```sql,bad
    /// CREATE TABLE readings (sensor bigint NOT NULL, taken_at timestamptz NOT NULL, value numeric NOT NULL);
    /// CREATE UNIQUE INDEX readings_key ON readings (sensor, taken_at);
    /// CREATE PUBLICATION changes FOR TABLE readings;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE notes (body text);
    /// CREATE PUBLICATION everything FOR ALL TABLES;
    /// ```
    /// ```sql,good
    /// CREATE TABLE readings (sensor bigint NOT NULL, taken_at timestamptz NOT NULL, value numeric NOT NULL);
    /// CREATE UNIQUE INDEX readings_key ON readings (sensor, taken_at);
    /// ALTER TABLE readings REPLICA IDENTITY USING INDEX readings_key;
    /// CREATE PUBLICATION changes FOR TABLE readings;
    /// ```
    /// ```sql,good
    /// CREATE TABLE notes (body text);
    /// CREATE PUBLICATION changes FOR TABLE notes WITH (publish = 'insert');
    /// ```
    "O001", error, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let publications: Vec<&Publication> = schema
        .of_kind(Kind::Publication)
        .filter_map(|object| match object {
            Object::Publication(publication) => Some(publication),
            _ => None,
        })
        .filter(|publication| publishes_changes(publication))
        .collect();
    if publications.is_empty() {
        return;
    }
    for table in schema.tables().filter(|table| !table.is_partitioned() && table.foreign.is_none()) {
        let Some(publication) = publications.iter().find(|publication| holds(publication, table)) else { continue };
        if table.persistence != Persistence::Permanent || is_found(table) {
            continue;
        }
        let path = Path::table(&table.name);
        let changes = table.indexes.iter().find(|index| can_identify(table, index)).map(|index| {
            vec![Change::alter(path.clone(), Aspect::ReplicaIdentity(ReplicaIdentity::Index(index.name.clone())))]
        });
        let draft = findings
            .at(&path, format!("UPDATE and DELETE on {} fail", table.name))
            .why(format!("the publication {} holds it, and nothing tells its rows apart", publication.name));
        if let Some(changes) = changes {
            draft.fix("name the unique index that identifies a row", changes);
        }
    }
}

fn publishes_changes(publication: &Publication) -> bool {
    let what = publication.options.get("publish").map(|what| what.trim_matches('\'').to_lowercase());
    what.is_none_or(|what| what.contains("update") || what.contains("delete"))
}

fn holds(publication: &Publication, table: &Table) -> bool {
    publication.all_tables
        || publication.schemas.contains(&table.name.schema)
        || publication.tables.iter().any(|published| published.table == table.name)
}

fn is_found(table: &Table) -> bool {
    match &table.replica_identity {
        ReplicaIdentity::Default => table.primary_key().is_some(),
        ReplicaIdentity::Full | ReplicaIdentity::Index(_) => true,
        ReplicaIdentity::Nothing => false,
    }
}

/// A unique index over columns that are NOT NULL (ALTER TABLE, REPLICA IDENTITY).
fn can_identify(table: &Table, index: &Index) -> bool {
    let required = |column: Option<&model::Name>| {
        column.and_then(|name| table.column(name)).is_some_and(|column| !column.is_nullable())
    };
    index.unique && index.valid && index.predicate.is_none() && index.key_columns().into_iter().all(required)
}
