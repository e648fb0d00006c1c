//! One aspect of an object as the statements that change it.

use model::change::Aspect;
use model::name::{literal, quoted};
use model::object::{
    Attribute, Deferrable, Enabled, Generated, Identity, Object, Persistence, Publication, Role, RowSecurity, Sequence,
};
use model::path::Kind;
use model::{Expr, Name, Path, QName, Schema, Type};

use super::change::column_owner;
use super::{
    column, comment, constraint, grant, named, policy, publication, role, routine, sequence, table, target, trigger,
    types, words,
};

pub(super) fn statements(before: &Schema, path: &Path, aspect: &Aspect) -> Vec<String> {
    let owner = path.qname();
    let object = format!("ALTER {} {}", comment::kind(before, path), target::name(path));
    let table = format!("ALTER TABLE {owner}");
    let statement = match aspect {
        Aspect::Comment(text) => comment::comment(before, path, text.as_deref()),
        Aspect::Owner(name) => comment::owner(before, path, name),
        Aspect::Grant(one) => grant::grant(path, one),
        Aspect::Revoke(one) => grant::revoke(path, one),
        Aspect::Other(sql) => named::terminated(&sql.to_string()),
        Aspect::Options(options) => return self::options(before, path, options),
        Aspect::Tablespace(name) => format!("{object} SET TABLESPACE {};", quoted(name)),

        Aspect::Type { ty, collation } => set_type(before, path, ty, collation.as_ref(), None),
        Aspect::Default(default) => self::default(before, path, default.as_ref()),
        Aspect::NotNull(not_null) => match (path.kind, not_null) {
            (Kind::Domain, Some(_)) => format!("{object} SET NOT NULL;"),
            (Kind::Domain, None) => format!("{object} DROP NOT NULL;"),
            (_, None) => format!("{} DROP NOT NULL;", self::column(before, path)),
            (_, Some(one)) if one.name.is_none() && !one.not_valid && !one.no_inherit => {
                format!("{} SET NOT NULL;", self::column(before, path))
            }
            (_, Some(one)) => {
                let name = one.name.as_ref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default();
                let no_inherit = if one.no_inherit { " NO INHERIT" } else { "" };
                let not_valid = if one.not_valid { " NOT VALID" } else { "" };
                format!("{table} ADD {name}NOT NULL {}{no_inherit}{not_valid};", quoted(&path.part))
            }
        },
        Aspect::Identity(identity) => self::identity(before, path, identity.as_deref()),
        Aspect::Generated(generated) => self::generated(before, path, generated.as_deref()),
        Aspect::Storage(storage) => {
            // DEFAULT is a word here only since 16.
            let usual = before.column(&owner, &path.part).and_then(|column| column.ty.usual_storage());
            let storage = storage.as_ref().map_or(usual.unwrap_or("DEFAULT"), |storage| storage.as_str());
            format!("{} SET STORAGE {storage};", self::column(before, path))
        }
        Aspect::Compression(method) => {
            let method = method.as_ref().map_or("DEFAULT".into(), |method| quoted(method));
            format!("{} SET COMPRESSION {method};", self::column(before, path))
        }
        Aspect::ColumnStatistics(target) => {
            format!("{} SET STATISTICS {};", self::column(before, path), target.unwrap_or(-1))
        }

        Aspect::Validate => format!("{table} VALIDATE CONSTRAINT {};", quoted(&path.part)),
        Aspect::Deferrable(deferrable) => {
            let words = match deferrable {
                Deferrable::No => " NOT DEFERRABLE",
                deferrable => constraint::deferrable(*deferrable),
            };
            format!("{table} ALTER CONSTRAINT {}{words};", quoted(&path.part))
        }
        Aspect::Enforced(enforced) => {
            let words = if *enforced { "ENFORCED" } else { "NOT ENFORCED" };
            format!("{table} ALTER CONSTRAINT {} {words};", quoted(&path.part))
        }
        Aspect::NoInherit(no_inherit) => {
            let words = if *no_inherit { "NO INHERIT" } else { "INHERIT" };
            format!("{table} ALTER CONSTRAINT {} {words};", quoted(&path.part))
        }

        Aspect::Persistence(persistence) => {
            format!("{object} SET {};", if *persistence == Persistence::Unlogged { "UNLOGGED" } else { "LOGGED" })
        }
        Aspect::RowSecurity(now) => return row_security(before, &owner, *now),
        Aspect::ReplicaIdentity(identity) => table::replica_identity(&owner, identity),
        Aspect::Inherit(parent) => format!("{table} INHERIT {parent};"),
        Aspect::NoInheritFrom(parent) => format!("{table} NO INHERIT {parent};"),
        Aspect::AttachPartition { partition, bound } => format!("{table} ATTACH PARTITION {partition} {bound};"),
        Aspect::DetachPartition { partition } => format!("{table} DETACH PARTITION {partition};"),
        Aspect::OfType(Some(ty)) => format!("{table} OF {ty};"),
        Aspect::OfType(None) => format!("{table} NOT OF;"),
        Aspect::AccessMethod(method) => format!("{object} SET ACCESS METHOD {};", quoted(method)),
        Aspect::ClusterOn(Some(index)) => format!("{object} CLUSTER ON {};", quoted(index)),
        Aspect::ClusterOn(None) => format!("{object} SET WITHOUT CLUSTER;"),

        Aspect::AttachIndex(index) => format!("{object} ATTACH PARTITION {index};"),
        Aspect::KeyStatistics { key, target } => {
            format!("{object} ALTER COLUMN {key} SET STATISTICS {};", target.unwrap_or(-1))
        }

        Aspect::Enabled(enabled) => self::enabled(path, *enabled),
        Aspect::ViewDefault { column, default } => {
            let what = default.as_ref().map_or("DROP DEFAULT".to_owned(), |default| format!("SET DEFAULT {default}"));
            format!("{object} ALTER COLUMN {} {what};", quoted(column))
        }
        Aspect::Sequence(now) => return self::sequence(before, path, now),

        Aspect::AddValue { value, before, after } => {
            let place = match (before, after) {
                (Some(before), _) => format!(" BEFORE {}", literal(before)),
                (None, Some(after)) => format!(" AFTER {}", literal(after)),
                (None, None) => String::new(),
            };
            format!("{object} ADD VALUE {}{place};", literal(value))
        }
        Aspect::RenameValue { from, to } => format!("{object} RENAME VALUE {} TO {};", literal(from), literal(to)),
        Aspect::AddAttribute(attribute) => {
            format!("{object} ADD ATTRIBUTE {}{};", types::attribute(attribute), with_tables(before, path))
        }
        Aspect::DropAttribute(name) => {
            format!("{object} DROP ATTRIBUTE {}{};", quoted(name), with_tables(before, path))
        }
        Aspect::RenameAttribute { from, to } => {
            let cascade = with_tables(before, path);
            format!("{object} RENAME ATTRIBUTE {} TO {}{cascade};", quoted(from), quoted(to))
        }
        Aspect::SetAttribute(attribute) => {
            format!("{object} {}{};", set_attribute(attribute), with_tables(before, path))
        }
        Aspect::AddDomainCheck(check) => format!("{object} ADD {};", types::check(check)),
        Aspect::DropDomainCheck(name) => format!("{object} DROP CONSTRAINT {};", quoted(name)),
        Aspect::RenameDomainCheck { from, to } => {
            format!("{object} RENAME CONSTRAINT {} TO {};", quoted(from), quoted(to))
        }
        Aspect::ValidateDomainCheck(name) => format!("{object} VALIDATE CONSTRAINT {};", quoted(name)),

        Aspect::Routine(now) => routine::create(now, "CREATE OR REPLACE"),
        Aspect::Policy(now) => policy::alter(&owner, now),
        Aspect::Publication(now) => return publication::alter(before, publication_before(before, path), now),
        Aspect::StatisticsTarget(target) => format!("{object} SET STATISTICS {};", target.unwrap_or(-1)),
        Aspect::Role(now) => return role::alter(role_before(before, path), now),
        Aspect::Version(version) => {
            let to = version.as_ref().map(|version| format!(" TO {}", literal(version))).unwrap_or_default();
            format!("{object} UPDATE{to};")
        }
    };
    vec![statement]
}

