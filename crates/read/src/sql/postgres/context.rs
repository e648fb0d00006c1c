//! What a statement is read against: the schema so far and the search path.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use model::{Kind, Name, Path, QName, Schema};

use super::body::ParsedBody;
use super::columns::Columns;
use super::repeated::{Memory, Recalled};

/// The session's view of the database at one statement.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    schema: &'a Schema,
    /// The schemas that unqualified names are looked up in, `pg_catalog` left out. The first is where new objects go.
    search_path: &'a [Name],
    /// Where the parsed text starts in its file: spans are offsets in the file.
    pub(crate) offset: u32,
    /// Who keeps account of what was asked.
    witness: Option<&'a Witness>,
    /// The body of the routine that is read, when somebody has parsed it already.
    pub(super) body: Option<&'a ParsedBody>,
    /// Who remembers what columns say.
    memory: Option<&'a RefCell<Memory>>,
    /// Columns of the table that is read which its tree leaves out.
    pub(super) recalled: &'a [Recalled],
}

/// What a statement had to know to be read. One that asked for nothing says the same whatever the database holds, so
/// it can be read before those in front of it.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) asked_schema: Rc<Cell<bool>>,
    pub(crate) asked_search_path: Cell<bool>,
    /// Names that were looked up where nothing is known yet: what was read holds if they mean the same in their turn.
    pub(crate) looked_up: RefCell<Vec<LookUp>>,
}

/// A name, and what it was taken to mean.
#[derive(Clone, Debug)]
pub(crate) enum LookUp {
    Unqualified {
        name: Name,
        what: Sought,
        meant: QName,
    },
    /// What kind of relation it is; of the given kind where nothing is known of it.
    Relation {
        name: QName,
        kind: Kind,
        meant: Path,
    },
    /// Nothing has the name of this table or column.
    Free(Path),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Sought {
    Relation,
    Function,
}

impl LookUp {
    /// Whether the name means the same here.
    pub(crate) fn holds(&self, cx: Context<'_>) -> bool {
        match self {
            LookUp::Unqualified { name, what, meant } => cx.look_up(*what, name) == *meant,
            LookUp::Relation { name, kind, meant } => cx.known_relation(*kind, name) == *meant,
            LookUp::Free(path) => !cx.is_taken(path),
        }
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(schema: &'a Schema, search_path: &'a [Name], offset: u32) -> Context<'a> {
        Context { schema, search_path, offset, witness: None, body: None, memory: None, recalled: &[] }
    }

    /// The same view, under the eyes of a witness.
    pub(crate) fn witnessed(self, witness: &'a Witness) -> Context<'a> {
        Context { witness: Some(witness), ..self }
    }

    pub(crate) fn schema(self) -> &'a Schema {
        if let Some(witness) = self.witness {
            witness.asked_schema.set(true);
        }
        self.schema
    }

    pub(crate) fn search_path(self) -> &'a [Name] {
        if let Some(witness) = self.witness {
            witness.asked_search_path.set(true);
        }
        self.search_path
    }

