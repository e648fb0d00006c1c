//! Identity: an object is known by its kind, its schema, its name and, inside a table, the name of the part.

use std::fmt;

use crate::name::{Name, QName, quoted};

/// What kind of thing a path names. The order is the order of printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Namespace,
    Extension,
    Role,
    Language,
    AccessMethod,
    ForeignDataWrapper,
    Server,
    UserMapping,
    Collation,
    Enum,
    Domain,
    Composite,
    Range,
    /// A base or shell type, known by name.
    BaseType,
    Sequence,
    Table,
    Column,
    Constraint,
    Index,
    View,
    MaterializedView,
    Function,
    Procedure,
    Aggregate,
    Operator,
    OperatorClass,
    OperatorFamily,
    Cast,
    Conversion,
    Transform,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Trigger,
    EventTrigger,
    Rule,
    Policy,
    Statistics,
    Publication,
    Subscription,
    DefaultPrivileges,
    Database,
    Tablespace,
}

impl Kind {
    /// The words SQL uses, as in `COMMENT ON <words>`.
    pub fn sql(self) -> &'static str {
        match self {
            Kind::Namespace => "SCHEMA",
            Kind::Extension => "EXTENSION",
            Kind::Role => "ROLE",
            Kind::Language => "LANGUAGE",
            Kind::AccessMethod => "ACCESS METHOD",
            Kind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
            Kind::Server => "SERVER",
            Kind::UserMapping => "USER MAPPING",
            Kind::Collation => "COLLATION",
            Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType => "TYPE",
            Kind::Domain => "DOMAIN",
            Kind::Sequence => "SEQUENCE",
            Kind::Table => "TABLE",
            Kind::Column => "COLUMN",
            Kind::Constraint => "CONSTRAINT",
            Kind::Index => "INDEX",
            Kind::View => "VIEW",
            Kind::MaterializedView => "MATERIALIZED VIEW",
            Kind::Function => "FUNCTION",
            Kind::Procedure => "PROCEDURE",
            Kind::Aggregate => "AGGREGATE",
            Kind::Operator => "OPERATOR",
            Kind::OperatorClass => "OPERATOR CLASS",
            Kind::OperatorFamily => "OPERATOR FAMILY",
            Kind::Cast => "CAST",
            Kind::Conversion => "CONVERSION",
            Kind::Transform => "TRANSFORM",
            Kind::TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
            Kind::TextSearchDictionary => "TEXT SEARCH DICTIONARY",
            Kind::TextSearchParser => "TEXT SEARCH PARSER",
            Kind::TextSearchTemplate => "TEXT SEARCH TEMPLATE",
            Kind::Trigger => "TRIGGER",
            Kind::EventTrigger => "EVENT TRIGGER",
            Kind::Rule => "RULE",
            Kind::Policy => "POLICY",
            Kind::Statistics => "STATISTICS",
            Kind::Publication => "PUBLICATION",
            Kind::Subscription => "SUBSCRIPTION",
            Kind::DefaultPrivileges => "DEFAULT PRIVILEGES",
            Kind::Database => "DATABASE",
            Kind::Tablespace => "TABLESPACE",
        }
    }

    /// Kinds that live inside a table or view, so that `name` is the owner's and `part` their own.
    pub fn is_part(self) -> bool {
        matches!(self, Kind::Column | Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Rule | Kind::Policy)
    }

    /// Kinds whose identity includes the argument types, kept in `part`.
    pub fn has_signature(self) -> bool {
        matches!(self, Kind::Function | Kind::Procedure | Kind::Aggregate)
    }
}

/// Where a thing stands in a database. Equal paths are the same thing; a rename changes the path.
///
/// `schema` is empty for what lives in no schema (roles, extensions, schemas themselves). `part` is the column,
/// constraint, index, trigger, rule or policy inside the table or view `name`; for routines it is the list of argument
/// types. The table of an index is part of its identity; a statement about an index that nobody made leaves it empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    pub kind: Kind,
    pub schema: Name,
    pub name: Name,
    pub part: Name,
}

impl Path {
    /// An object in a schema: table, view, index, sequence, type, …
    pub fn object(kind: Kind, name: &QName) -> Path {
        Path { kind, schema: name.schema.clone(), name: name.name.clone(), part: Name::default() }
    }

    /// An object outside every schema: role, extension, publication, …
    pub fn global(kind: Kind, name: impl Into<Name>) -> Path {
        Path { kind, schema: Name::default(), name: name.into(), part: Name::default() }
    }

    /// A part of a table or view, or a routine with its signature.
    pub fn part(kind: Kind, owner: &QName, part: impl Into<Name>) -> Path {
        Path { kind, schema: owner.schema.clone(), name: owner.name.clone(), part: part.into() }
    }

    pub fn table(name: &QName) -> Path {
        Path::object(Kind::Table, name)
    }

    pub fn column(table: &QName, column: impl Into<Name>) -> Path {
        Path::part(Kind::Column, table, column)
    }

    pub fn constraint(table: &QName, constraint: impl Into<Name>) -> Path {
        Path::part(Kind::Constraint, table, constraint)
    }

    pub fn index(table: &QName, index: impl Into<Name>) -> Path {
        Path::part(Kind::Index, table, index)
    }

    /// The qualified name of the object, or of the table that the part belongs to.
    pub fn qname(&self) -> QName {
        QName { schema: self.schema.clone(), name: self.name.clone() }
    }

    /// The word by which people call it: the part's name, or the object's.
    pub fn last(&self) -> &Name {
        if self.part.is_empty() || self.kind.has_signature() { &self.name } else { &self.part }
    }
}

/// The name as people write it: `orders`, `app.orders.total`, `f(integer)`; an index without its table.
impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == Kind::Index {
            return QName { schema: self.schema.clone(), name: self.part.clone() }.fmt(out);
        }
        write!(out, "{}", self.qname())?;
        if self.kind.has_signature() {
            write!(out, "({})", self.part)
        } else if !self.part.is_empty() {
            write!(out, ".{}", quoted(&self.part))
        } else {
            Ok(())
        }
    }
}