/// `ALTER TABLE orders ALTER COLUMN total`
fn column(before: &Schema, path: &Path) -> String {
    let owner = path.qname();
    format!("ALTER {} {owner} ALTER COLUMN {}", column_owner(before, &owner), quoted(&path.part))
}

/// `using` is how the values are converted; without it, as the types ask for.
pub(super) fn set_type(
    before: &Schema,
    path: &Path,
    ty: &Type,
    collation: Option<&QName>,
    using: Option<String>,
) -> String {
    let existing = before.column(&path.qname(), &path.part);
    let using = using.or_else(|| existing.and_then(|column| conversion(&column.ty, ty, &path.part)));
    let using = using.map(|using| format!(" USING {using}")).unwrap_or_default();
    format!("{} TYPE {ty}{}{using};", column(before, path), column::collate(collation))
}

/// The conversion that the database does not make by itself (manual, CREATE CAST: assignment casts).
fn conversion(from: &Type, to: &Type, column: &str) -> Option<String> {
    match to {
        Type::Boolean if from.is_integer() => Some(format!("{} <> 0", quoted(column))),
        _ if from.is_text() && !to.is_text() => Some(format!("{}::{to}", quoted(column))),
        _ => None,
    }
}

fn default(before: &Schema, path: &Path, default: Option<&Expr>) -> String {
    let owner = match path.kind {
        Kind::Domain => format!("ALTER DOMAIN {}", path.qname()),
        _ => column(before, path),
    };
    match default {
        Some(default) => format!("{owner} SET DEFAULT {default};"),
        None => format!("{owner} DROP DEFAULT;"),
    }
}