    /// The same view, with the body at hand.
    pub(super) fn with_body(self, body: Option<&'a ParsedBody>) -> Context<'a> {
        Context { body, ..self }
    }

    /// The same view, with somebody who remembers what columns say.
    pub(super) fn remembered(self, memory: &'a RefCell<Memory>) -> Context<'a> {
        Context { memory: Some(memory), ..self }
    }

    /// The same view, with the columns that the tree leaves out.
    pub(super) fn recalling(self, recalled: &'a [Recalled]) -> Context<'a> {
        Context { recalled, ..self }
    }

    /// Notes what was looked up where a column was read that is recalled here.
    pub(super) fn note(self, looked_up: &[LookUp]) {
        if let Some(witness) = self.witness {
            witness.looked_up.borrow_mut().extend_from_slice(looked_up);
        }
    }

    /// How many names were looked up under the eyes of the witness.
    pub(super) fn look_ups(self) -> usize {
        self.witness.map_or(0, |witness| witness.looked_up.borrow().len())
    }

    /// Has something remembered together with the names that were looked up since then, unless more was asked.
    pub(super) fn remember(self, since: usize, learn: impl FnOnce(&mut Memory, &[LookUp])) {
        if let (Some(witness), Some(memory)) = (self.witness, self.memory)
            && !witness.asked_schema.get()
        {
            learn(&mut memory.borrow_mut(), &witness.looked_up.borrow()[since..]);
        }
    }

    /// What an unqualified name means. A witness notes it, and need not know the schema or the search path for it: the
    /// name is looked up again in its turn.
    pub(crate) fn look_up(self, what: Sought, name: &Name) -> QName {
        let meant = match (Context { witness: None, ..self }, what) {
            (cx, Sought::Relation) => cx.unqualified_relation(name),
            (cx, Sought::Function) => cx.unqualified_function(name),
        };
        if let Some(witness) = self.witness {
            let look_up = LookUp::Unqualified { name: name.clone(), what, meant: meant.clone() };
            witness.looked_up.borrow_mut().push(look_up);
        }
        meant
    }

    /// What a table, view, sequence, index or composite type is, which may be of the given kind as far as is known. It
    /// is noted likewise.
    pub(crate) fn known_relation(self, kind: Kind, name: &QName) -> Path {
        let meant = Context { witness: None, ..self }.relation_of(kind, name);
        if let Some(witness) = self.witness {
            let look_up = LookUp::Relation { name: name.clone(), kind, meant: meant.clone() };
            witness.looked_up.borrow_mut().push(look_up);
        }
        meant
    }

    /// Whether something has the name of the table or column already. It is noted likewise.
    pub(crate) fn is_taken(self, path: &Path) -> bool {
        if let Some(witness) = self.witness {
            witness.looked_up.borrow_mut().push(LookUp::Free(path.clone()));
            return false;
        }
        match path.kind {
            Kind::Column => self.schema.contains(path),
            _ => self.schema.relation(&path.qname()).is_some(),
        }
    }

    /// Whether it is read before its turn: what the schema holds then is not known yet.
    pub(crate) fn is_early(self) -> bool {
        self.witness.is_some()
    }

    /// The same view for a text that starts elsewhere in the file.
    pub(crate) fn at(self, offset: u32) -> Context<'a> {
        Context { offset, ..self }
    }

    /// The view of somebody who comes a little later.
    pub(crate) fn seeing(self, schema: &'a Schema) -> Context<'a> {
        Context { schema, ..self }
    }

    /// The names of the columns of a table or view, when the schema knows it.
    pub(crate) fn columns_of(self, relation: &QName) -> Option<Columns> {
        if let Some(witness) = self.witness {
            return Some(Columns::unknown(&witness.asked_schema));
        }
        if let Some(table) = self.schema().shared_table(relation) {
            return Some(Columns::of(table));
        }
        let view = self.schema().view(relation)?;
        (!view.columns.is_empty()).then(|| view.columns.iter().cloned().collect())
    }
}

/// The names that an expression can use at one place: the tables whose columns it sees, and what surrounds them.
///
/// For the check, default, index, policy or trigger of a table it holds that table; inside a query it holds the FROM
/// list, and the scopes around the query behind it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) tables: Vec<ScopeTable>,
    /// Common table expressions by name, with their columns as far as they are known; the innermost last.
    pub(crate) ctes: Vec<ScopeTable>,
    /// The scope around this query: its columns are seen when no column here has the name.
    pub(crate) outer: Option<Rc<Scope>>,
}

/// One table in scope, under the name that qualifies its columns there.
#[derive(Clone, Debug)]
pub(crate) struct ScopeTable {
    pub(crate) alias: Name,
    /// The table or view, when it is one that the schema knows.
    pub(crate) table: Option<QName>,
    /// Shared: a scope is copied for each query inside it.
    pub(crate) columns: Columns,
}

impl Scope {
    /// The scope of a clause of one table: its columns, also those that a statement is just about to make.
    pub(crate) fn of(table: &QName, columns: impl Into<Columns>) -> Scope {
        Scope::default().with(&table.name, table, columns.into())
    }

    /// The scope with one more table under that name: `OLD` and `NEW` of a rule or trigger.
    pub(crate) fn with(mut self, alias: &str, table: &QName, columns: Columns) -> Scope {
        self.tables.push(ScopeTable { alias: alias.into(), table: Some(table.clone()), columns });
        self
    }

    /// An empty scope inside this one, for a query within an expression.
    pub(crate) fn inner(&self) -> Scope {
        Scope { tables: Vec::new(), ctes: self.ctes.clone(), outer: Some(Rc::new(self.clone())) }
    }

    /// The table and alias that a column name belongs to: the innermost level that has it, if it is clear there.
    pub(crate) fn column(&self, qualifier: Option<&str>, name: &str) -> Option<&ScopeTable> {
        let mut level = Some(self);
        while let Some(scope) = level {
            let named = |table: &&ScopeTable| qualifier.is_none_or(|qualifier| table.alias == qualifier);
            let mut tables = scope.tables.iter().filter(named).peekable();
            let seen = qualifier.is_some() && tables.peek().is_some();
            let mut holders = tables.filter(|table| table.columns.contains(name));
            if let Some(holder) = holders.next() {
                return Some(holder);
            }
            if seen {
                return None;
            }
            level = scope.outer.as_deref();
        }
        None
    }

    /// The table of that alias, innermost first.
    pub(crate) fn table(&self, alias: &str) -> Option<&ScopeTable> {
        let here = self.tables.iter().rev().find(|table| table.alias == alias);
        here.or_else(|| self.outer.as_deref()?.table(alias))
    }

    /// The common table expression of that name.
    pub(crate) fn cte(&self, name: &str) -> Option<&ScopeTable> {
        self.ctes.iter().rev().find(|cte| cte.alias == name)
    }
}
