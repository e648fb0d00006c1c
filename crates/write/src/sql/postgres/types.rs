//! Types: enums, domains, composite and range types.

use model::name::{literal, quoted};
use model::object::{Attribute, Composite, Domain, DomainCheck, Enum, Range};

use super::{column, words};

pub(super) fn enumeration(ty: &Enum) -> String {
    let values: Vec<String> = ty.values.iter().map(|value| literal(value)).collect();
    format!("{};", words::list(&format!("CREATE TYPE {} AS ENUM", ty.name), &values))
}

pub(super) fn composite(ty: &Composite) -> String {
    let attributes: Vec<String> = ty.attributes.iter().map(attribute).collect();
    format!("{};", words::block(&format!("CREATE TYPE {} AS", ty.name), &attributes))
}

pub(super) fn attribute(attribute: &Attribute) -> String {
    format!("{} {}{}", quoted(&attribute.name), attribute.ty, column::collate(attribute.collation.as_ref()))
}

pub(super) fn range(ty: &Range) -> String {
    // The values are names of types and functions, not strings.
    let options = ty.options.iter().map(|(name, value)| format!("{name} = {value}"));
    let options: Vec<String> = std::iter::once(format!("subtype = {}", ty.subtype)).chain(options).collect();
    format!("{};", words::list(&format!("CREATE TYPE {} AS RANGE", ty.name), &options))
}

/// The domain with those of its parts for which `keep` holds; what is left out is said by ALTER DOMAIN.
pub(super) fn domain(domain: &Domain, default: bool, keep: impl Fn(&DomainCheck) -> bool) -> String {
    let mut sql = format!("CREATE DOMAIN {} AS {}", domain.name, domain.base);
    sql += &column::collate(domain.collation.as_ref());
    if let Some(default) = domain.default.as_ref().filter(|_| default) {
        sql += &format!(" DEFAULT {}", column::default_value(default));
    }
    if let Some(not_null) = &domain.not_null {
        sql += &format!(" {}", column::not_null(not_null));
    }
    for check in domain.checks.iter().filter(|check| check.valid && keep(check)) {
        sql += &format!("\n{}{}", words::INDENT, self::check(check));
    }
    format!("{sql};")
}

/// `CONSTRAINT positive CHECK (value > 0)`
pub(super) fn check(check: &DomainCheck) -> String {
    let name = if check.name.is_empty() { String::new() } else { format!("CONSTRAINT {} ", quoted(&check.name)) };
    format!("{name}CHECK ({}){}", check.expr, if check.valid { "" } else { " NOT VALID" })
}

pub(super) fn add_check(domain: &Domain, check: &DomainCheck) -> String {
    format!("ALTER DOMAIN {} ADD {};", domain.name, self::check(check))
}