fn identity(before: &Schema, path: &Path, identity: Option<&Identity>) -> String {
    let column = column(before, path);
    let owner = path.qname();
    let existing = before.column(&owner, &path.part);
    let Some(identity) = identity else { return format!("{column} DROP IDENTITY;") };
    if existing.is_some_and(|existing| existing.identity.is_some()) {
        let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
        let options = sequence::options(&identity.sequence, None);
        let options: String = options.iter().map(|option| format!(" SET {option}")).collect();
        return format!("{column} SET GENERATED {when}{options};");
    }
    let new = model::object::Column::new(path.part.clone(), identity.sequence.ty.clone());
    format!("{column} ADD {};", column::identity(identity, &owner, existing.unwrap_or(&new)))
}

fn generated(before: &Schema, path: &Path, generated: Option<&Generated>) -> String {
    let column = column(before, path);
    match generated {
        Some(generated) => format!("{column} SET EXPRESSION AS ({});", generated.expr),
        None => format!("{column} DROP EXPRESSION;"),
    }
}

/// Only what is another than before; without anything known of the table, both facts.
fn row_security(before: &Schema, owner: &QName, now: RowSecurity) -> Vec<String> {
    let was = before.table(owner).map(|table| table.row_security);
    let mut statements = Vec::new();
    if was.is_none_or(|was| was.enabled != now.enabled) {
        let word = if now.enabled { "ENABLE" } else { "DISABLE" };
        statements.push(format!("ALTER TABLE {owner} {word} ROW LEVEL SECURITY;"));
    }
    if was.is_none_or(|was| was.forced != now.forced) {
        let word = if now.forced { "FORCE" } else { "NO FORCE" };
        statements.push(format!("ALTER TABLE {owner} {word} ROW LEVEL SECURITY;"));
    }
    statements
}

