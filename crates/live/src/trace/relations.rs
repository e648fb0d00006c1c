//! The relations of a database by their numbers: what a lock is on, also when the relation is gone already.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::QName;
use postgres::{Client, Row};

pub(super) type Oid = u32;

/// What a relation is (`pg_class.relkind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelationKind {
    Table,
    PartitionedTable,
    ForeignTable,
    View,
    MaterializedView,
    Index,
    PartitionedIndex,
    Sequence,
    Composite,
    Toast,
}

impl RelationKind {
    fn of(letter: i8) -> RelationKind {
        match letter as u8 {
            b'p' => RelationKind::PartitionedTable,
            b'f' => RelationKind::ForeignTable,
            b'v' => RelationKind::View,
            b'm' => RelationKind::MaterializedView,
            b'i' => RelationKind::Index,
            b'I' => RelationKind::PartitionedIndex,
            b'S' => RelationKind::Sequence,
            b'c' => RelationKind::Composite,
            b't' => RelationKind::Toast,
            _ => RelationKind::Table,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            RelationKind::Table => "table",
            RelationKind::PartitionedTable => "partitioned table",
            RelationKind::ForeignTable => "foreign table",
            RelationKind::View => "view",
            RelationKind::MaterializedView => "materialized view",
            RelationKind::Index => "index",
            RelationKind::PartitionedIndex => "partitioned index",
            RelationKind::Sequence => "sequence",
            RelationKind::Composite => "composite type",
            RelationKind::Toast => "toast table",
        }
    }

    /// What a query can name.
    pub fn holds_rows(self) -> bool {
        self.is_table() || matches!(self, RelationKind::View | RelationKind::ForeignTable)
    }

    pub fn is_table(self) -> bool {
        matches!(self, RelationKind::Table | RelationKind::PartitionedTable | RelationKind::MaterializedView)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) name: QName,
    pub(super) kind: RelationKind,
    /// The file it lies in; what has no storage has none.
    pub(super) file: Option<Oid>,
}

impl Relation {
    /// From the columns name, schema, kind and file, the first at `first`; nothing when the relation is gone.
    pub(super) fn of_row(row: &Row, first: usize) -> Option<Relation> {
        let name: String = row.get::<_, Option<String>>(first)?;
        let schema: String = row.get(first + 1);
        let kind = RelationKind::of(row.get(first + 2));
        let file: Option<Oid> = row.get(first + 3);
        Some(Relation { name: QName::new(schema.as_str(), name.as_str()), kind, file: file.filter(|file| *file != 0) })
    }

    pub(super) fn is_toast(&self) -> bool {
        self.kind == RelationKind::Toast || self.name.schema == "pg_toast"
    }
}

/// All relations of the user's; a copy costs nothing until one of the two changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Relations(Arc<BTreeMap<Oid, Relation>>);

impl Relations {
    pub(super) fn read(client: &mut Client) -> Result<Relations, postgres::Error> {
        const ALL: &str = "
            SELECT c.oid, c.relname::text, n.nspname::text, c.relkind, pg_relation_filenode(c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid >= 16384";
        let rows = client.query(ALL, &[])?;
        let relations = rows.iter().filter_map(|row| Some((row.get(0), Relation::of_row(row, 1)?)));
        Ok(Relations(Arc::new(relations.collect())))
    }

    pub(super) fn get(&self, oid: Oid) -> Option<&Relation> {
        self.0.get(&oid)
    }

    pub(super) fn named(&self, name: &QName) -> Option<&Relation> {
        self.0.values().find(|relation| relation.name == *name)
    }

    pub(super) fn put(&mut self, oid: Oid, relation: Relation) {
        if self.0.get(&oid) != Some(&relation) {
            Arc::make_mut(&mut self.0).insert(oid, relation);
        }
    }

    pub(super) fn forget(&mut self, oid: Oid) {
        if self.0.contains_key(&oid) {
            Arc::make_mut(&mut self.0).remove(&oid);
        }
    }

    /// What lies in another file than before, by name.
    pub(super) fn rewritten_since(&self, before: &Relations) -> Vec<QName> {
        let moved = |(oid, relation): (&Oid, &Relation)| {
            let old = before.get(*oid)?;
            let changed = old.file.is_some() && relation.file.is_some() && old.file != relation.file;
            (changed && !relation.is_toast()).then(|| old.name.clone())
        };
        let mut names: Vec<QName> = self.0.iter().filter_map(moved).collect();
        names.sort();
        names
    }
}
