use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};
use crate::query::Query;
use crate::ty::Type;

/// A function or procedure. Its identity is the name with the types of its input arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routine {
    pub name: QName,
    pub kind: RoutineKind,
    pub arguments: Vec<Argument>,
    pub returns: Returns,
    pub language: Name,
    pub body: Body,
    pub volatility: Volatility,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    pub parallel: Parallel,
    pub cost: Option<Name>,
    pub rows: Option<Name>,
    pub support: Option<Name>,
    /// `SET search_path = …` and its like: the name and the value as SQL.
    pub config: Vec<(Name, Sql)>,
    /// `TRANSFORM FOR TYPE …`
    pub transforms: Vec<Type>,
    /// Statements found in the body, as far as they could be seen.
    pub queries: Vec<Query>,
    /// The body holds dynamic SQL or is in a language that is not read.
    pub opaque: bool,
}

impl Routine {
    /// Without arguments and a body yet, and with what PostgreSQL takes where nothing is said.
    pub fn new(kind: RoutineKind, name: QName) -> Routine {
        Routine {
            name,
            kind,
            arguments: Vec::new(),
            returns: Returns::Nothing,
            language: Name::default(),
            body: Body::Source(Name::default()),
            volatility: Volatility::Volatile,
            strict: false,
            security_definer: false,
            leakproof: false,
            parallel: Parallel::Unsafe,
            cost: None,
            rows: None,
            support: None,
            config: Vec::new(),
            transforms: Vec::new(),
            queries: Vec::new(),
            opaque: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutineKind {
    Function,
    Window,
    Procedure,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    pub mode: ArgumentMode,
    pub name: Option<Name>,
    pub ty: Type,
    pub default: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentMode {
    In,
    Out,
    InOut,
    Variadic,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Procedures, and functions whose OUT arguments say it.
    Nothing,
    Type(Type),
    SetOf(Type),
    Table(Vec<(Name, Type)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The source between the quotes, byte for byte.
    Source(Name),
    /// `AS 'object file', 'link symbol'`
    Linked(Name, Name),
    /// `RETURN …` or `BEGIN ATOMIC … END`: parsed by the database when it is created.
    Parsed(Sql),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Volatility {
    #[default]
    Volatile,
    Stable,
    Immutable,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallel {
    #[default]
    Unsafe,
    Restricted,
    Safe,
}

impl Routine {
    /// The types that tell overloads apart, as one text: `integer, text`.
    pub fn signature(&self) -> Name {
        signature(self.arguments.iter().filter(|arg| arg.mode != ArgumentMode::Out).map(|arg| &arg.ty))
    }
}

/// The canonical argument list of a routine: its input types. Modifiers do not count (`varchar(5)` is `varchar`).
pub fn signature<'a>(types: impl Iterator<Item = &'a Type>) -> Name {
    let types: Vec<String> = types.map(|ty| ty.without_modifiers().to_string()).collect();
    types.join(", ").into()
}

impl Type {
    /// The type as PostgreSQL keeps it for arguments and casts of functions: without length or precision.
    pub fn without_modifiers(&self) -> Type {
        match self {
            Type::Numeric(_) => Type::Numeric(None),
            Type::Varchar(_) => Type::Varchar(None),
            Type::Char(_) => Type::Char(None),
            Type::Bit(_) => Type::Bit(None),
            Type::VarBit(_) => Type::VarBit(None),
            Type::Time { zone, .. } => Type::Time { zone: *zone, precision: None },
            Type::Timestamp { zone, .. } => Type::Timestamp { zone: *zone, precision: None },
            Type::Interval { .. } => Type::Interval { fields: None, precision: None },
            Type::Array(element) => element.without_modifiers().array(),
            Type::Named(named) => Type::named(named.name.clone()),
            other => other.clone(),
        }
    }
}
