//! CREATE TYPE and CREATE DOMAIN.

use std::sync::Arc;

use crate::apply::naming::choose_constraint_name;
use crate::apply::work::{Outcome, Work, exists};
use crate::expr::Expr;
use crate::name::Name;
use crate::object::{Domain, DomainCheck, Object};
use crate::path::{Kind, Path};
use crate::schema::Schema;
use crate::ty::Type;

pub(in crate::apply) fn create_type(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    // A shell type gives way to the type that it announced.
    let shell = Path { kind: Kind::BaseType, ..path.clone() };
    if path.kind != Kind::BaseType && path.kind == Kind::Range {
        work.leave(&shell);
    }
    work.need_free_type(&path.qname())?;
    match object {
        Object::Domain(domain) => {
            let mut domain = with_named_checks(&work.schema, domain)?;
            domain.default = domain.default.take().or_else(|| default_of(&work.schema, &domain));
            super::create_in_schema(work, path, &Object::Domain(Arc::new(domain)))
        }
        other => super::create_in_schema(work, path, other),
    }
}

/// A domain over a domain takes over the default that it has at that moment (DefineDomain).
fn default_of(schema: &Schema, domain: &Domain) -> Option<Expr> {
    match schema.object(&Path::object(Kind::Domain, domain.base.user_defined()?)) {
        Some(Object::Domain(base)) if !matches!(domain.base, Type::Array(_)) => base.default.clone(),
        _ => None,
    }
}

fn with_named_checks(schema: &Schema, given: &Domain) -> Outcome<Domain> {
    let mut domain = given.clone();
    let mut scratch = schema.clone();
    let checks = std::mem::take(&mut domain.checks);
    for mut check in checks {
        check.name = name_domain_check(&scratch, &domain, &check)?;
        scratch.count_constraint(crate::QName::new(domain.name.schema.clone(), check.name.clone()));
        domain.checks.push(check);
    }
    Ok(domain)
}

/// The name that a new check of the domain gets.
pub(in crate::apply) fn name_domain_check(schema: &Schema, domain: &Domain, check: &DomainCheck) -> Outcome<Name> {
    if check.name.is_empty() {
        return Ok(choose_constraint_name(schema, &domain.name.schema, &domain.name.name, None, "check"));
    }
    if domain.checks.iter().any(|other| other.name == check.name) {
        return Err(exists(Path::constraint(&domain.name, check.name.clone())));
    }
    Ok(check.name.clone())
}
