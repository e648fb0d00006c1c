//! Types that the user made.

use std::collections::BTreeMap;

use model::object;
use schemars::JsonSchema;
use serde::Serialize;

use super::{About, Reference, options, text, texts};

/// A type with a closed list of values.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Enum {
    #[serde(flatten)]
    pub id: Reference,
    /// In their order.
    pub values: Vec<String>,
    #[serde(flatten)]
    pub about: About,
}

/// A type with conditions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Domain {
    #[serde(flatten)]
    pub id: Reference,
    #[serde(rename = "type")]
    pub ty: String,
    pub collation: Option<String>,
    pub default: Option<String>,
    pub not_null: bool,
    pub checks: Vec<DomainCheck>,
    #[serde(flatten)]
    pub about: About,
}

/// A condition that every value of a domain meets.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DomainCheck {
    pub name: String,
    pub expression: String,
    pub valid: bool,
}

/// A type with fields.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Composite {
    #[serde(flatten)]
    pub id: Reference,
    pub attributes: Vec<Attribute>,
    #[serde(flatten)]
    pub about: About,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Attribute {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: String,
    pub collation: Option<String>,
}

/// A type of ranges.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Range {
    #[serde(flatten)]
    pub id: Reference,
    pub subtype: String,
    pub options: BTreeMap<String, String>,
    #[serde(flatten)]
    pub about: About,
}

impl Enum {
    pub(super) fn of(ty: &object::Enum, about: About) -> Enum {
        Enum { id: (&ty.name).into(), values: texts(&ty.values), about }
    }
}

impl Domain {
    pub(super) fn of(ty: &object::Domain, about: About) -> Domain {
        let check = |check: &object::DomainCheck| DomainCheck {
            name: text(&check.name),
            expression: text(&check.expr),
            valid: check.valid,
        };
        Domain {
            id: (&ty.name).into(),
            ty: text(&ty.base),
            collation: ty.collation.as_ref().map(text),
            default: ty.default.as_ref().map(text),
            not_null: ty.not_null.is_some(),
            checks: ty.checks.iter().map(check).collect(),
            about,
        }
    }
}

impl Composite {
    pub(super) fn of(ty: &object::Composite, about: About) -> Composite {
        let attribute = |attribute: &object::Attribute| Attribute {
            name: text(&attribute.name),
            ty: text(&attribute.ty),
            collation: attribute.collation.as_ref().map(text),
        };
        Composite { id: (&ty.name).into(), attributes: ty.attributes.iter().map(attribute).collect(), about }
    }
}

impl Range {
    pub(super) fn of(ty: &object::Range, about: About) -> Range {
        Range { id: (&ty.name).into(), subtype: text(&ty.subtype), options: options(&ty.options), about }
    }
}
