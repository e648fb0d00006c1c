use super::Options;
use crate::expr::Expr;
use crate::name::{Name, QName};

/// An index that somebody created; the index behind a key is part of its constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// In the schema of its table. Empty in a change whose statement left the name to the database.
    pub name: Name,
    pub method: Name,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    pub keys: Vec<IndexKey>,
    pub include: Vec<Name>,
    pub predicate: Option<Expr>,
    pub options: Options,
    pub tablespace: Option<Name>,
    /// False for an index on a partitioned table made with ONLY, until every partition has its part attached, and
    /// for one that a failed concurrent build left behind.
    pub valid: bool,
    /// The index of the partitioned table that this one is a part of.
    pub attached_to: Option<QName>,
    /// Made by the database for a partition when the parent's index was made.
    pub inherited: bool,
    /// `ALTER TABLE … CLUSTER ON` this index.
    pub clustered: bool,
    /// `ALTER INDEX … ALTER COLUMN n SET STATISTICS`, by key position from 1.
    pub statistics: Vec<(u16, i32)>,
}

/// One key of an index: a column or an expression, how it is compared, and its direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    pub expr: Expr,
    pub collation: Option<QName>,
    /// With an empty schema when the operator class is built in or its schema is unknown.
    pub opclass: Option<QName>,
    pub opclass_options: Options,
    pub descending: bool,
    /// Where NULLs sort. The default is first when descending, last otherwise.
    pub nulls_first: bool,
}

impl IndexKey {
    pub fn column(name: impl Into<Name>) -> IndexKey {
        IndexKey {
            expr: Expr::column(name),
            collation: None,
            opclass: None,
            opclass_options: Options::new(),
            descending: false,
            nulls_first: false,
        }
    }
}

impl Index {
    pub fn btree(name: impl Into<Name>, columns: impl IntoIterator<Item = Name>) -> Index {
        Index {
            name: name.into(),
            method: "btree".into(),
            unique: false,
            nulls_not_distinct: false,
            keys: columns.into_iter().map(IndexKey::column).collect(),
            include: Vec::new(),
            predicate: None,
            options: Options::new(),
            tablespace: None,
            valid: true,
            attached_to: None,
            inherited: false,
            clustered: false,
            statistics: Vec::new(),
        }
    }

    /// The key columns in order; `None` stands for an expression.
    pub fn key_columns(&self) -> Vec<Option<&Name>> {
        self.keys.iter().map(|key| key.expr.as_column()).collect()
    }

    /// Every column the index depends on.
    pub fn columns(&self) -> Vec<&Name> {
        let keys = self.keys.iter().flat_map(|key| key.expr.columns());
        keys.chain(&self.include).chain(self.predicate.iter().flat_map(|predicate| predicate.columns())).collect()
    }
}
