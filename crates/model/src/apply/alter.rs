//! ALTER: one aspect of one thing gets a new state.

mod column;
mod constraint;
mod domain;
mod options;
mod sequence;
mod table;
mod types;

use std::sync::Arc;

use super::work::{Outcome, Work, exists, invalid, missing};
use super::{grants, inherit};
use crate::change::Aspect;
use crate::name::{Name, PG_CATALOG, QName};
use crate::object::{Enabled, Object};
use crate::path::{Kind, Path};

pub(super) fn alter(work: &mut Work, path: &Path, aspect: &Aspect) -> Outcome {
    let path = &match aspect {
        // The index behind a key has a comment of its own.
        Aspect::Comment(_) if is_index_of_key(work, path) => path.clone(),
        _ => work.resolved(path)?,
    };
    need(work, path)?;
    match aspect {
        Aspect::Comment(comment) => set_comment(work, path, comment.as_ref()),
        Aspect::Owner(owner) => set_owner(work, path, owner),
        Aspect::Grant(grant) => grants::grant(work, path, grant),
        Aspect::Revoke(grant) => grants::revoke(work, path, grant),
        Aspect::Other(sql) => {
            if let Some(Object::Named(named)) = work.schema.objects.get_mut(path) {
                named.alters.push(sql.clone());
            }
        }
        Aspect::Options(options) => options::set_options(work, path, options)?,
        Aspect::Tablespace(tablespace) => options::set_tablespace(work, path, tablespace)?,

        Aspect::Type { ty, collation } => column::set_type(work, path, ty, collation.as_ref())?,
        Aspect::Default(default) => match path.kind {
            Kind::Domain => domain::edit(work, path, |domain| domain.default.clone_from(default))?,
            _ => column::set_default(work, path, default.as_ref())?,
        },
        Aspect::NotNull(not_null) => match path.kind {
            Kind::Domain => domain::edit(work, path, |domain| domain.not_null.clone_from(not_null))?,
            _ => column::set_not_null(work, path, not_null.as_ref())?,
        },
        Aspect::Identity(identity) => column::set_identity(work, path, identity.as_deref())?,
        Aspect::Generated(generated) => column::set_generated(work, path, generated.as_deref())?,
        Aspect::Storage(storage) => column::each(work, path, &|column| column.storage.clone_from(storage))?,
        Aspect::Compression(method) => column::one(work, path, |column| column.compression.clone_from(method))?,
        Aspect::ColumnStatistics(target) => column::each(work, path, &|column| column.statistics = *target)?,

        Aspect::Validate => constraint::validate(work, path)?,
        Aspect::Deferrable(deferrable) => constraint::each(work, path, &|own| own.deferrable = *deferrable)?,
        Aspect::Enforced(enforced) => constraint::each(work, path, &|own| own.enforced = *enforced)?,
        Aspect::NoInherit(no_inherit) => constraint::set_no_inherit(work, path, *no_inherit)?,

        Aspect::Persistence(persistence) => table::set_persistence(work, path, *persistence)?,
        Aspect::RowSecurity(security) => work.table_mut(&path.qname())?.row_security = *security,
        Aspect::ReplicaIdentity(identity) => table::set_replica_identity(work, path, identity)?,
        Aspect::Inherit(parent) => inherit::inherit(work, &path.qname(), parent)?,
        Aspect::NoInheritFrom(parent) => inherit::disinherit(work, &path.qname(), parent)?,
        Aspect::AttachPartition { partition, bound } => inherit::attach(work, &path.qname(), partition, bound)?,
        Aspect::DetachPartition { partition } => inherit::detach(work, &path.qname(), partition)?,
        Aspect::OfType(of) => table::set_of_type(work, path, of.as_ref())?,
        Aspect::AccessMethod(method) => table::set_access_method(work, path, method)?,
        Aspect::ClusterOn(index) => table::cluster_on(work, path, index.as_ref())?,

        Aspect::AttachIndex(part) => inherit::attach_index(work, path, part)?,
        Aspect::KeyStatistics { key, target } => options::set_key_statistics(work, path, *key, *target)?,

        Aspect::Enabled(enabled) => set_enabled(work, path, *enabled)?,
        Aspect::ViewDefault { column, default } => {
            column::set_view_default(work, &path.qname(), column, default.as_ref())?;
        }
        Aspect::Sequence(new) => sequence::set(work, path, new)?,

        Aspect::AddValue { value, before, after } => {
            types::add_value(work, path, value, before.as_ref(), after.as_ref())?;
        }
        Aspect::RenameValue { from, to } => types::rename_value(work, path, from, to)?,
        Aspect::AddAttribute(attribute) => types::add_attribute(work, path, attribute)?,
        Aspect::DropAttribute(name) => types::drop_attribute(work, path, name)?,
        Aspect::RenameAttribute { from, to } => types::rename_attribute(work, path, from, to)?,
        Aspect::SetAttribute(attribute) => types::set_attribute(work, path, attribute)?,
        Aspect::AddDomainCheck(check) => domain::add_check(work, path, check)?,
        Aspect::DropDomainCheck(name) => domain::drop_check(work, path, name)?,
        Aspect::RenameDomainCheck { from, to } => domain::rename_check(work, path, from, to)?,
        Aspect::ValidateDomainCheck(name) => domain::validate_check(work, path, name)?,

        Aspect::Routine(routine) => put(work, path, Object::Routine(Arc::from(routine.clone())))?,
        Aspect::Policy(policy) => {
            let owner = path.qname();
            let policies = &mut work.table_mut(&owner)?.policies;
            if let Some(known) = policies.iter_mut().find(|known| known.name == path.part) {
                *known = (**policy).clone();
                known.name = path.part.clone();
            }
        }
        Aspect::Publication(publication) => put(work, path, Object::Publication((**publication).clone()))?,
        Aspect::Role(role) => match work.object_mut(path) {
            Ok(known) => *known = Object::Role((**role).clone()),
            // Roles belong to the cluster: one that no source made may well be there.
            Err(_) => work.schema.objects.insert_mut(path.clone(), Object::Role((**role).clone())),
        },
        Aspect::StatisticsTarget(target) => match work.object_mut(path)? {
            Object::Statistics(statistics) => statistics.target = *target,
            _ => return Err(invalid(format!("{path} is not a statistics object"))),
        },
        Aspect::Version(version) => match work.object_mut(path)? {
            Object::Extension(extension) => extension.version.clone_from(version),
            _ => return Err(invalid(format!("{path} is not an extension"))),
        },
    }
    work.altered(path.clone());
    Ok(())
}

