//! A change in words: `add column orders.note`, `orders.total becomes bigint`.

use model::change::Aspect;
use model::object::Enabled;
use model::{Change, Kind, Path, Schema};

/// What the change does, in a line.
pub fn change(before: &Schema, change: &Change) -> String {
    let thing = |path: &Path| format!("{} {path}", path.kind.sql().to_lowercase());
    match change {
        Change::Create { path, .. } => {
            let verb = if path.kind == Kind::Column || path.kind == Kind::Constraint { "add" } else { "create" };
            format!("{verb} {}", of_table(&thing(path), path))
        }
        Change::Replace { path, .. } => format!("replace {}", of_table(&thing(path), path)),
        Change::Drop { path, .. } => format!("drop {}", of_table(&thing(path), path)),
        Change::Rename { path, to } => format!("rename {} to {}", thing(path), model::name::quoted(to)),
        Change::Move { path, to } => format!("move {} to schema {}", thing(path), model::name::quoted(to)),
        Change::Alter { path, aspect } => alter(before, path, aspect),
    }
}

/// An index does not say its table by itself.
fn of_table(thing: &str, path: &Path) -> String {
    match path.kind {
        Kind::Index => format!("{thing} on {}", path.qname()),
        _ => thing.to_owned(),
    }
}

fn alter(before: &Schema, path: &Path, aspect: &Aspect) -> String {
    let thing = || format!("{} {path}", path.kind.sql().to_lowercase());
    match aspect {
        Aspect::Comment(Some(_)) => format!("comment on {}", thing()),
        Aspect::Comment(None) => format!("drop the comment on {}", thing()),
        Aspect::Owner(owner) => format!("{path} belongs to {owner}"),
        Aspect::Grant(_) => format!("grant on {}", thing()),
        Aspect::Revoke(_) => format!("revoke on {}", thing()),
        Aspect::Other(_) | Aspect::Routine(_) | Aspect::Policy(_) | Aspect::Publication(_) | Aspect::Role(_) => {
            format!("alter {}", thing())
        }
        Aspect::Options(options) => {
            let names: Vec<&str> = options.iter().map(|(name, _)| name.as_str()).collect();
            format!("{path}: option {}", names.join(", "))
        }
        Aspect::Tablespace(name) => format!("move {} to tablespace {name}", thing()),
        Aspect::Type { ty, .. } => match before.column(&path.qname(), &path.part) {
            Some(column) => format!("{path} changes from {} to {ty}", column.ty),
            None => format!("{path} becomes {ty}"),
        },
        Aspect::Default(Some(default)) => format!("{path} defaults to {default}"),
        Aspect::Default(None) => format!("{path} loses its default"),
        Aspect::NotNull(Some(_)) => format!("{path} becomes NOT NULL"),
        Aspect::NotNull(None) => format!("{path} becomes nullable"),
        Aspect::Identity(Some(_)) => format!("{path} is numbered by identity"),
        Aspect::Identity(None) => format!("{path} is no identity column any more"),
        Aspect::Generated(Some(_)) => format!("{path} is generated differently"),
        Aspect::Generated(None) => format!("{path} is no generated column any more"),
        Aspect::Storage(_) => format!("{path}: storage"),
        Aspect::Compression(_) => format!("{path}: compression"),
        Aspect::ColumnStatistics(_) | Aspect::KeyStatistics { .. } | Aspect::StatisticsTarget(_) => {
            format!("{path}: statistics target")
        }
        Aspect::Validate => format!("validate {}", thing()),
        Aspect::Deferrable(_) => format!("{path}: when it is checked"),
        Aspect::Enforced(true) => format!("enforce {}", thing()),
        Aspect::Enforced(false) => format!("stop enforcing {}", thing()),
        Aspect::NoInherit(_) => format!("{path}: whether children inherit it"),
        Aspect::Persistence(_) => format!("{path}: whether it survives a crash"),
        Aspect::RowSecurity(security) => {
            let word = if security.enabled { "enable" } else { "disable" };
            format!("{word} row security of {path}")
        }
        Aspect::ReplicaIdentity(_) => format!("{path}: replica identity"),
        Aspect::Inherit(parent) => format!("{path} inherits from {parent}"),
        Aspect::NoInheritFrom(parent) => format!("{path} no longer inherits from {parent}"),
        Aspect::AttachPartition { partition, .. } => format!("attach partition {partition} to {path}"),
        Aspect::DetachPartition { partition } => format!("detach partition {partition} from {path}"),
        Aspect::OfType(_) => format!("{path}: the type that it is of"),
        Aspect::AccessMethod(method) => format!("{path} is kept by {method}"),
        Aspect::ClusterOn(_) => format!("{path}: the index to cluster by"),
        Aspect::AttachIndex(part) => format!("attach index {part} to {path}"),
        Aspect::Enabled(Enabled::Disabled) => format!("disable {}", thing()),
        Aspect::Enabled(_) => format!("enable {}", thing()),
        Aspect::ViewDefault { column, .. } => format!("{path}: default of {column}"),
        Aspect::Sequence(_) => format!("alter sequence {path}"),
        Aspect::AddValue { value, .. } => format!("add value {value} to {path}"),
        Aspect::RenameValue { from, to } => format!("rename value {from} of {path} to {to}"),
        Aspect::AddAttribute(attribute) => format!("add attribute {} to {path}", attribute.name),
        Aspect::DropAttribute(name) => format!("drop attribute {name} of {path}"),
        Aspect::RenameAttribute { from, to } => format!("rename attribute {from} of {path} to {to}"),
        Aspect::SetAttribute(attribute) => format!("attribute {} of {path} becomes {}", attribute.name, attribute.ty),
        Aspect::AddDomainCheck(check) => format!("add constraint {} to {path}", check.name),
        Aspect::DropDomainCheck(name) => format!("drop constraint {name} of {path}"),
        Aspect::RenameDomainCheck { from, to } => format!("rename constraint {from} of {path} to {to}"),
        Aspect::ValidateDomainCheck(name) => format!("validate constraint {name} of {path}"),
        Aspect::Version(_) => format!("update {}", thing()),
    }
}
