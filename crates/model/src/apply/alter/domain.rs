//! ALTER DOMAIN.

use std::sync::Arc;

use crate::apply::create::name_domain_check;
use crate::apply::work::{Outcome, Work, exists, missing};
use crate::name::{Name, QName};
use crate::object::{Domain, DomainCheck, Object};
use crate::path::Path;

pub(super) fn edit(work: &mut Work, path: &Path, change: impl FnOnce(&mut Domain)) -> Outcome {
    change(domain_mut(work, path)?);
    Ok(())
}

pub(super) fn add_check(work: &mut Work, path: &Path, given: &DomainCheck) -> Outcome {
    let domain = domain_mut(work, path)?.clone();
    let mut check = given.clone();
    check.name = name_domain_check(&work.schema, &domain, given)?;
    let owner = path.qname();
    work.created(Path::constraint(&owner, check.name.clone()));
    work.schema.count_constraint(QName::new(owner.schema, check.name.clone()));
    domain_mut(work, path)?.checks.push(check);
    Ok(())
}

pub(super) fn drop_check(work: &mut Work, path: &Path, name: &Name) -> Outcome {
    let part = Path::constraint(&path.qname(), name.clone());
    check_mut(work, path, name)?;
    domain_mut(work, path)?.checks.retain(|check| check.name != *name);
    work.schema.discount_constraint(&QName::new(path.schema.clone(), name.clone()));
    work.schema.comments.remove_mut(&part);
    work.effects.dropped.push(part);
    Ok(())
}

pub(super) fn rename_check(work: &mut Work, path: &Path, from: &Name, to: &Name) -> Outcome {
    let part = |name: &Name| Path::constraint(&path.qname(), name.clone());
    if domain_mut(work, path)?.checks.iter().any(|check| check.name == *to) {
        return Err(exists(part(to)));
    }
    check_mut(work, path, from)?.name = to.clone();
    work.schema.discount_constraint(&QName::new(path.schema.clone(), from.clone()));
    work.schema.count_constraint(QName::new(path.schema.clone(), to.clone()));
    if let Some(comment) = work.schema.comments.get(&part(from)).cloned() {
        work.schema.comments.remove_mut(&part(from));
        work.schema.comments.insert_mut(part(to), comment);
    }
    work.effects.renamed.push((part(from), part(to)));
    Ok(())
}

pub(super) fn validate_check(work: &mut Work, path: &Path, name: &Name) -> Outcome {
    check_mut(work, path, name)?.valid = true;
    Ok(())
}

fn domain_mut<'a>(work: &'a mut Work, path: &Path) -> Outcome<&'a mut Domain> {
    match work.object_mut(path)? {
        Object::Domain(domain) => Ok(Arc::make_mut(domain)),
        _ => Err(missing(path.clone())),
    }
}

fn check_mut<'a>(work: &'a mut Work, path: &Path, name: &Name) -> Outcome<&'a mut DomainCheck> {
    let found = domain_mut(work, path)?.checks.iter_mut().find(|check| check.name == *name);
    found.ok_or_else(|| missing(Path::constraint(&path.qname(), name.clone())))
}