fn enabled(path: &Path, enabled: Enabled) -> String {
    let words = trigger::enabled(enabled);
    match path.kind {
        Kind::EventTrigger => format!("ALTER EVENT TRIGGER {} {words};", quoted(&path.name)),
        Kind::Rule => format!("ALTER TABLE {} {words} RULE {};", path.qname(), quoted(&path.part)),
        _ => format!("ALTER TABLE {} {words} TRIGGER {};", path.qname(), quoted(&path.part)),
    }
}

/// Options are set and reset by two statements; those of foreign objects are added, set and dropped by one.
fn options(before: &Schema, path: &Path, options: &[(Name, Option<Name>)]) -> Vec<String> {
    let owner = path.qname();
    let foreign = before.table(&owner).and_then(|table| table.foreign.as_ref());
    let head = match path.kind {
        Kind::Column => column(before, path),
        _ => format!("ALTER {} {}", comment::kind(before, path), target::name(path)),
    };
    if let (Some(foreign), Kind::Table | Kind::Column) = (foreign, path.kind) {
        let known = match path.kind {
            Kind::Column => before.column(&owner, &path.part).map(|column| &column.options),
            _ => Some(&foreign.options),
        };
        let items = options.iter().map(|(name, value)| match value {
            Some(value) => {
                let verb = if known.is_some_and(|known| known.contains_key(name)) { "SET" } else { "ADD" };
                format!("{verb} {} {}", quoted(name), literal(value))
            }
            None => format!("DROP {}", quoted(name)),
        });
        return vec![format!("{head} OPTIONS ({});", items.collect::<Vec<_>>().join(", "))];
    }
    let set: Vec<String> =
        options.iter().filter_map(|(name, value)| Some(words::parameter(name, value.as_ref()?))).collect();
    let reset: Vec<&str> = options.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
    let set = (!set.is_empty()).then(|| format!("{head} SET ({});", set.join(", ")));
    let reset = (!reset.is_empty()).then(|| format!("{head} RESET ({});", reset.join(", ")));
    set.into_iter().chain(reset).collect()
}

/// The sequence behind an identity column is altered by its own name, too.
fn sequence(before: &Schema, path: &Path, now: &Sequence) -> Vec<String> {
    let was = before.sequence(&path.qname());
    let alter = format!("ALTER SEQUENCE {}", now.name);
    let mut statements = Vec::new();
    let mut options = sequence::options(now, None);
    if let Some(was) = was {
        let old = sequence::options(was, None);
        options.retain(|option| !old.contains(option));
    }
    if was.is_some_and(|was| was.ty != now.ty) {
        options.insert(0, format!("AS {}", now.ty));
    }
    if !options.is_empty() {
        statements.push(format!("{alter} {};", options.join(" ")));
    }
    if was.is_some_and(|was| was.owned_by != now.owned_by) {
        statements.push(sequence::owned_by(now));
    }
    if was.is_some_and(|was| was.persistence != now.persistence) {
        let word = if now.persistence == Persistence::Unlogged { "UNLOGGED" } else { "LOGGED" };
        statements.push(format!("{alter} SET {word};"));
    }
    statements
}

/// Tables of the type change with it, which has to be said.
fn with_tables(before: &Schema, ty: &Path) -> &'static str {
    let of = ty.qname();
    if before.tables().any(|table| table.of_type.as_ref() == Some(&of)) { " CASCADE" } else { "" }
}

fn set_attribute(attribute: &Attribute) -> String {
    let collation = column::collate(attribute.collation.as_ref());
    format!("ALTER ATTRIBUTE {} TYPE {}{collation}", quoted(&attribute.name), attribute.ty)
}

fn publication_before<'a>(before: &'a Schema, path: &Path) -> Option<&'a Publication> {
    match before.object(path)? {
        Object::Publication(publication) => Some(publication),
        _ => None,
    }
}

fn role_before<'a>(before: &'a Schema, path: &Path) -> Option<&'a Role> {
    match before.object(path)? {
        Object::Role(role) => Some(role),
        _ => None,
    }
}