/// Puts the new state in the place of the old one.
fn put(work: &mut Work, path: &Path, object: Object) -> Outcome {
    *work.object_mut(path)? = object;
    Ok(())
}

/// The thing must be there; of what lives beside the database it is taken on trust.
fn need(work: &Work, path: &Path) -> Outcome {
    let schema = &work.schema;
    let owner = path.qname();
    let known = match path.kind {
        Kind::Role
        | Kind::Database
        | Kind::Tablespace
        | Kind::Language
        | Kind::AccessMethod
        | Kind::Cast
        | Kind::DefaultPrivileges => true,
        Kind::Constraint if schema.table(&owner).is_none() => {
            match schema.object(&Path::object(Kind::Domain, &owner)) {
                Some(Object::Domain(domain)) => domain.checks.iter().any(|check| check.name == path.part),
                _ => false,
            }
        }
        // The columns of a view are not always known.
        Kind::Column => schema.contains(path) || schema.view(&owner).is_some_and(|view| view.columns.is_empty()),
        Kind::Sequence => {
            schema.contains(path) || schema.relation(&owner).is_some_and(|held| held.kind == Kind::Column)
        }
        Kind::Namespace if path.name.starts_with("pg_") || path.name == "information_schema" => true,
        _ if path.schema == PG_CATALOG => true,
        _ => schema.contains(path) || is_attribute(work, path),
    };
    if known || is_attribute(work, path) || is_index_of_key(work, path) { Ok(()) } else { Err(missing(path.clone())) }
}

fn is_index_of_key(work: &Work, path: &Path) -> bool {
    path.kind == Kind::Index && work.schema.contains(&Path { kind: Kind::Constraint, ..path.clone() })
}

/// `COMMENT ON COLUMN` speaks of the attributes of a composite type too.
fn is_attribute(work: &Work, path: &Path) -> bool {
    let composite = Path::object(Kind::Composite, &path.qname());
    match work.schema.object(&composite) {
        Some(Object::Composite(composite)) if path.kind == Kind::Column => {
            composite.attributes.iter().any(|attribute| attribute.name == path.part)
        }
        _ => false,
    }
}

fn set_comment(work: &mut Work, path: &Path, comment: Option<&Name>) {
    match comment.filter(|comment| !comment.is_empty()) {
        Some(comment) => work.schema.comments.insert_mut(path.clone(), comment.clone()),
        None => {
            work.schema.comments.remove_mut(path);
        }
    }
}

/// The sequences that a table owns change hands with it. Who runs the statement is nobody in particular: what belongs
/// to them has no owner worth telling.
fn set_owner(work: &mut Work, path: &Path, owner: &Name) {
    let nobody = matches!(owner.as_str(), "CURRENT_USER" | "CURRENT_ROLE" | "SESSION_USER");
    let sequences = if path.kind == Kind::Table { sequence::owned_by(work, &path.qname()) } else { Vec::new() };
    for path in std::iter::once(path.clone()).chain(sequences) {
        match nobody {
            true => {
                work.schema.owners.remove_mut(&path);
            }
            false => {
                let former = work.schema.owner(&path).cloned();
                work.schema.owners.insert_mut(path.clone(), owner.clone());
                grants::owned(work, &path, former.as_ref(), owner);
            }
        }
    }
}

fn set_enabled(work: &mut Work, path: &Path, enabled: Enabled) -> Outcome {
    if let Some(Object::EventTrigger(trigger)) = work.schema.objects.get_mut(path) {
        trigger.enabled = enabled;
        return Ok(());
    }
    let owner = path.qname();
    let part = &path.part;
    let (triggers, rules) = if work.view_path(&owner).is_some() {
        let view = work.view_mut(&owner)?;
        (&mut view.triggers, &mut view.rules)
    } else {
        let table = work.table_mut(&owner)?;
        (&mut table.triggers, &mut table.rules)
    };
    if path.kind == Kind::Rule {
        rules.iter_mut().filter(|rule| rule.name == *part).for_each(|rule| rule.enabled = enabled);
        return Ok(());
    }
    triggers.iter_mut().filter(|trigger| trigger.name == *part).for_each(|trigger| trigger.enabled = enabled);
    for child in work.children(&owner) {
        let path = Path::part(Kind::Trigger, &child, part.clone());
        if work.schema.contains(&path) {
            set_enabled(work, &path, enabled)?;
        }
    }
    Ok(())
}

/// A name among a list of parts must be free.
fn need_free<'a>(mut names: impl Iterator<Item = &'a Name>, owner: &QName, name: &Name) -> Outcome {
    if names.any(|known| known == name) { Err(exists(Path::column(owner, name.clone()))) } else { Ok(()) }
}
