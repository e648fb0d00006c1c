//! What a statement is read against: the schema so far and the search path.

use model::{Name, QName, Schema};

/// The session's view of the database at one statement.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) schema: &'a Schema,
    /// The schemas that unqualified names are looked up in, `pg_catalog` left out. The first is where new objects go.
    pub(crate) search_path: &'a [Name],
    /// Where the parsed text starts in its file: spans are offsets in the file.
    pub(crate) offset: u32,
}

/// The tables whose columns an expression can name without a FROM clause: the table of a check, default, index,
/// policy or trigger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) tables: Vec<ScopeTable>,
}

/// One table in scope, under the name that qualifies its columns there.
#[derive(Clone, Debug)]
pub(crate) struct ScopeTable {
    pub(crate) alias: Name,
    /// The table or view, when it is one that the schema knows.
    pub(crate) table: Option<QName>,
    pub(crate) columns: Vec<Name>,
}
