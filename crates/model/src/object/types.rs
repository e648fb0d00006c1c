use super::{NotNull, Options};
use crate::apply::references::regclass;
use crate::expr::Expr;
use crate::name::{LONGEST, Name, QName};
use crate::ty::Type;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    pub name: QName,
    pub values: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    pub name: QName,
    pub base: Type,
    pub collation: Option<QName>,
    pub default: Option<Expr>,
    pub not_null: Option<NotNull>,
    pub checks: Vec<DomainCheck>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainCheck {
    /// Empty in a change whose statement left the name to the database.
    pub name: Name,
    /// The value is the column `value`.
    pub expr: Expr,
    pub valid: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composite {
    pub name: QName,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Name,
    pub ty: Type,
    pub collation: Option<QName>,
}

/// `CREATE TYPE … AS RANGE (…)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub name: QName,
    pub subtype: Type,
    /// `subtype_opclass`, `collation`, `canonical`, `subtype_diff`, `multirange_type_name`
    pub options: Options,
}

const MULTIRANGE: Name = Name::new_static("multirange_type_name");

impl Range {
    /// The type of several of its ranges. It has a name of its own, which does not follow when the range is renamed.
    pub fn multirange(&self) -> QName {
        self.options.get(&MULTIRANGE).and_then(|given| regclass(given)).unwrap_or_else(|| self.usual_multirange())
    }

    /// Gives the multirange type its name; the one that it would have anyway is not worth telling.
    pub fn set_multirange(&mut self, name: &QName) {
        match self.usual_multirange() == *name {
            true => self.options.remove(&MULTIRANGE),
            false => self.options.insert(MULTIRANGE, name.to_string().into()),
        };
    }

    fn usual_multirange(&self) -> QName {
        QName::new(self.name.schema.clone(), usual_multirange(&self.name.name))
    }
}

/// The name that the database chooses (makeMultirangeTypeName): the first `range` in it becomes `multirange`, else that
/// word comes behind what there is room for.
fn usual_multirange(range: &str) -> Name {
    const SUFFIX: &str = "_multirange";
    match range.contains("range") {
        true => cut(&range.replacen("range", "multirange", 1), LONGEST).into(),
        false => format!("{}{SUFFIX}", cut(range, LONGEST - SUFFIX.len())).into(),
    }
}

fn cut(name: &str, mut end: usize) -> &str {
    if name.len() <= end {
        return name;
    }
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
